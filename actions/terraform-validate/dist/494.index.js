export const id = 494;
export const ids = [494];
export const modules = {

/***/ 3494:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  githubPorts: () => (/* binding */ githubPorts)
});

// EXTERNAL MODULE: ./node_modules/@actions/core/lib/core.js + 8 modules
var core = __webpack_require__(6058);
// EXTERNAL MODULE: ./kit/errors.ts
var errors = __webpack_require__(6958);
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

// EXTERNAL MODULE: ./node_modules/@actions/http-client/lib/index.js + 1 modules
var lib = __webpack_require__(4942);
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
                const token = await (0,core/* getIDToken */.V9)(audience);
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

// EXTERNAL MODULE: ./kit/report/budget.ts + 2 modules
var budget = __webpack_require__(9784);
// EXTERNAL MODULE: ./kit/report/limits.ts
var limits = __webpack_require__(6106);
;// CONCATENATED MODULE: ./kit/adapters/summary.ts



const ENDING = '_The rest did not fit into the step summary._';
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
            if (room < Buffer.byteLength(ENDING)) {
                log.warning('the step summary is full: the report was left out');
                return;
            }
            await (0,external_node_fs_promises_.appendFile)(path, `${(0,budget/* fit */.Uj)([() => markdown], { bytes: room, characters: Infinity }, ENDING)}\n`);
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
function fits(version, range) {
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
    if (!fits(version, range)) {
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
    const { log, exec, environment } = settings;
    const none = () => Promise.reject(new errors/* ActionError */.lZ('this part of the GitHub host is not connected'));
    return {
        log,
        exec,
        environment,
        clock: systemClock,
        random: systemRandom,
        files: systemFiles({ workspace: settings.workspace, temporary: settings.temporary, confined: true }),
        run: runContextOf(process.env),
        summary: fileSummary(environment.get('GITHUB_STEP_SUMMARY'), log),
        identity: githubIdentity(environment, log),
        http: systemHttp(`slipway (${settings.action})`),
        state: { save: core/* saveState */.LZ },
        tools: systemTools({ exec, log, environment, temporary: settings.temporary }),
        comments: { upsert: none },
        statuses: { set: none },
        checks: { complete: none },
        deployments: { create: none, setStatus: none },
        labels: { add: none, remove: none },
        repository: { mergedPullRequests: none, successfulRuns: none, treeOf: none, labels: none },
    };
}


/***/ })

};
