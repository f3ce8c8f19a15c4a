export const id = 462;
export const ids = [462];
export const modules = {

/***/ 5462:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  githubPorts: () => (/* binding */ githubPorts)
});

// EXTERNAL MODULE: ./node_modules/@actions/core/lib/core.js + 8 modules
var core = __webpack_require__(6058);
;// CONCATENATED MODULE: ./kit/report/visible.ts
const TERMINAL_SEQUENCE = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\^_])/g;
const HIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E0FFF}\p{Surrogate}]/gu;
const JOINERS = new Set(['\u200C', '\u200D']);
/**
 * Text in which nothing hides: control, bidirectional and invisible characters become `<U+202E>`, colours of a terminal
 * go, line ends become `\n`. Joiners inside emoji and non-Latin words stay. Lone surrogates are shown too, so that the
 * result is well-formed.
 */
function makeVisible(text) {
    return text
        .replace(TERMINAL_SEQUENCE, '')
        .replace(/\r\n?/g, '\n')
        .replace(HIDDEN, (character, at, whole) => {
        if (JOINERS.has(character) && joins(whole, at))
            return character;
        return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
    });
}
function joins(text, at) {
    const before = text.charCodeAt(at - 1);
    const after = text.charCodeAt(at + 1);
    const visible = (code) => code > 0x7f && !(code >= 0x2000 && code <= 0x206f);
    return visible(before) && visible(after);
}

;// CONCATENATED MODULE: ./kit/report/inline.ts

const BREAK = '&#8203;';
function oneLine(untrusted) {
    return makeVisible(untrusted).replace(/\s+/g, ' ').trim();
}
/** Mentions, issue references and bare links stay text: a zero-width entity parts them, so nobody is notified. */
function unlink(text) {
    return text
        .replace(/@(?=[A-Za-z0-9_-])/g, `@${BREAK}`)
        .replace(/(?<!&)#(?=\d)/g, `#${BREAK}`)
        .replace(/(?<![A-Za-z0-9])(GH)-(?=\d)/gi, `$1${BREAK}-`)
        .replace(/:\/\//g, `:${BREAK}//`)
        .replace(/(?<![A-Za-z0-9])(www)\./gi, `$1${BREAK}.`);
}
/**
 * Untrusted text for running Markdown: one line, inert. No structure, HTML, link, mention, reference or mathematics comes
 * of it. Safe in a table cell too.
 */
function inline_text(untrusted) {
    const escaped = oneLine(untrusted)
        .replace(/[&<>]/g, character => (character === '&' ? '&amp;' : character === '<' ? '&lt;' : '&gt;'))
        .replace(/[\\`*[\]~$!]/g, '\\$&')
        .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
        .replace(/\|/g, '&#124;')
        .replace(/^([-+=#])/, '\\$1')
        .replace(/^(\d+)([.)])/, '$1\\$2');
    return unlink(escaped);
}
/** Untrusted text for an HTML context (`<summary>`): one line, every character of markup as an entity. Inert in Markdown too. */
function html(untrusted) {
    const escaped = oneLine(untrusted).replace(/[&<>"'\\`*_[\]~$!|]/g, character => {
        if (character === '&')
            return '&amp;';
        if (character === '<')
            return '&lt;';
        if (character === '>')
            return '&gt;';
        return `&#${character.charCodeAt(0)};`;
    });
    return unlink(escaped);
}
/** Untrusted text as inline code, on one line. Safe in a table cell too. */
function code(untrusted) {
    const line = makeVisible(untrusted).replace(/\n/g, ' ');
    if (/^[^`|\s](?:[^`|]*[^`|\s])?$/.test(line))
        return `\`${line}\``;
    return htmlCode(untrusted);
}
/** Untrusted text as inline code for an HTML context (`<summary>`). */
function htmlCode(untrusted) {
    const line = makeVisible(untrusted).replace(/[\n\t]/g, ' ');
    const escaped = line.replace(/[^A-Za-z0-9 ./:@,()+-]/gu, character => `&#${character.codePointAt(0) ?? 0};`);
    return `<code>${unlink(escaped)}</code>`;
}
/**
 * A link; `label` is untrusted text.
 * @param url http or https; another scheme, or no URL at all, gives the label alone
 */
function inline_link(label, url) {
    const target = linkTarget(url);
    return target === undefined ? inline_text(label) : `[${inline_text(label)}](${target})`;
}
function linkTarget(url) {
    if (!URL.canParse(url))
        return undefined;
    const parsed = new URL(url);
    if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')
        return undefined;
    return parsed.href.replace(/[()<>\\|`*_[\]]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

;// CONCATENATED MODULE: ./kit/secret-forms.ts


/** Fewer characters of base64 would be met by chance. */
const LEAST_BASE64_CHARACTERS = 6;
/** A value as it looks after the encodings that text commonly goes through, our own Markdown escapes among them. */
function secretForms(value) {
    const bytes = Buffer.from(value);
    const json = JSON.stringify(value).slice(1, -1);
    const whole = bytes.toString('base64');
    const uri = encodeURIComponent(value.toWellFormed());
    const literals = new Set([
        value,
        ...jsonForms(json),
        ...jsonForms(JSON.stringify(json).slice(1, -1)),
        ...xmlForms(value),
        ...uriForms(uri),
        ...uriForms(uri.replace(/[!'()*~]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)),
        ...uriForms(encodeURI(value.toWellFormed())),
        bytes.toString('hex'),
        bytes.toString('hex').toUpperCase(),
        whole,
        bytes.toString('base64url'),
        value.replaceAll('"', '\\"'),
        value.replaceAll("'", "'\\''"),
        makeVisible(value),
        inline_text(value),
        html(value),
        code(value).slice(1, -1),
        htmlCode(value).slice('<code>'.length, -'</code>'.length),
    ]);
    if (value.length > 8)
        literals.add(value.replace(/^["']|["']$/g, ''));
    literals.delete('');
    const base64 = new Set();
    for (const offset of [0, 1, 2]) {
        const core = bytes
            .subarray(offset)
            .toString('base64')
            .slice(0, Math.floor(((bytes.length - offset) * 8) / 6));
        if (core.length < LEAST_BASE64_CHARACTERS)
            continue;
        base64.add(core);
        base64.add(core.replaceAll('+', '-').replaceAll('/', '_'));
    }
    return { literals, base64 };
}
/** Go writes `<`, `>` and `&` in JSON as escapes, and so does Terraform. */
function jsonForms(json) {
    const go = json.replace(/[<>&\u2028\u2029]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
    return [json, go, json.replaceAll('/', '\\/')];
}
function xmlForms(value) {
    const named = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
    const numbered = { ...named, '"': '&#34;', "'": '&#39;' };
    const escape = (by) => value.replace(/[&<>"']/g, character => by[character] ?? character);
    return [escape(named), escape(numbered), escape({ ...named, '"': '"', "'": "'" })];
}
function uriForms(uri) {
    const lower = uri.replace(/%[0-9A-F]{2}/g, escape => escape.toLowerCase());
    return [uri, lower, uri.replaceAll('%20', '+'), lower.replaceAll('%20', '+')];
}

;// CONCATENATED MODULE: ./kit/secret-shapes.ts
/**
 * Each has one place only at which a match can begin in a run of the same characters, so that time stays linear. `\\?`
 * and `&#8203;` stand where our own Markdown escapes may have come in between.
 */
const TOKENS = [
    /ghs\\?_[A-Za-z0-9._\\-]{20,}/g,
    /gh[pour]\\?_[A-Za-z0-9_\\]{20,}/g,
    /github\\?_pat\\?_[A-Za-z0-9_\\]{20,}/g,
    /\bxox[abeprs]-[A-Za-z0-9-]{10,}/g,
    /\b(?:IQoJ|FwoG|FQoG)[A-Za-z0-9+/=]{80,}/g,
    /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_\\-]{6,}\.[A-Za-z0-9_\\-]{4,}\.[A-Za-z0-9_\\-]*/g,
];
const AWS_KEY_ID = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g;
const AWS_SECRET_NAME = /secret.{0,3}access.{0,3}key/gi;
const AWS_SECRET = /(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])/g;
const AWS_NEAR_CHARACTERS = 400;
const USER_INFORMATION = /:(?:&#8203;)?\/\/((?:&#\d{1,6};|[^\s/?#@"'<>]){1,512}@)/g;
const PEM_BEGIN = /-----BEGIN [A-Z0-9 ]{1,40}-----/g;
const PEM_LINE = /^[\s>|+\-"'`\\!]*(?:\\n)?[A-Za-z0-9+/=]{16,}|^[\s>|+\-!]*(?:Proc-Type|DEK-Info):/;
/** Where `text` has what looks like a credential. In no order; spans may overlap. */
function findSecretShapes(text) {
    const spans = [];
    for (const token of TOKENS)
        for (const match of text.matchAll(token))
            spans.push(spanOf(match));
    for (const match of text.matchAll(USER_INFORMATION)) {
        const end = match.index + match[0].length;
        spans.push([end - (match[1]?.length ?? 0), end - 1]);
    }
    return [...spans, ...awsKeys(text), ...pemBlocks(text)];
}
function spanOf(match) {
    return [match.index, match.index + match[0].length];
}
function awsKeys(text) {
    const ids = [...text.matchAll(AWS_KEY_ID)].map(spanOf);
    const near = [...ids, ...[...text.matchAll(AWS_SECRET_NAME)].map(spanOf)].sort((one, other) => one[0] - other[0]);
    if (near.length === 0)
        return ids;
    const secrets = [...text.matchAll(AWS_SECRET)].filter(([key]) => !/^[0-9a-f]{40}$/.test(key)).map(spanOf);
    let index = 0;
    return [
        ...ids,
        ...secrets.filter(([start, end]) => {
            while (index < near.length && (near[index]?.[1] ?? 0) < start - AWS_NEAR_CHARACTERS)
                index += 1;
            return near[index] !== undefined && (near[index]?.[0] ?? 0) <= end + AWS_NEAR_CHARACTERS;
        }),
    ];
}
function pemBlocks(text) {
    const begins = [...text.matchAll(PEM_BEGIN)].map(spanOf);
    return begins.map(([start, bodyStart], index) => {
        const limit = begins[index + 1]?.[0] ?? text.length;
        const body = text.slice(bodyStart, limit);
        const end = /-----END [A-Z0-9 ]{1,40}-----/.exec(body);
        return [start, bodyStart + (end === null ? unfinished(body) : end.index + end[0].length)];
    });
}
/** A block without its end: the lines that look like its content. */
function unfinished(body) {
    let length = 0;
    for (const [index, line] of body.split('\n').entries()) {
        if (index > 0 && line.trim() !== '' && !PEM_LINE.test(line))
            break;
        length += line.length + 1;
    }
    return Math.min(body.length, length);
}

;// CONCATENATED MODULE: ./kit/scrub.ts


const REPLACEMENT = '***';
/** Shorter values are too common to be looked for inside of other text. */
const LEAST_CHARACTERS = 4;
/**
 * What all text that leaves by API passes (rule R10): known secrets, whole and by line, also in the encodings that text
 * commonly goes through, and what looks like a credential of GitHub or AWS, a JWT, a PEM block or a URL with user
 * information become `***`. Time is linear in the text. Scrubbing twice changes nothing more.
 * @param secrets values; those under 4 characters are left alone
 */
function createScrubber(secrets) {
    const literals = new Set();
    const base64 = new Set();
    for (const secret of secrets) {
        const values = [secret, ...secret.split(/[\r\n]+/)].map(value => value.trim());
        for (const value of [secret, ...values]) {
            if (value.trim().length < LEAST_CHARACTERS)
                continue;
            const forms = secretForms(value);
            for (const form of forms.literals)
                literals.add(form);
            for (const form of forms.base64)
                base64.add(form);
        }
    }
    return text => {
        const spans = findSecretShapes(text);
        for (const literal of literals)
            find(text, literal, (start, end) => spans.push([start, end]));
        for (const core of base64)
            find(text, core, (start, end) => spans.push(wholeBase64(text, start, end)));
        return blank(text, spans);
    };
}
function find(text, literal, found) {
    let start = text.indexOf(literal);
    while (start !== -1) {
        let end = start + literal.length;
        let next = text.indexOf(literal, start + 1);
        while (next !== -1 && next <= end) {
            end = next + literal.length;
            next = text.indexOf(literal, next + 1);
        }
        found(start, end);
        start = next;
    }
}
/** The characters beside the core hold bits of the secret's first and last bytes. */
function wholeBase64(text, start, end) {
    let from = start;
    let to = end;
    while (from > 0 && start - from < 3 && /[A-Za-z0-9+/_-]/.test(text[from - 1] ?? ''))
        from -= 1;
    while (to < text.length && to - end < 3 && /[A-Za-z0-9+/_=-]/.test(text[to] ?? ''))
        to += 1;
    return [from, to];
}
function blank(text, spans) {
    if (spans.length === 0)
        return text;
    spans.sort((one, other) => one[0] - other[0]);
    let result = '';
    let at = 0;
    let index = 0;
    while (index < spans.length) {
        const [start, firstEnd] = spans[index] ?? [0, 0];
        let end = firstEnd;
        for (index += 1; index < spans.length && (spans[index]?.[0] ?? 0) < end; index += 1)
            end = Math.max(end, spans[index]?.[1] ?? 0);
        result += text.slice(at, start) + REPLACEMENT;
        at = end;
    }
    return result + text.slice(at);
}
/** A scrubber over secrets that may still be registered while the action runs. */
function createLiveScrubber(secrets) {
    let known = secrets.size;
    let scrub = createScrubber(secrets);
    return text => {
        if (secrets.size !== known) {
            known = secrets.size;
            scrub = createScrubber(secrets);
        }
        return scrub(text);
    };
}

;// CONCATENATED MODULE: ./kit/version.ts
/** Of this library; a test ties it to package.json. */
const VERSION = '0.1.0';

// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(8500);
;// CONCATENATED MODULE: ./kit/adapters/clock.ts

const systemClock = {
    now: () => Date.now(),
    sleep: milliseconds => (0,promises_.setTimeout)(milliseconds),
};

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var external_node_fs_promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./kit/errors.ts
var errors = __webpack_require__(6958);
;// CONCATENATED MODULE: ./kit/adapters/files.ts





function systemFiles(settings) {
    const roots = [settings.workspace, settings.temporary];
    return {
        workspace: settings.workspace,
        async temporaryFolder(prefix) {
            await (0,external_node_fs_promises_.mkdir)(settings.temporary, { recursive: true });
            return (0,external_node_fs_promises_.mkdtemp)((0,external_node_path_.join)(settings.temporary, `${prefix}-`));
        },
        async resolve(input, path, workingDirectory = '.') {
            if (path.includes('\0'))
                throw outside(input, path);
            const absolute = (0,external_node_path_.resolve)(settings.workspace, workingDirectory, path);
            if (!settings.confined)
                return absolute;
            if (!roots.some(root => isInside(root, absolute)))
                throw outside(input, path);
            const real = await realpathOfExisting(absolute);
            const realRoots = await Promise.all(roots.map(realpathOfExisting));
            if (!realRoots.some(root => isInside(root, real)))
                throw outside(input, path);
            return absolute;
        },
        exists: async (path) => (0,external_node_fs_.existsSync)(path),
        readText: path => (0,external_node_fs_promises_.readFile)(path, 'utf8'),
        readBytes: async (path) => new Uint8Array(await (0,external_node_fs_promises_.readFile)(path)),
        size: async (path) => (await (0,external_node_fs_promises_.stat)(path)).size,
        list: async (folder) => (await (0,external_node_fs_promises_.readdir)(folder)).sort(),
        async write(path, content, mode = 0o600) {
            await (0,external_node_fs_promises_.mkdir)((0,external_node_path_.dirname)(path), { recursive: true });
            const unfinished = `${path}.${(0,external_node_crypto_.randomUUID)()}.part`;
            try {
                await (0,external_node_fs_promises_.writeFile)(unfinished, content, { mode, flag: 'wx' });
                await (0,external_node_fs_promises_.rename)(unfinished, path);
            }
            catch (error) {
                await (0,external_node_fs_promises_.rm)(unfinished, { force: true });
                throw error;
            }
        },
        remove: path => (0,external_node_fs_promises_.rm)(path, { recursive: true, force: true }),
    };
}
function isInside(root, path) {
    const way = (0,external_node_path_.relative)(root, path);
    return way === '' || (!(0,external_node_path_.isAbsolute)(way) && way !== '..' && !way.startsWith(`..${external_node_path_.sep}`));
}
/** The real path of what exists of `path`, with the rest appended; links are followed, also one that leads nowhere. */
async function realpathOfExisting(path) {
    try {
        return await (0,external_node_fs_promises_.realpath)(path);
    }
    catch (error) {
        const parent = (0,external_node_path_.dirname)(path);
        const { code } = error;
        if ((code !== 'ENOENT' && code !== 'ENOTDIR') || parent === path)
            throw error;
        const target = await (0,external_node_fs_promises_.readlink)(path).catch(() => undefined);
        if (target !== undefined)
            return realpathOfExisting((0,external_node_path_.resolve)(parent, target));
        return (0,external_node_path_.join)(await realpathOfExisting(parent), (0,external_node_path_.relative)(parent, path));
    }
}
function outside(input, path) {
    return new errors/* InputError */.dz([
        {
            input,
            value: path,
            problem: 'it leads out of the workspace',
            fix: 'Give a path inside the repository, relative to "working-directory"',
        },
    ]);
}

;// CONCATENATED MODULE: ./kit/report/measure.ts
/** UTF-8 bytes and Unicode code points. */
function measure(text) {
    let characters = text.length;
    for (let index = 0; index < text.length; index += 1) {
        const unit = text.charCodeAt(index);
        if (unit >= 0xd800 && unit <= 0xdbff) {
            const next = text.charCodeAt(index + 1);
            if (next >= 0xdc00 && next <= 0xdfff) {
                characters -= 1;
                index += 1;
            }
        }
    }
    return { bytes: Buffer.byteLength(text), characters };
}
function fits(text, budget) {
    const size = measure(text);
    return size.bytes <= budget.bytes && size.characters <= budget.characters;
}

;// CONCATENATED MODULE: ./kit/report/cut.ts


const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const TAG = /<(\/?)(details|summary|pre|table|ul|ol|blockquote|div)\b[^<>]*>/gi;
/**
 * As much of `markdown` as fits with `ending` behind it, from the beginning, cut between two lines: never in a character
 * or a table row; an open fence and open tags are closed. When not even the first line fits, its beginning stays, as plain
 * text. `ending` itself must fit.
 */
function cut(markdown, budget, ending) {
    if (fits(markdown, budget))
        return markdown;
    const tail = ending === '' ? '' : `\n\n${ending}`;
    const room = less(budget, measure(tail));
    const lines = markdown.split('\n');
    let end = 0;
    let closing = '';
    let used = { bytes: -1, characters: -1 };
    let position = { fence: '', tags: [] };
    for (const [index, line] of lines.entries()) {
        const size = measure(line);
        used = { bytes: used.bytes + size.bytes + 1, characters: used.characters + size.characters + 1 };
        if (!within(used, room))
            break;
        const before = position;
        position = follow(before, line);
        if (opens(before, position) || isTableHead(line, lines[index + 1]))
            continue;
        const toClose = cut_close(position);
        if (!within(used, less(room, measure(toClose))))
            continue;
        end = index + 1;
        closing = toClose;
    }
    if (end > 0)
        return `${lines.slice(0, end).join('\n').trimEnd()}${closing}${tail}`;
    return `${beginning(lines[0] ?? '', room)}${tail}`.trimStart();
}
function follow(position, line) {
    const fence = FENCE.exec(line);
    if (position.fence !== '') {
        const closes = fence !== null && fence[1]?.startsWith(position.fence) === true && fence[2]?.trim() === '' ? '' : position.fence;
        return { ...position, fence: closes };
    }
    const marks = fence?.[1] ?? '';
    if (marks !== '' && !(marks.startsWith('`') && fence?.[2]?.includes('`') === true))
        return { ...position, fence: marks };
    const tags = [...position.tags];
    for (const [, slash, name] of line.replace(/`[^`]*`/g, '').matchAll(TAG)) {
        if (slash === '')
            tags.push((name ?? '').toLowerCase());
        else if (tags.at(-1) === name?.toLowerCase())
            tags.pop();
    }
    return { fence: '', tags };
}
/** Nothing should end right behind what was just opened: it would be empty. */
function opens(before, after) {
    return (before.fence === '' && after.fence !== '') || after.tags.length > before.tags.length;
}
function isTableHead(line, next) {
    return line.includes('|') && next !== undefined && /^[|:\- ]+$/.test(next) && next.includes('-');
}
function cut_close(position) {
    const fence = position.fence === '' ? '' : `\n${position.fence}`;
    return (fence +
        position.tags
            .map(tag => `\n\n</${tag}>`)
            .reverse()
            .join(''));
}
function beginning(line, room) {
    const characters = Array.from(line);
    let low = 0;
    let high = Math.max(0, Math.min(characters.length, room.bytes, room.characters));
    const shown = (length) => inline_text(`${characters.slice(0, length).join('')}…`);
    while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (fits(shown(middle), room))
            low = middle;
        else
            high = middle - 1;
    }
    return low === 0 ? '' : shown(low);
}
function less(budget, size) {
    return { bytes: budget.bytes - size.bytes, characters: budget.characters - size.characters };
}
function within(size, budget) {
    return size.bytes <= budget.bytes && size.characters <= budget.characters;
}

// EXTERNAL MODULE: ./kit/report/limits.ts
var limits = __webpack_require__(6106);
// EXTERNAL MODULE: ./kit/report/shorten.ts
var shorten = __webpack_require__(17);
;// CONCATENATED MODULE: ./kit/adapters/github-checks.ts



const LIST = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs';
const READ = 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}';
const CREATE = 'POST /repos/{owner}/{repo}/check-runs';
const UPDATE = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';
const ENDING = '*Shortened: a check has room for 64 KiB. The whole is in the run’s summary.*';
/**
 * Check runs. The verdict goes out first, with the first 50 annotations; more are appended, which GitHub does not do twice
 * over safely, so the number that is there is read before any is sent again.
 */
function githubChecks(client, place, identity) {
    return {
        async complete(check) {
            const login = await identity();
            const externalId = client.scrub(check.externalId);
            const name = client.scrub(check.name);
            const find = async (reader) => {
                const query = { ...place, ref: check.sha, check_name: name, filter: 'all', per_page: limits/* LIMITS */.b.pageSize };
                for await (const { check_runs } of reader.pages(LIST, query)) {
                    const ours = check_runs.find(run => run.external_id === externalId && `${run.app?.slug}[bot]` === login);
                    if (ours !== undefined)
                        return ours;
                }
                return undefined;
            };
            const annotations = (check.annotations ?? []).map(annotation => apiAnnotation(annotation, client));
            const output = outputOf(check, client);
            const existing = await find(client);
            const result = { status: 'completed', conclusion: check.conclusion };
            if (existing === undefined) {
                const first = { ...output, annotations: annotations.slice(0, limits/* LIMITS */.b.checkAnnotationsPerRequest) };
                const parameters = { ...place, name, head_sha: check.sha, external_id: externalId, ...result, output: first };
                const made = await client.createOnce(CREATE, parameters, find);
                await append(client, place, Number(made.id), output, annotations, first.annotations.length);
                return { url: made.html_url ?? '' };
            }
            const updated = await client.request(UPDATE, { ...place, check_run_id: existing.id, ...result, output });
            await append(client, place, Number(existing.id), output, annotations, existing.output.annotations_count);
            return { url: updated.html_url ?? '' };
        },
    };
}
function outputOf(check, client) {
    const budget = { bytes: limits/* LIMITS */.b.checkOutputBytes, characters: limits/* LIMITS */.b.checkOutputBytes };
    return {
        title: (0,shorten/* shortenEnd */.t)(client.scrub(check.title), limits/* LIMITS */.b.checkAnnotationTitleCharacters),
        summary: cut(client.scrub(check.summary), budget, ENDING),
    };
}
/** Sends `annotations` from the `from`th on, a batch at a time; a batch that may have arrived is not sent again. */
async function append(client, place, id, output, annotations, from) {
    let sent = from;
    while (sent < annotations.length) {
        const batch = annotations.slice(sent, sent + limits/* LIMITS */.b.checkAnnotationsPerRequest);
        const expected = sent + batch.length;
        await client.appendOnce(UPDATE, { ...place, check_run_id: id, output: { ...output, annotations: batch } }, async (reader) => {
            const run = await reader.request(READ, { ...place, check_run_id: id });
            return run.output.annotations_count >= expected ? run : undefined;
        });
        sent = expected;
    }
}
function apiAnnotation(annotation, client) {
    const start = annotation.line ?? 1;
    const end = annotation.endLine ?? start;
    const columns = start === end && annotation.column !== undefined;
    return {
        path: annotation.file,
        start_line: start,
        end_line: end,
        annotation_level: annotation.level,
        message: cutBytes(client.scrub(annotation.message), limits/* LIMITS */.b.checkAnnotationMessageBytes),
        ...(annotation.title === undefined
            ? {}
            : { title: (0,shorten/* shortenEnd */.t)(client.scrub(annotation.title), limits/* LIMITS */.b.checkAnnotationTitleCharacters) }),
        ...(columns
            ? { start_column: annotation.column ?? 1, end_column: annotation.endColumn ?? annotation.column ?? 1 }
            : {}),
    };
}
function cutBytes(text, bytes) {
    return Buffer.byteLength(text) <= bytes ? text : (0,shorten/* shortenEnd */.t)(text, Math.floor(bytes / 4));
}

;// CONCATENATED MODULE: ./kit/permissions.ts
/** What a job must be granted for a call, by method and path; the first that matches counts. */
const NEEDS = [
    [/^GET \S*\/(?:issues|pulls)\b|^GET \S*\/commits\/\S+\/pulls$/, 'pull-requests: read'],
    [/^\S+ \S*\/(?:issues|pulls)\b/, 'pull-requests: write'],
    [/^GET \S*\/commits\/\S+\/status(?:es)?$/, 'statuses: read'],
    [/^\S+ \S*\/statuses\/\{sha\}$/, 'statuses: write'],
    [/^GET \S*\/check-(?:runs|suites)\b/, 'checks: read'],
    [/^\S+ \S*\/check-(?:runs|suites)\b/, 'checks: write'],
    [/^GET \S*\/deployments\b/, 'deployments: read'],
    [/^\S+ \S*\/deployments\b/, 'deployments: write'],
    [/^GET \S*\/actions\b/, 'actions: read'],
    [/^\S+ \S*\/actions\b/, 'actions: write'],
    [/^GET \S*\/(?:git|contents|commits|compare|branches)\b/, 'contents: read'],
    [/^\S+ \S*\/(?:git|contents|merges)\b/, 'contents: write'],
    [/^mutation createCommitOnBranch$/, 'contents: write'],
];
/**
 * The line for `permissions:` in a workflow that a call needs.
 * @param route `POST /repos/{owner}/{repo}/…` with its placeholders, or `mutation <name>`
 * @param accepted GitHub's header `x-accepted-github-permissions`, for routes that we do not know
 */
function permissionFor(route, accepted) {
    const known = NEEDS.find(([pattern]) => pattern.test(route));
    if (known !== undefined)
        return known[1];
    const match = /^\s*([a-z_]+)=(read|write)/.exec(accepted ?? '');
    return match === null ? undefined : `${match[1]?.replaceAll('_', '-')}: ${match[2]}`;
}

;// CONCATENATED MODULE: ./kit/github-answer.ts



/** Asked for when GitHub limits without saying how long: its own rule is a minute at least. */
const UNTOLD_WAIT_MILLISECONDS = 60_000;
const MESSAGE_CHARACTERS = 500;
const ABUSE = /secondary rate limit|abuse detection/i;
/**
 * Reads an answer of GitHub's REST API.
 * @param route with placeholders, for the texts
 * @param now milliseconds; only where the answer has no date of its own
 */
function readAnswer(answer, route, now) {
    const limit = limitOf(answer, now);
    if (limit !== undefined)
        return { kind: 'trouble', trouble: limit };
    if (answer.status >= 500 || answer.status === 408)
        return { kind: 'trouble', trouble: { kind: 'unclear', why: `status ${answer.status}` } };
    const data = parse(answer.body);
    if (answer.status >= 200 && answer.status < 300) {
        if (answer.body === '')
            return { kind: 'data', data: undefined };
        if (data === undefined)
            return { kind: 'trouble', trouble: { kind: 'unclear', why: 'an answer that was cut off' } };
        return { kind: 'data', data };
    }
    return { kind: 'error', error: refusal(answer, data, route) };
}
function limitOf({ status, headers, body }, now) {
    if (status !== 429 && status !== 403)
        return undefined;
    const date = Date.parse(headers['date'] ?? '');
    const present = Number.isNaN(date) ? now : date;
    const after = retryAfter(headers['retry-after'], present);
    if (after !== undefined)
        return { kind: 'limited', why: 'GitHub limits how fast this token may call', waitMilliseconds: after };
    if (headers['x-ratelimit-remaining'] === '0') {
        const reset = Number(headers['x-ratelimit-reset']);
        const wait = Number.isFinite(reset) && reset > 0 ? Math.max(0, reset * 1000 - present) : UNTOLD_WAIT_MILLISECONDS;
        return { kind: 'limited', why: 'the hourly limit of this token is used up', waitMilliseconds: wait };
    }
    if (status === 429 || ABUSE.test(body))
        return {
            kind: 'limited',
            why: 'GitHub limits how fast this token may call',
            waitMilliseconds: UNTOLD_WAIT_MILLISECONDS,
        };
    return undefined;
}
function retryAfter(value, present) {
    if (value === undefined)
        return undefined;
    if (/^\s*\d{1,9}\s*$/.test(value))
        return Number(value) * 1000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? undefined : Math.max(0, date - present);
}
function parse(body) {
    try {
        return JSON.parse(body);
    }
    catch {
        return undefined;
    }
}
function refusal({ status, headers }, data, route) {
    const said = messageOf(data);
    const base = { status, route };
    if (status === 401)
        return new errors/* ApiError */.hD(`GitHub does not know the token (${route})`, {
            ...base,
            hint: 'Check the input "github-token": a job’s own token ends with the job, others expire',
        });
    if (status === 403 && /not accessible by|must have (?:admin|write|push)/i.test(said))
        return notPermitted(route, status, headers['x-accepted-github-permissions']);
    if (status === 404) {
        const permission = permissionFor(route, headers['x-accepted-github-permissions']);
        return new errors/* ApiError */.hD(`GitHub found nothing for ${route}, or the token may not see it`, {
            ...base,
            ...(permission === undefined ? {} : { hint: `In a private repository the job needs "${permission}"` }),
        });
    }
    return new errors/* ApiError */.hD(`GitHub refused ${route} with ${status}${said === '' ? '' : `: ${said}`}`, base);
}
/** The token's permissions do not reach: the one thing that the user can repair in the workflow. */
function notPermitted(route, status, accepted) {
    const permission = permissionFor(route, accepted);
    return new errors/* ApiError */.hD(`the token may not do this: ${route}`, {
        status,
        route,
        ...(permission === undefined ? {} : { permission }),
        hint: 'Runs for pull requests of forks and of Dependabot get a read-only token, whatever the workflow grants',
    });
}
/** GitHub's own words, with the fields that it names. Never a header or a URL with its query (rule R13). */
function messageOf(data) {
    if (typeof data !== 'object' || data === null)
        return '';
    const { message, errors } = data;
    const details = Array.isArray(errors) ? errors.map(errorText).filter(text => text !== '') : [];
    const text = [typeof message === 'string' ? message : '', ...details].filter(part => part !== '').join('; ');
    return (0,shorten/* shortenEnd */.t)(text.replace(/\bhttps?:\/\/\S+/g, 'URL'), MESSAGE_CHARACTERS);
}
function errorText(error) {
    if (typeof error === 'string')
        return error;
    if (typeof error !== 'object' || error === null)
        return '';
    const { message, field, code } = error;
    if (typeof message === 'string')
        return message;
    return [field, code].filter(part => typeof part === 'string').join(' ');
}
/** The error when patience ended. */
function exhausted(route, trouble, attempts) {
    if (trouble.kind === 'limited') {
        const seconds = Math.ceil(trouble.waitMilliseconds / 1000);
        const time = seconds > 120 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} s`;
        return new errors/* ApiError */.hD(`${trouble.why} and asks to wait ${time}; a call waits 60 s at most (${route})`, {
            route,
            status: 429,
            hint: 'Run the job again later, or use the token of an app of your own: it has its own limit',
        });
    }
    return new errors/* ApiError */.hD(`GitHub gave no usable answer to ${route} in ${attempts} attempts; the last was ${trouble.why}`, {
        route,
        hint: 'Nothing is known to be wrong with the workflow: run the job again',
    });
}

;// CONCATENATED MODULE: ./kit/graphql-answer.ts



/** GraphQL said no: `types` are GitHub's (`STALE_DATA`, `NOT_FOUND`, …). */
class GraphqlError extends errors/* ApiError */.hD {
    name = 'GraphqlError';
    types;
    constructor(message, route, types) {
        super(message, { route, status: 200 });
        this.types = types;
    }
}
const PASSING = /something went wrong|timed? ?out|temporar|try again/i;
/** Reads the data that came with status 200. `route` is `query <name>` or `mutation <name>`. */
function readGraphql(data, route) {
    const { data: result, errors } = (data ?? {});
    if (!Array.isArray(errors) || errors.length === 0) {
        if (typeof result === 'object' && result !== null)
            return { kind: 'data', data: result };
        return { kind: 'trouble', trouble: { kind: 'unclear', why: 'an answer without data' } };
    }
    const types = errors.flatMap((error) => (error.type === undefined ? [] : [error.type]));
    const said = (0,shorten/* shortenEnd */.t)(errors.map((error) => error.message ?? '').join('; '), 500);
    if (types.includes('RATE_LIMITED') || /secondary rate limit/i.test(said))
        return {
            kind: 'trouble',
            trouble: { kind: 'limited', why: 'GitHub limits how fast this token may call', waitMilliseconds: 60_000 },
        };
    if (types.includes('FORBIDDEN') || /not accessible by/i.test(said))
        return { kind: 'error', error: notPermitted(route, 403) };
    if (types.length === 0 && PASSING.test(said))
        return { kind: 'trouble', trouble: { kind: 'unclear', why: said } };
    return { kind: 'error', error: new GraphqlError(`GitHub refused ${route}: ${said}`, route, types) };
}

;// CONCATENATED MODULE: ./kit/retry.ts
const WAIT_CAP_MILLISECONDS = 60_000;
const MOST_ATTEMPTS = 6;
const FIRST_WAIT_MILLISECONDS = 1_000;
/**
 * Waits that grow from one second with jitter, or as long as GitHub asks, and never above 60 s in all. Where answers are
 * unclear, the time that attempts take counts too, so slow ones do not add up.
 */
function createPatience(clock, random, capMilliseconds = WAIT_CAP_MILLISECONDS) {
    const start = clock.now();
    let attempts = 1;
    let slept = 0;
    return {
        get attempts() {
            return attempts;
        },
        async next(trouble) {
            const left = capMilliseconds - (trouble.kind === 'limited' ? slept : Math.max(slept, clock.now() - start));
            const grown = FIRST_WAIT_MILLISECONDS * 2 ** (attempts - 1);
            const wait = trouble.kind === 'limited'
                ? Math.max(trouble.waitMilliseconds, FIRST_WAIT_MILLISECONDS)
                : grown * (0.5 + random.next() / 2);
            if (attempts >= MOST_ATTEMPTS || wait > left)
                return false;
            attempts += 1;
            slept += wait;
            await clock.sleep(wait);
            return true;
        },
    };
}

;// CONCATENATED MODULE: ./kit/adapters/github-route.ts
/** Placeholders that may hold slashes. */
const WITH_SLASHES = new Set(['path', 'ref', 'basehead']);
/**
 * Puts parameters into a route template; what has no placeholder goes into the query (GET, DELETE) or, scrubbed, into the
 * body.
 * @throws TypeError when a placeholder has no value
 */
function fillRoute(route, parameters, scrub) {
    const [method = '', template = ''] = route.split(' ');
    const rest = new Map(Object.entries(parameters).filter(([, value]) => value !== undefined));
    const path = template.replace(/\{(\w+)\}/g, (_, name) => {
        const value = rest.get(name);
        if (typeof value !== 'string' && typeof value !== 'number')
            throw new TypeError(`${route} needs ${name}`);
        rest.delete(name);
        const text = String(value);
        return WITH_SLASHES.has(name) ? text.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(text);
    });
    if (method === 'GET' || method === 'DELETE') {
        const query = new URLSearchParams([...rest].map(([name, value]) => [name, String(value)])).toString();
        return { method, path: query === '' ? path : `${path}?${query}`, body: undefined };
    }
    return { method, path, body: JSON.stringify(scrubStrings(Object.fromEntries(rest), scrub)) };
}
function scrubStrings(value, scrub) {
    if (typeof value === 'string')
        return scrub(value);
    if (Array.isArray(value))
        return value.map(item => scrubStrings(item, scrub));
    if (typeof value !== 'object' || value === null)
        return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, FIXED.has(name) ? item : scrubStrings(item, scrub)]));
}
/** Words and ids of the API, not text: a secret that happens to be `success` must not break a call. */
const FIXED = new Set(['state', 'status', 'conclusion', 'annotation_level', 'head_sha', 'ref', 'task']);
/** What the header `Link` says about the next page, as parameters. The host in it is not used: the token goes to ours only. */
function nextPage(link) {
    for (const part of (link ?? '').split(',')) {
        const match = /^\s*<([^>]*)>\s*;.*\brel="next"/.exec(part);
        if (match?.[1] === undefined)
            continue;
        const query = match[1].indexOf('?');
        return query === -1 ? undefined : Object.fromEntries(new URLSearchParams(match[1].slice(query + 1)));
    }
    return undefined;
}

// EXTERNAL MODULE: ./node_modules/@actions/http-client/lib/index.js + 1 modules
var lib = __webpack_require__(4942);
;// CONCATENATED MODULE: ./kit/adapters/github-transport.ts

/** No whole answer came. Its text names no URL (rule R13). */
class BrokenConnection extends Error {
    name = 'BrokenConnection';
}
/**
 * HTTP as the toolkit does it: the runner's proxies, redirects without the token to other hosts, and never a second
 * attempt, which is ours to decide.
 */
function httpTransport() {
    return async ({ method, url, headers, body, timeoutMilliseconds }) => {
        const client = new lib/* HttpClient */.Qq(undefined, [], { allowRetries: false, socketTimeout: timeoutMilliseconds });
        let late = false;
        let destroy = () => { };
        const timer = setTimeout(() => {
            late = true;
            destroy();
        }, timeoutMilliseconds);
        try {
            const { message } = await client.request(method, url, body ?? null, { ...headers });
            destroy = () => message.destroy();
            if (late)
                destroy();
            const chunks = [];
            for await (const chunk of message)
                chunks.push(chunk);
            return {
                status: message.statusCode ?? 0,
                headers: Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [
                    name,
                    Array.isArray(value) ? value.join(', ') : value,
                ])),
                body: Buffer.concat(chunks).toString(),
            };
        }
        catch (error) {
            throw new BrokenConnection(late ? `no answer within ${timeoutMilliseconds / 1000} s` : describe(error));
        }
        finally {
            clearTimeout(timer);
            client.dispose();
        }
    };
}
function describe(error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (/^Request timeout/.test(error instanceof Error ? error.message : ''))
        return 'silence';
    if (code === 'ECONNREFUSED')
        return 'a refused connection';
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
        return 'a host name that is not found';
    if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE')
        return 'a connection that was reset';
    return code === '' ? 'a connection that broke' : `a connection that broke (${code})`;
}

;// CONCATENATED MODULE: ./kit/adapters/github-client.ts





const API_VERSION = '2022-11-28';
const ATTEMPT_MILLISECONDS = 30_000;
function createGitHubClient(settings) {
    return clientWith({ ...settings, transport: settings.transport ?? httpTransport() });
}
/** With `shared`, every call draws on the patience of the call that it belongs to. */
function clientWith(settings, shared) {
    const patienceOf = () => shared ?? createPatience(settings.clock, settings.random);
    const send = async (route, parameters) => {
        const { method, path, body } = fillRoute(route, parameters, settings.scrub);
        const answer = await attempt(settings, method, `${settings.apiUrl}${path}`, body);
        return {
            answer,
            reading: typeof answer === 'string' ? unclear(answer) : readAnswer(answer, route, settings.clock.now()),
        };
    };
    const sendGraphql = async (route, query, variables) => {
        const answer = await attempt(settings, 'POST', settings.graphqlUrl, JSON.stringify({ query, variables }));
        if (typeof answer === 'string')
            return unclear(answer);
        const reading = readAnswer(answer, route, settings.clock.now());
        return reading.kind === 'data' ? readGraphql(reading.data, route) : reading;
    };
    const persist = async (route, once) => {
        const patience = patienceOf();
        for (;;) {
            const result = await once();
            const { reading } = result;
            if (reading.kind === 'data')
                return { ...result, data: reading.data };
            if (reading.kind === 'error')
                throw reading.error;
            if (!(await patience.next(reading.trouble)))
                throw exhausted(route, reading.trouble, patience.attempts);
        }
    };
    const create = async (route, once, find) => {
        const patience = patienceOf();
        const reader = clientWith(settings, patience);
        for (;;) {
            const reading = await once();
            if (reading.kind === 'data')
                return reading.data;
            if (reading.kind === 'error')
                throw reading.error;
            const waited = await patience.next(reading.trouble);
            const found = await look(reader, find, reading.trouble, waited);
            if (found !== undefined)
                return found;
            if (!waited)
                throw exhausted(route, reading.trouble, patience.attempts);
        }
    };
    return {
        scrub: settings.scrub,
        async request(route, parameters) {
            const { data } = await persist(route, () => send(route, parameters));
            return data;
        },
        async *pages(route, parameters) {
            let more = {};
            while (more !== undefined) {
                const wanted = { ...parameters, ...more };
                const { answer, data } = await persist(route, () => send(route, wanted));
                yield data;
                more = typeof answer === 'string' ? undefined : nextPage(answer.headers['link']);
            }
        },
        createOnce: (route, parameters, find) => create(route, async () => (await send(route, parameters)).reading, find),
        appendOnce: (route, parameters, find) => create(route, async () => (await send(route, parameters)).reading, find),
        async query(name, document, variables) {
            const route = `query ${name}`;
            const { data } = await persist(route, async () => ({ reading: await sendGraphql(route, document, variables) }));
            return data;
        },
        mutateOnce: (name, document, variables, find) => create(`mutation ${name}`, () => sendGraphql(`mutation ${name}`, document, variables), find),
    };
}
/** After the last attempt a look is still worth it; when that fails too, the attempt's own trouble is what to tell. */
async function look(reader, find, trouble, waited) {
    if (waited)
        return find(reader);
    if (trouble.kind === 'limited')
        return undefined;
    return find(reader).catch(() => undefined);
}
function unclear(why) {
    return { kind: 'trouble', trouble: { kind: 'unclear', why } };
}
/** The answer, or why there is none. */
async function attempt(settings, method, url, body) {
    try {
        return await settings.transport({
            method,
            url,
            headers: {
                accept: 'application/vnd.github+json',
                'user-agent': settings.userAgent,
                'x-github-api-version': API_VERSION,
                ...(settings.token === '' ? {} : { authorization: `Bearer ${settings.token}` }),
                ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
            },
            body,
            timeoutMilliseconds: settings.timeoutMilliseconds ?? ATTEMPT_MILLISECONDS,
        });
    }
    catch (error) {
        if (error instanceof BrokenConnection)
            return error.message;
        throw error;
    }
}

;// CONCATENATED MODULE: ./kit/report/budget.ts



/** What GitHub takes as a comment: bytes on github.com, then characters after its 422. */
const COMMENT_BUDGETS = [
    { bytes: limits/* LIMITS */.b.commentBytes, characters: Infinity },
    { bytes: limits/* LIMITS */.b.commentBytes, characters: limits/* LIMITS */.b.commentCharacters },
];
/**
 * The first tier that fits `budget`, the fullest given first; made only when it is tried. When none fits, the last one is
 * cut on a safe boundary and `ending` (a note with a link to the whole, the footer) follows.
 */
function fit(tiers, budget, ending) {
    let smallest = '';
    for (const tier of tiers) {
        smallest = tier();
        if (fits(smallest, budget))
            return smallest;
    }
    return cut(smallest, budget, ending);
}
/** What is left of `budget` beside `markdown` and a line end. */
function beside(budget, markdown) {
    return {
        bytes: Math.max(0, budget.bytes - Buffer.byteLength(markdown) - 1),
        characters: Math.max(0, budget.characters - Array.from(markdown).length - 1),
    };
}

;// CONCATENATED MODULE: ./kit/report/marker.ts
const LINE = /^<!-- slipway:([a-z0-9]+(?:-[a-z0-9]+)*) key=((?:[A-Za-z0-9._]|%[0-9A-F]{2})*) run=(\d{1,15}) attempt=(\d{1,9}) -->$/;
/**
 * The marker as an HTML comment on one line. The key is percent-encoded, `-` and `>` too, so that nothing in it ends the
 * comment (rule R2).
 * @throws RangeError when the action is no name
 */
function formatMarker(marker) {
    const key = encodeURIComponent(marker.key.toWellFormed()).replace(/[-!'()*~]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
    const line = `<!-- slipway:${marker.action} key=${key} run=${marker.runId} attempt=${marker.runAttempt} -->`;
    if (!LINE.test(line))
        throw new RangeError(`"${marker.action}" cannot mark a comment`);
    return line;
}
/** The marker of a body, when its first line is one and nothing else. */
function parseMarker(body) {
    const match = LINE.exec(body.slice(0, body.indexOf('\n') === -1 ? undefined : body.indexOf('\n')).replace(/\r$/, ''));
    if (match === null)
        return undefined;
    const [, action = '', key = '', runId, runAttempt] = match;
    try {
        return { action, key: decodeURIComponent(key), runId: Number(runId), runAttempt: Number(runAttempt) };
    }
    catch {
        return undefined;
    }
}
/** Whether `one` was written by a later run, or a later attempt of the same run, than `other`. */
function isNewer(one, other) {
    return one.runId > other.runId || (one.runId === other.runId && one.runAttempt > other.runAttempt);
}
function isSameComment(one, other) {
    return one.action === other.action && one.key === other.key.toWellFormed();
}

;// CONCATENATED MODULE: ./kit/report/comment.ts

/**
 * Decides what becomes of a sticky comment. Bodies are looked at for the marker and for equality only: nothing is read out
 * of a comment (rule R4).
 * @param comments all comments of the issue, over all pages
 * @param login of the identity behind the token; `x[bot]` for an app
 */
function planComment(comments, wanted) {
    const marked = comments.flatMap(comment => {
        const marker = parseMarker(comment.body);
        return marker !== undefined && isSameComment(marker, wanted.marker) ? [{ comment, marker }] : [];
    });
    const own = marked
        .filter(({ comment }) => isOwn(comment.author, wanted.login))
        .sort((one, other) => one.comment.id - other.comment.id);
    const forged = marked.filter(({ comment }) => !isOwn(comment.author, wanted.login)).map(({ comment }) => comment);
    const standing = own[0]?.comment;
    const duplicates = own.slice(1).map(({ comment }) => comment);
    return { decision: decide(own, wanted), standing, duplicates, forged };
}
function decide(own, wanted) {
    const [standing] = own;
    if (standing === undefined)
        return 'create';
    if (own.some(({ marker }) => isNewer(marker, wanted.marker)))
        return 'outdated';
    return isSameBody(standing.comment.body, wanted.body) ? 'unchanged' : 'update';
}
/** GitHub may change line ends and drop trailing space. */
function isSameBody(one, other) {
    const normal = (body) => body.replace(/\r\n/g, '\n').trimEnd();
    return normal(one) === normal(other);
}
/** Rule R1: the exact login, the kind that goes with it, and the app where GitHub names one. */
function isOwn(author, login) {
    if (author?.login !== login)
        return false;
    if (!login.endsWith('[bot]'))
        return author.type === 'User';
    return author.type === 'Bot' && (author.appSlug === undefined || `${author.appSlug}[bot]` === login);
}

;// CONCATENATED MODULE: ./kit/adapters/github-comments.ts





const github_comments_LIST = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
const github_comments_CREATE = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
const github_comments_UPDATE = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
const DELETE = 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}';
/**
 * Sticky comments. On an issue with up to 100 comments an upsert takes two requests, one more for the identity of the token
 * (once a run) and one for each duplicate that it removes.
 */
function githubComments(client, place, identity, run, log) {
    return {
        async upsert(comment) {
            const login = await identity();
            const marker = {
                action: comment.action,
                key: client.scrub(comment.key),
                runId: run.runId,
                runAttempt: run.runAttempt,
            };
            const existing = await listComments(client, place, comment.issueNumber);
            const write = (budget) => upsertWithin(budget, { client, place, login, marker, existing, comment, log });
            const [first, second] = COMMENT_BUDGETS;
            try {
                return await write(first);
            }
            catch (error) {
                if (!isTooLong(error))
                    throw error;
                return write(second);
            }
        },
    };
}
async function upsertWithin(budget, upsert) {
    const { client, place, login, marker, existing, comment } = upsert;
    const body = assembleBody(client, marker, comment, budget);
    const plan = planComment(existing, { login, marker, body });
    const { standing } = plan;
    if (standing !== undefined && plan.decision === 'outdated')
        return { url: standing.url, outcome: 'outdated' };
    if (standing === undefined && comment.onlyUpdate === true)
        return { url: '', outcome: 'absent' };
    let written;
    if (standing !== undefined && plan.decision === 'unchanged')
        written = { url: standing.url, outcome: 'unchanged' };
    else if (standing !== undefined && comment.mode === 'update')
        written = {
            url: (await client.request(github_comments_UPDATE, { ...place, comment_id: standing.id, body })).html_url,
            outcome: 'updated',
        };
    else
        written = { url: await create(upsert, body), outcome: 'created' };
    const replaced = standing !== undefined && written.outcome === 'created' ? [standing] : [];
    for (const { id } of [...plan.duplicates, ...replaced])
        await remove(client, place, id);
    if (plan.forged.length > 0)
        warnOfForged(upsert.log, plan.forged);
    return written;
}
function assembleBody(client, marker, comment, budget) {
    const line = formatMarker(marker);
    const room = beside(budget, line);
    return `${line}\n${cut(client.scrub(comment.body(room)), room, '')}`;
}
async function create({ client, place, login, existing, comment }, body) {
    const known = new Set(existing.map(({ id }) => id));
    const parameters = { ...place, issue_number: comment.issueNumber, body };
    const made = await client.createOnce(github_comments_CREATE, parameters, async (reader) => {
        const comments = await listComments(reader, place, comment.issueNumber);
        const ours = comments.find(one => !known.has(one.id) && isOwn(one.author, login) && isSameBody(one.body, body));
        return ours === undefined ? undefined : { html_url: ours.url };
    });
    return made.html_url;
}
async function listComments(client, place, issueNumber) {
    const comments = [];
    for await (const page of client.pages(github_comments_LIST, { ...place, issue_number: issueNumber, per_page: 100 }))
        comments.push(...page.map(existingComment));
    return comments;
}
function existingComment(comment) {
    const { user } = comment;
    return {
        id: Number(comment.id),
        url: comment.html_url,
        body: comment.body ?? '',
        author: user === null
            ? undefined
            : { login: user.login, type: user.type, appSlug: comment.performed_via_github_app?.slug ?? undefined },
    };
}
/** One that is gone already, by another run or by our attempt whose answer was lost, is as good as removed. */
async function remove(client, place, id) {
    try {
        await client.request(DELETE, { ...place, comment_id: id });
    }
    catch (error) {
        if (!(error instanceof errors/* ApiError */.hD && error.status === 404))
            throw error;
    }
}
function isTooLong(error) {
    return error instanceof errors/* ApiError */.hD && error.status === 422 && /too long|maximum is \d+ characters/i.test(error.message);
}
function warnOfForged(log, forged) {
    const urls = forged.map(({ url, author }) => `${url} by ${author?.login ?? 'a deleted account'}`);
    log.warning(`A comment by somebody else carries our marker; it was left alone: ${urls.slice(0, 5).join(', ')}`);
}

;// CONCATENATED MODULE: ./kit/adapters/github-files.ts

const CONTENTS = 'GET /repos/{owner}/{repo}/contents/{path}';
const BLOB = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}';
/** Reads files at a commit; `undefined` for what is not there or is no file. */
function githubFileReader(client, place, sha) {
    return async (path) => {
        try {
            const found = await client.request(CONTENTS, { ...place, path, ref: sha });
            if (Array.isArray(found) || found.type !== 'file')
                return undefined;
            if (found.encoding === 'base64')
                return decode(found.content);
            // Over 1 MB the content comes only as a blob.
            return decode((await client.request(BLOB, { ...place, file_sha: found.sha })).content);
        }
        catch (error) {
            if (error instanceof errors/* ApiError */.hD && error.status === 404)
                return undefined;
            throw error;
        }
    };
}
function decode(base64) {
    return Buffer.from(base64, 'base64').toString();
}

;// CONCATENATED MODULE: ./kit/adapters/github-commits.ts




const HEAD = 'GET /repos/{owner}/{repo}/git/ref/{ref}';
const LOG = 'GET /repos/{owner}/{repo}/commits';
const MUTATION = `mutation createCommitOnBranch($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`;
const TRAILER = 'Slipway-Intent';
const MOST_RACES = 8;
const FIRST_PAUSE_MILLISECONDS = 250;
const MOST_PAGES_BACK = 3;
/**
 * Commits through GraphQL on the head that was read: verified, never forced. Another writer's commit in between means
 * reading again and applying the intent again. After a lost answer the branch is searched for the intent's trailer.
 */
function githubCommits(client, place, { clock, random }) {
    return {
        async commit(intent) {
            for (let race = 0; race < MOST_RACES; race += 1) {
                const { sha } = (await client.request(HEAD, { ...place, ref: `heads/${intent.branch}` })).object;
                const head = { sha, readText: githubFileReader(client, place, sha) };
                const change = await intent.change(head);
                if (change === undefined)
                    return { sha, outcome: 'nothing' };
                const input = inputOf(intent, change, sha, place, client);
                try {
                    const made = await client.mutateOnce('createCommitOnBranch', MUTATION, { input }, reader => findIntent(reader, place, intent, sha));
                    const oid = made.createCommitOnBranch?.commit?.oid;
                    if (oid === undefined)
                        throw new errors/* ActionError */.lZ(`GitHub made no commit on ${intent.branch} and gave no reason`);
                    return { sha: oid, outcome: 'created' };
                }
                catch (error) {
                    if (!isLostRace(error))
                        throw error;
                    await clock.sleep(FIRST_PAUSE_MILLISECONDS * 2 ** race * (0.5 + random.next()));
                }
            }
            throw new errors/* ActionError */.lZ(`${MOST_RACES} times another commit reached ${intent.branch} first; nothing was written`, {
                hint: 'Run the job again, or let fewer jobs write to this branch at once ("concurrency:")',
            });
        },
    };
}
function inputOf(intent, change, sha, place, client) {
    const trailer = `${TRAILER}: ${encodeURIComponent(client.scrub(intent.idempotencyKey))}`;
    return {
        branch: { repositoryNameWithOwner: `${place.owner}/${place.repo}`, branchName: intent.branch },
        expectedHeadOid: sha,
        message: {
            headline: client.scrub(change.headline),
            body: change.body === undefined ? trailer : `${client.scrub(change.body)}\n\n${trailer}`,
        },
        fileChanges: {
            additions: change.additions.map(({ path, content }) => ({
                path: insideRepository(path),
                contents: contentsOf(path, content, client),
            })),
            deletions: (change.deletions ?? []).map(path => ({ path: insideRepository(path) })),
        },
    };
}
/** A secret in a file is not blanked, which would break the file, but refused. */
function contentsOf(path, content, client) {
    const bytes = Buffer.from(content);
    const text = bytes.toString('latin1');
    const readable = bytes.toString();
    if (client.scrub(readable) !== readable || client.scrub(text) !== text)
        throw new errors/* ActionError */.lZ(`${path} was not committed: its new content holds what looks like a secret`, {
            hint: 'Keep the secret out of the file, or out of what Slipway writes into it',
        });
    return bytes.toString('base64');
}
function insideRepository(path) {
    const parts = path.split('/');
    if (parts.some(part => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git'))
        throw new errors/* ActionError */.lZ(`${JSON.stringify(path)} is no path inside of the repository`);
    return path;
}
function isLostRace(error) {
    if (!(error instanceof GraphqlError))
        return false;
    return error.types.includes('STALE_DATA') || /expected branch to point to/i.test(error.message);
}
/** Our commit among those that the branch got since `before`. */
async function findIntent(reader, place, intent, before) {
    const trailer = `${TRAILER}: ${encodeURIComponent(reader.scrub(intent.idempotencyKey))}`;
    let pages = 0;
    for await (const commits of reader.pages(LOG, { ...place, sha: intent.branch, per_page: limits/* LIMITS */.b.pageSize })) {
        for (const { sha, commit } of commits) {
            if (sha === before)
                return undefined;
            if (commit.message.split('\n').includes(trailer))
                return { createCommitOnBranch: { commit: { oid: sha } } };
        }
        pages += 1;
        if (pages === MOST_PAGES_BACK)
            return undefined;
    }
    return undefined;
}

;// CONCATENATED MODULE: ./kit/adapters/github-deployments.ts



const github_deployments_LIST = 'GET /repos/{owner}/{repo}/deployments';
const github_deployments_CREATE = 'POST /repos/{owner}/{repo}/deployments';
const STATUSES = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses';
const SET_STATUS = 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses';
/** Deployments: the idempotency key is kept in the payload, so that a deployment is found again whatever happened. */
function githubDeployments(client, place) {
    return {
        async create({ ref, environment, description, idempotencyKey, requiredContexts }) {
            const key = client.scrub(idempotencyKey);
            const named = client.scrub(environment);
            const find = async (reader) => {
                const query = { ...place, environment: named, task: 'deploy', per_page: limits/* LIMITS */.b.pageSize };
                for await (const page of reader.pages(github_deployments_LIST, query)) {
                    const ours = page.find(deployment => keyOf(deployment.payload) === key);
                    if (ours !== undefined)
                        return { id: Number(ours.id) };
                }
                return undefined;
            };
            const existing = await find(client);
            if (existing !== undefined)
                return existing;
            const made = await client.createOnce(github_deployments_CREATE, {
                ...place,
                ref,
                task: 'deploy',
                environment: named,
                description: github_deployments_shorten(client, description),
                auto_merge: false,
                // GitHub's default asks for all statuses of the commit, which include the run that deploys.
                required_contexts: [...(requiredContexts ?? [])],
                payload: { slipway: key },
            }, find);
            if (!('id' in made))
                throw new errors/* ApiError */.hD(`GitHub made no deployment: ${made.message ?? ''}`, { route: github_deployments_CREATE, status: 202 });
            return { id: Number(made.id) };
        },
        async setStatus(id, state, { description = '', environmentUrl }) {
            const wanted = {
                state,
                description: github_deployments_shorten(client, description),
                ...(environmentUrl === undefined ? {} : { environment_url: environmentUrl }),
            };
            await client.createOnce(SET_STATUS, { ...place, deployment_id: id, ...wanted }, async (reader) => {
                const [newest] = await reader.request(STATUSES, { ...place, deployment_id: id, per_page: 1 });
                return newest?.state === state &&
                    newest.description === wanted.description &&
                    (newest.environment_url ?? '') === (environmentUrl ?? '')
                    ? newest
                    : undefined;
            });
        },
    };
}
function github_deployments_shorten(client, description) {
    return (0,shorten/* shortenEnd */.t)(client.scrub(description), limits/* LIMITS */.b.deploymentDescriptionCharacters);
}
/** GitHub gives a payload back as an object or as its JSON. */
function keyOf(payload) {
    if (typeof payload === 'string') {
        try {
            return keyOf(JSON.parse(payload));
        }
        catch {
            return undefined;
        }
    }
    return typeof payload === 'object' && payload !== null ? payload.slipway : undefined;
}

;// CONCATENATED MODULE: ./kit/adapters/github-labels.ts


const github_labels_LIST = 'GET /repos/{owner}/{repo}/issues/{issue_number}/labels';
const ADD = 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels';
const REMOVE = 'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}';
/** Labels of an issue or pull request. Adding what is there and removing what is not are no errors. */
function githubLabels(client, place) {
    return {
        async add(issueNumber, label) {
            const name = client.scrub(label);
            await client.createOnce(ADD, { ...place, issue_number: issueNumber, labels: [name] }, async (reader) => {
                const labels = await labelsOf(reader, place, issueNumber);
                return labels.some(one => one.toLowerCase() === name.toLowerCase()) ? labels : undefined;
            });
        },
        async remove(issueNumber, label) {
            try {
                await client.request(REMOVE, { ...place, issue_number: issueNumber, name: label });
            }
            catch (error) {
                if (!(error instanceof errors/* ApiError */.hD && error.status === 404))
                    throw error;
                const labels = await labelsOf(client, place, issueNumber);
                if (labels.some(one => one.toLowerCase() === label.toLowerCase()))
                    throw error;
            }
        },
    };
}
async function labelsOf(client, place, issueNumber) {
    const names = [];
    for await (const page of client.pages(github_labels_LIST, { ...place, issue_number: issueNumber, per_page: limits/* LIMITS */.b.pageSize }))
        names.push(...page.map(label => label.name));
    return names;
}

;// CONCATENATED MODULE: ./kit/adapters/github-repository.ts


const PULLS = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls';
const RUNS = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs';
const COMMIT = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}';
function githubRepository(client, place) {
    return {
        async mergedPullRequests(sha) {
            const merged = [];
            for await (const page of client.pages(PULLS, { ...place, commit_sha: sha, per_page: limits/* LIMITS */.b.pageSize }))
                for (const pull of page)
                    if (pull.merged_at !== null && pull.merge_commit_sha === sha)
                        merged.push({
                            number: pull.number,
                            headSha: pull.head.sha,
                            headRef: pull.head.ref,
                            baseRef: pull.base.ref,
                            mergeCommitSha: pull.merge_commit_sha,
                            url: pull.html_url,
                        });
            return merged;
        },
        async successfulRuns(workflowFile, headSha) {
            const runs = [];
            const query = { workflow_id: workflowFile, head_sha: headSha, status: 'success' };
            for await (const { workflow_runs } of client.pages(RUNS, { ...place, ...query, per_page: limits/* LIMITS */.b.pageSize }))
                for (const run of workflow_runs)
                    if (run.conclusion === 'success' && run.head_sha === headSha)
                        runs.push({
                            id: Number(run.id),
                            attempt: run.run_attempt ?? 1,
                            headSha: run.head_sha,
                            event: run.event,
                            path: run.path,
                            url: run.html_url,
                        });
            return runs.sort((one, other) => other.id - one.id);
        },
        async treeOf(sha) {
            return (await client.request(COMMIT, { ...place, commit_sha: sha })).tree.sha;
        },
        labels: issueNumber => labelsOf(client, place, issueNumber),
    };
}

;// CONCATENATED MODULE: ./kit/adapters/github-statuses.ts


const COMBINED = 'GET /repos/{owner}/{repo}/commits/{ref}/status';
const github_statuses_CREATE = 'POST /repos/{owner}/{repo}/statuses/{sha}';
/** Commit statuses: two requests each, one when the newest status says the same already. */
function githubStatuses(client, place) {
    return {
        async set({ sha, context, state, description, targetUrl }) {
            const wanted = {
                state,
                context: client.scrub(context),
                description: (0,shorten/* shortenEnd */.t)(client.scrub(description), limits/* LIMITS */.b.statusDescriptionCharacters),
                ...(targetUrl === undefined ? {} : { target_url: targetUrl }),
            };
            const find = async (reader) => {
                for await (const { statuses } of reader.pages(COMBINED, { ...place, ref: sha, per_page: limits/* LIMITS */.b.pageSize })) {
                    const newest = statuses.find(status => status.context === wanted.context);
                    if (newest !== undefined)
                        return saysTheSame(newest, wanted) ? newest : undefined;
                }
                return undefined;
            };
            if ((await find(client)) !== undefined)
                return;
            await client.createOnce(github_statuses_CREATE, { ...place, sha, ...wanted }, find);
        },
    };
}
function saysTheSame(status, wanted) {
    return (status.state === wanted.state &&
        (status.description ?? '') === wanted.description &&
        (status.target_url ?? undefined) === wanted.target_url);
}

;// CONCATENATED MODULE: ./kit/adapters/github-token-identity.ts
function tokenIdentity(client) {
    let asked;
    return () => {
        asked ??= client
            .query('viewer', 'query viewer { viewer { login } }', {})
            .then(({ viewer }) => viewer.login);
        return asked;
    };
}

;// CONCATENATED MODULE: ./kit/adapters/github-api.ts










/** The ports that talk to GitHub's API. Nothing is sent before one of them is used. */
function githubApi(settings) {
    const { run, log, clock, random } = settings;
    const client = requireToken(settings.token, createGitHubClient({
        ...settings,
        apiUrl: run.apiUrl.replace(/\/+$/, ''),
        graphqlUrl: settings.graphqlUrl ?? graphqlUrlOf(run.apiUrl),
        userAgent: `slipway/${settings.version} (${settings.action})`,
    }));
    const [owner = '', repo = ''] = run.repository.split('/');
    const place = { owner, repo };
    const identity = tokenIdentity(client);
    return {
        comments: githubComments(client, place, identity, run, log),
        statuses: githubStatuses(client, place),
        checks: githubChecks(client, place, identity),
        deployments: githubDeployments(client, place),
        labels: githubLabels(client, place),
        commits: githubCommits(client, place, { clock, random }),
        repository: githubRepository(client, place),
    };
}
/** GHES serves REST at `/api/v3` and GraphQL at `/api/graphql`. */
function graphqlUrlOf(apiUrl) {
    const base = apiUrl.replace(/\/+$/, '');
    return base.endsWith('/api/v3') ? `${base.slice(0, -'/v3'.length)}/graphql` : `${base}/graphql`;
}
function requireToken(token, client) {
    if (token !== '')
        return client;
    const refuse = () => {
        throw new errors/* InputError */.dz([
            {
                input: 'github-token',
                problem: 'it is empty, and GitHub is to be asked',
                fix: 'Give it ${{ github.token }}, which is its default',
            },
        ]);
    };
    return {
        scrub: client.scrub,
        request: async () => refuse(),
        pages: () => refuse(),
        createOnce: async () => refuse(),
        appendOnce: async () => refuse(),
        query: async () => refuse(),
        mutateOnce: async () => refuse(),
    };
}

;// CONCATENATED MODULE: ./kit/adapters/http.ts


const DEFAULT_TIMEOUT_MILLISECONDS = 30_000;
/** Calls outside GitHub: the runner's proxies are used, redirects are not followed, nothing is sent twice. */
function systemHttp(userAgent) {
    return {
        async request({ method, url, headers = {}, body, timeoutMilliseconds = DEFAULT_TIMEOUT_MILLISECONDS }) {
            const client = new lib/* HttpClient */.Qq(userAgent, [], {
                allowRetries: false,
                allowRedirects: false,
                socketTimeout: timeoutMilliseconds,
            });
            try {
                const response = await client.request(method, url, body ?? null, { ...headers });
                return {
                    status: response.message.statusCode ?? 0,
                    headers: Object.fromEntries(Object.entries(response.message.headers).map(([name, value]) => [
                        name,
                        Array.isArray(value) ? value.join(', ') : (value ?? ''),
                    ])),
                    body: await response.readBody(),
                };
            }
            catch (cause) {
                // The URL's query may hold a credential, so only its host is named (rule R13).
                throw new errors/* ActionError */.lZ(`${new URL(url).host} could not be reached`, { cause });
            }
            finally {
                client.dispose();
            }
        },
    };
}

;// CONCATENATED MODULE: ./kit/adapters/identity.ts


function githubIdentity(environment, log) {
    return {
        async token(audience) {
            if (environment.get('ACTIONS_ID_TOKEN_REQUEST_URL') === undefined ||
                environment.get('ACTIONS_ID_TOKEN_REQUEST_TOKEN') === undefined)
                throw new errors/* ActionError */.lZ('this job has no identity to sign in with', {
                    hint: 'Add to the job:\npermissions:\n  id-token: write',
                });
            try {
                const token = await (0,core.getIDToken)(audience);
                log.secret(token);
                return token;
            }
            catch (cause) {
                throw new errors/* ActionError */.lZ('GitHub gave this job no identity token', { cause });
            }
        },
    };
}

;// CONCATENATED MODULE: ./kit/adapters/random.ts

const systemRandom = {
    next: () => Math.random(),
    bytes: count => new Uint8Array((0,external_node_crypto_.randomBytes)(count)),
};

;// CONCATENATED MODULE: ./kit/adapters/run-context.ts

/** Reads what started this run from the runner's variables and the event's file. */
function runContextOf(variables) {
    const value = (name, otherwise) => variables[name] || otherwise;
    const number = (name) => Number(variables[name] || '0');
    const repository = value('GITHUB_REPOSITORY', '');
    const serverUrl = value('GITHUB_SERVER_URL', 'https://github.com');
    const runId = number('GITHUB_RUN_ID');
    const runAttempt = Math.max(1, number('GITHUB_RUN_ATTEMPT'));
    const id = number('GITHUB_REPOSITORY_ID');
    return {
        repository,
        repositoryId: id > 0 ? id : undefined,
        sha: value('GITHUB_SHA', ''),
        ref: value('GITHUB_REF', ''),
        eventName: value('GITHUB_EVENT_NAME', ''),
        runId,
        runNumber: number('GITHUB_RUN_NUMBER'),
        runAttempt,
        job: value('GITHUB_JOB', ''),
        workflow: value('GITHUB_WORKFLOW', ''),
        actor: value('GITHUB_ACTOR', ''),
        serverUrl,
        apiUrl: value('GITHUB_API_URL', 'https://api.github.com'),
        runUrl: runId > 0 ? `${serverUrl}/${repository}/actions/runs/${runId}/attempts/${runAttempt}` : '',
        pullRequest: pullRequestOf(readEvent(variables['GITHUB_EVENT_PATH'])),
    };
}
function readEvent(path) {
    if (!path || !(0,external_node_fs_.existsSync)(path))
        return {};
    return JSON.parse((0,external_node_fs_.readFileSync)(path, 'utf8'));
}
/** The pull request of an event's payload; `undefined` when the event has none, or names one without its commits. */
function pullRequestOf(event) {
    const pull = part(event, 'pull_request');
    const head = part(pull, 'head');
    const base = part(pull, 'base');
    const number = part(pull, 'number');
    const [headSha, baseSha, headRef, baseRef] = [
        part(head, 'sha'),
        part(base, 'sha'),
        part(head, 'ref'),
        part(base, 'ref'),
    ];
    if (typeof number !== 'number' || typeof headSha !== 'string' || typeof baseSha !== 'string')
        return undefined;
    if (typeof headRef !== 'string' || typeof baseRef !== 'string')
        return undefined;
    const headRepository = part(part(head, 'repo'), 'id');
    // A head whose repository is gone has no id: it was a fork.
    const fork = headRepository === undefined || headRepository !== part(part(base, 'repo'), 'id');
    return { number, headSha, baseSha, headRef, baseRef, fork };
}
function part(value, key) {
    return typeof value === 'object' && value !== null ? value[key] : undefined;
}

;// CONCATENATED MODULE: ./kit/adapters/summary.ts



const summary_ENDING = '_The rest did not fit into the step summary._';
/** The step's summary file; what other programs of the step wrote to it counts too (rule R19). */
function fileSummary(path, log) {
    const remaining = async () => {
        if (path === undefined)
            return limits/* LIMITS */.b.summaryBytes;
        const written = await (0,external_node_fs_promises_.stat)(path).then(file => file.size, () => 0);
        return Math.max(0, limits/* LIMITS */.b.summaryBytes - written - 1);
    };
    return {
        remaining,
        async write(markdown) {
            if (path === undefined) {
                log.debug('there is no step summary to write to');
                return;
            }
            const room = await remaining();
            if (room < Buffer.byteLength(summary_ENDING)) {
                log.warning('the step summary is full: the report was left out');
                return;
            }
            await (0,external_node_fs_promises_.appendFile)(path, `${fit([() => markdown], { bytes: room, characters: Infinity }, summary_ENDING)}\n`);
        },
    };
}

// EXTERNAL MODULE: ./node_modules/@actions/tool-cache/lib/tool-cache.js + 2 modules
var tool_cache = __webpack_require__(9805);
// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(6466);
;// CONCATENATED MODULE: ./kit/tools/sums.ts
const ENTRY = /^([0-9a-fA-F]{64})(?:\s+\*?(.+))?$/;
/**
 * The SHA-256 of a file in a vendor's list: lines of `<hex>  <name>` as sha256sum writes them, or one bare sum.
 * @returns lower-case hex; `undefined` when the list has no entry for `fileName`, or two that differ
 */
function sumOf(list, fileName) {
    const entries = list
        .split(/\r?\n/)
        .map(line => ENTRY.exec(line.trim()))
        .filter(match => match !== null)
        .map(([, sum, name]) => ({ sum: sum.toLowerCase(), name: name?.replace(/^.*\//, '') }));
    const bare = entries.length === 1 && entries[0].name === undefined;
    const sums = new Set(entries.filter(entry => bare || entry.name === fileName).map(entry => entry.sum));
    return sums.size === 1 ? [...sums][0] : undefined;
}

;// CONCATENATED MODULE: ./kit/tools/table.ts
const NUMBER = /v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/;
const firstVersion = (output) => NUMBER.exec(output)?.[1];
const exe = (name, { os }) => (os === 'windows' ? `${name}.exe` : name);
function parseJson(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
function at(value, key) {
    return typeof value === 'object' && value !== null ? value[key] : undefined;
}
const isText = (value) => typeof value === 'string';
/** `terraform version -json`, and the same of tofu. */
const terraformVersion = (output) => {
    const version = at(parseJson(output), 'terraform_version');
    return isText(version) ? version : undefined;
};
/** GitHub's list of releases: https://docs.github.com/rest/releases/releases#list-releases */
const githubReleases = (tagPrefix) => ({
    indexPaths: () => ['releases?per_page=100'],
    parseIndex(text) {
        const releases = parseJson(text);
        if (!Array.isArray(releases))
            return [];
        const tags = releases.map(release => at(release, 'tag_name')).filter(isText);
        return tags.filter(tag => tag.startsWith(tagPrefix)).map(tag => tag.slice(tagPrefix.length));
    },
});
/** A file that holds nothing but one version. */
const oneVersion = (text) => [firstVersion(text)].filter(isText);
const VENDORS = {
    terraform: {
        downloadUrl: 'https://releases.hashicorp.com/terraform',
        indexUrl: 'https://releases.hashicorp.com/terraform',
        indexPaths: () => ['index.json'],
        parseIndex: text => Object.keys(at(parseJson(text), 'versions') ?? {}),
        release: (version, target) => ({
            archive: `${version}/terraform_${version}_${target.os}_${target.arch}.zip`,
            kind: 'zip',
            sums: `${version}/terraform_${version}_SHA256SUMS`,
            member: exe('terraform', target),
        }),
        versionArgs: ['version', '-json'],
        parseVersion: terraformVersion,
    },
    tofu: {
        downloadUrl: 'https://github.com/opentofu/opentofu/releases/download',
        indexUrl: 'https://get.opentofu.org/tofu',
        indexPaths: () => ['api.json'],
        parseIndex(text) {
            const versions = at(parseJson(text), 'versions');
            return Array.isArray(versions) ? versions.map(version => at(version, 'id')).filter(isText) : [];
        },
        release: (version, target) => ({
            archive: `v${version}/tofu_${version}_${target.os}_${target.arch}.zip`,
            kind: 'zip',
            sums: `v${version}/tofu_${version}_SHA256SUMS`,
            member: exe('tofu', target),
        }),
        versionArgs: ['version', '-json'],
        parseVersion: terraformVersion,
    },
    kubectl: {
        downloadUrl: 'https://dl.k8s.io/release',
        indexUrl: 'https://dl.k8s.io/release',
        indexPaths: (major, minor) => [minor === undefined ? 'stable.txt' : `stable-${major}.${minor}.txt`],
        parseIndex: oneVersion,
        release(version, target) {
            const archive = `v${version}/bin/${target.os}/${target.arch}/${exe('kubectl', target)}`;
            return { archive, kind: 'binary', sums: `${archive}.sha256`, member: exe('kubectl', target) };
        },
        versionArgs: ['version', '--client', '--output', 'json'],
        parseVersion(output) {
            const version = at(at(parseJson(output), 'clientVersion'), 'gitVersion');
            return isText(version) ? firstVersion(version) : undefined;
        },
    },
    helm: {
        downloadUrl: 'https://get.helm.sh',
        indexUrl: 'https://get.helm.sh',
        indexPaths: major => [major === undefined ? 'helm-latest-version' : `helm${major}-latest-version`],
        parseIndex: oneVersion,
        release(version, target) {
            const kind = target.os === 'windows' ? 'zip' : 'tar.gz';
            const archive = `helm-v${version}-${target.os}-${target.arch}.${kind}`;
            const member = `${target.os}-${target.arch}/${exe('helm', target)}`;
            return { archive, kind, sums: `${archive}.sha256sum`, member };
        },
        versionArgs: ['version', '--template', '{{.Version}}'],
        parseVersion: firstVersion,
    },
    kustomize: {
        downloadUrl: 'https://github.com/kubernetes-sigs/kustomize/releases/download',
        indexUrl: 'https://api.github.com/repos/kubernetes-sigs/kustomize',
        ...githubReleases('kustomize/v'),
        release(version, target) {
            const kind = target.os === 'windows' ? 'zip' : 'tar.gz';
            return {
                archive: `kustomize%2Fv${version}/kustomize_v${version}_${target.os}_${target.arch}.${kind}`,
                kind,
                sums: `kustomize%2Fv${version}/checksums.txt`,
                member: exe('kustomize', target),
            };
        },
        versionArgs: ['version'],
        parseVersion: firstVersion,
    },
    k6: {
        downloadUrl: 'https://github.com/grafana/k6/releases/download',
        indexUrl: 'https://api.github.com/repos/grafana/k6',
        ...githubReleases('v'),
        release(version, target) {
            const kind = target.os === 'linux' ? 'tar.gz' : 'zip';
            const name = `k6-v${version}-${target.os === 'darwin' ? 'macos' : target.os}-${target.arch}`;
            return {
                archive: `v${version}/${name}.${kind}`,
                kind,
                sums: `v${version}/k6-v${version}-checksums.txt`,
                member: `${name}/${exe('k6', target)}`,
            };
        },
        versionArgs: ['version'],
        parseVersion: firstVersion,
    },
    infracost: {
        downloadUrl: 'https://github.com/infracost/infracost/releases/download',
        indexUrl: 'https://api.github.com/repos/infracost/infracost',
        ...githubReleases('v'),
        release(version, target) {
            const name = `infracost-${target.os}-${target.arch}`;
            return {
                archive: `v${version}/${name}.tar.gz`,
                kind: 'tar.gz',
                sums: `v${version}/${name}.tar.gz.sha256`,
                member: exe(name, target),
            };
        },
        versionArgs: ['--version'],
        parseVersion: firstVersion,
    },
};
const SYSTEMS = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const ARCHITECTURES = {
    x64: 'amd64',
    arm64: 'arm64',
    ia32: '386',
    arm: 'arm',
};
/** Node's names of a system in Go's words; `undefined` where no vendor makes releases. */
function targetOf(platform, architecture) {
    const [os, arch] = [SYSTEMS[platform], ARCHITECTURES[architecture]];
    return os && arch && { os, arch };
}
/** The program's file name when it is installed. */
function programName(tool, target) {
    return exe(tool, target);
}

// EXTERNAL MODULE: ./node_modules/semver/index.js
var semver = __webpack_require__(2088);
var semver_default = /*#__PURE__*/__webpack_require__.n(semver);
// EXTERNAL MODULE: ./kit/inputs.ts
var inputs = __webpack_require__(180);
;// CONCATENATED MODULE: ./kit/tools/version.ts


/** `auto`, a version or a range as npm writes it (`1.11.4`, `~> 1.11` is written `~1.11`, `>=1.9 <2`). */
const versionRange = {
    parse(raw) {
        if (raw === '' || raw === 'auto')
            return 'auto';
        if (semver_default().validRange(raw) === null)
            throw new inputs/* Unusable */.kO('it is not a version or a range of versions', 'Write "auto", "1.11.4", "1.11.x" or ">=1.9 <2"');
        return raw;
    },
};
/** True when `version` is in `range`; `auto` takes any. A pre-release fits only when the range names one. */
function version_fits(version, range) {
    return range === 'auto' || semver_default().satisfies(version, range);
}
/** The one version that a range names, without `v`; `undefined` for a real range. */
function exactVersion(range) {
    return semver_default().valid(range) ?? undefined;
}
/** The newest of `versions` in `range`. Pre-releases are left out for `auto`. */
function newest(versions, range) {
    const known = versions.filter(version => semver_default().valid(version) !== null);
    return semver_default().maxSatisfying([...known], range === 'auto' ? '*' : range) ?? undefined;
}
/** Major and minor that every version in `range` has; `undefined` where they differ. */
function commonMajorMinor(range) {
    const lowest = range === 'auto' ? null : semver_default().minVersion(range);
    if (lowest === null)
        return { major: undefined, minor: undefined };
    const { major, minor } = lowest;
    if (!semver_default().subset(range, `${major}.x`))
        return { major: undefined, minor: undefined };
    return { major, minor: semver_default().subset(range, `${major}.${minor}.x`) ? minor : undefined };
}

;// CONCATENATED MODULE: ./kit/adapters/tools.ts










/** Tools from PATH, from the runner's tool cache, or from their vendor with the checksum proved before unpacking. */
function systemTools(settings) {
    const { log } = settings;
    return {
        async find(name, { range, downloadUrl }) {
            const target = targetOf(process.platform, process.arch);
            if (target === undefined)
                throw new errors/* ActionError */.lZ(`${name} is not made for ${process.platform} on ${process.arch}`, {
                    hint: `Put ${name} on PATH yourself`,
                });
            const present = await onPath(settings, name, target, range);
            if (present !== undefined)
                return present;
            const cached = inCache(name, target, range);
            if (cached !== undefined)
                return cached;
            const base = withoutSlash(downloadUrl || VENDORS[name].downloadUrl);
            await (0,external_node_fs_promises_.mkdir)(settings.temporary, { recursive: true });
            const scratch = { ...settings, temporary: await (0,external_node_fs_promises_.mkdtemp)((0,external_node_path_.join)(settings.temporary, 'slipway-tool-')) };
            try {
                const version = exactVersion(range) ?? (await newestFor(scratch, name, range, downloadUrl));
                return await log.group(`Install ${name} ${version}`, () => install(scratch, name, version, base, target));
            }
            finally {
                await (0,external_node_fs_promises_.rm)(scratch.temporary, { recursive: true, force: true });
            }
        },
    };
}
async function onPath(settings, name, target, range) {
    const path = await lookUp(settings.environment.get('PATH') ?? '', programName(name, target));
    if (path === undefined)
        return undefined;
    const version = await versionOf(settings.exec, name, path).catch((error) => {
        settings.log.debug(error instanceof Error ? error.message : String(error));
        return undefined;
    });
    if (version === undefined) {
        settings.log.warning(`${path} does not say which version it is, so it is not used`);
        return undefined;
    }
    if (!version_fits(version, range)) {
        settings.log.info(`${path} is ${version}; ${range} is asked for`);
        return undefined;
    }
    return { name, path, version, origin: 'path' };
}
async function lookUp(searchPath, program) {
    for (const folder of searchPath.split(external_node_path_.delimiter).filter(part => part !== '')) {
        const path = (0,external_node_path_.join)(folder, program);
        const runnable = await (0,external_node_fs_promises_.access)(path, external_node_fs_promises_.constants.X_OK).then(async () => (await (0,external_node_fs_promises_.stat)(path)).isFile(), () => false);
        if (runnable)
            return path;
    }
    return undefined;
}
async function versionOf(exec, name, path) {
    const { stdout } = await exec.run({ file: path, args: VENDORS[name].versionArgs, timeoutMilliseconds: 30_000 });
    return VENDORS[name].parseVersion(stdout);
}
function inCache(name, target, range) {
    const version = newest(tool_cache/* findAllVersions */.iq(name), range);
    const folder = version === undefined ? '' : tool_cache/* find */.I6(name, version);
    if (version === undefined || folder === '')
        return undefined;
    return { name, path: (0,external_node_path_.join)(folder, programName(name, target)), version, origin: 'cache' };
}
async function newestFor(settings, name, range, mirror) {
    const { major, minor } = commonMajorMinor(range);
    const base = withoutSlash(mirror || VENDORS[name].indexUrl);
    const lists = VENDORS[name].indexPaths(major, minor).map(async (path) => {
        const index = await download(settings, `${base}/${path}`, `the list of versions of ${name}`);
        return VENDORS[name].parseIndex(await (0,external_node_fs_promises_.readFile)(index, 'utf8'));
    });
    const versions = (await Promise.all(lists)).flat();
    const version = newest(versions, range);
    if (version !== undefined)
        return version;
    const newestKnown = newest(versions, 'auto');
    throw new errors/* ActionError */.lZ(newestKnown === undefined
        ? `the list of versions of ${name} at ${base} holds none that can be read`
        : `no version of ${name} fits "${range}"; the newest at ${base} is ${newestKnown}`, { hint: `Name another version, or put ${name} on PATH` });
}
async function install(settings, name, version, base, target) {
    const release = VENDORS[name].release(version, target);
    const what = `${name} ${version}`;
    const sums = await (0,external_node_fs_promises_.readFile)(await download(settings, `${base}/${release.sums}`, `the checksums of ${what}`), 'utf8');
    const fileName = decodeURIComponent((0,external_node_path_.basename)(release.archive));
    const expected = sumOf(sums, fileName);
    if (expected === undefined)
        throw new errors/* ActionError */.lZ(`the checksums of ${what} have no single entry for ${fileName}, so it was not installed`, {
            hint: 'Look at "download-url": the mirror may be incomplete',
        });
    const archive = await download(settings, `${base}/${release.archive}`, what);
    const actual = await sha256(archive);
    if (actual !== expected)
        throw new errors/* ActionError */.lZ(`${what} does not have the checksum that its vendor gives, so it was not unpacked`, {
            hint: `Expected ${expected}, got ${actual}. Look at "download-url": the file may be cut, or not the vendor's`,
        });
    const unpacked = release.kind === 'binary' ? archive : await unpack(settings, archive, release, what);
    const found = await (0,external_node_fs_promises_.lstat)(unpacked).catch(() => undefined);
    if (!found?.isFile())
        throw new errors/* ActionError */.lZ(`the archive of ${what} does not hold the program ${release.member}`);
    await (0,external_node_fs_promises_.chmod)(unpacked, 0o755);
    const said = await versionOf(settings.exec, name, unpacked);
    if (said !== version)
        throw new errors/* ActionError */.lZ(`${what} was asked for, but the program says it is ${said ?? 'unknown'}`);
    const program = programName(name, target);
    const path = (0,external_node_path_.join)(await tool_cache/* cacheFile */.NJ(unpacked, program, name, version), program);
    settings.log.info(`${what} is at ${path}`);
    return { name, path, version, origin: 'download' };
}
async function download(settings, url, what) {
    try {
        settings.log.debug(`Download ${url}`);
        return await tool_cache/* downloadTool */.bq(url, (0,external_node_path_.join)(settings.temporary, `slipway-${(0,external_node_crypto_.randomUUID)()}`));
    }
    catch (cause) {
        const status = cause instanceof tool_cache/* HTTPError */.Hl ? cause.httpStatusCode : undefined;
        throw new errors/* ActionError */.lZ(status === 404 ? `${what} is not at ${url}` : `${what} could not be downloaded from ${url}`, {
            cause,
            hint: 'Check the version and "download-url", or put the tool on PATH',
        });
    }
}
/** Takes the one program out of the archive and nothing else, so that no other entry can write anywhere. */
async function unpack(settings, archive, release, what) {
    const folder = (0,external_node_path_.join)(settings.temporary, 'unpacked');
    await (0,external_node_fs_promises_.mkdir)(folder);
    try {
        await settings.exec.run(release.kind === 'zip'
            ? { file: 'unzip', args: ['-q', archive, release.member, '-d', folder] }
            : { file: 'tar', args: ['-xzf', archive, '-C', folder, release.member] });
    }
    catch (cause) {
        throw new errors/* ActionError */.lZ(`${release.member} could not be unpacked from the archive of ${what}`, { cause });
    }
    return (0,external_node_path_.join)(folder, release.member);
}
async function sha256(path) {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    await (0,external_node_stream_promises_.pipeline)((0,external_node_fs_.createReadStream)(path), hash);
    return hash.digest('hex');
}
const withoutSlash = (url) => url.replace(/\/+$/, '');

;// CONCATENATED MODULE: ./kit/adapters/ports-github.ts












function githubPorts(settings) {
    const { log, exec, environment, temporary, token, action } = settings;
    const [clock, random, run] = [systemClock, systemRandom, runContextOf(process.env)];
    const graphqlUrl = environment.get('GITHUB_GRAPHQL_URL');
    const scrub = createLiveScrubber(settings.secrets);
    return {
        ...githubApi({ token, run, graphqlUrl, log, clock, random, scrub, action, version: VERSION }),
        log,
        exec,
        environment,
        clock,
        random,
        run,
        files: systemFiles({ workspace: settings.workspace, temporary, confined: true }),
        summary: fileSummary(environment.get('GITHUB_STEP_SUMMARY'), log),
        identity: githubIdentity(environment, log),
        http: systemHttp(`slipway/${VERSION} (${action})`),
        tools: systemTools({ exec, log, environment, temporary }),
        state: { save: core.saveState },
    };
}


/***/ })

};
