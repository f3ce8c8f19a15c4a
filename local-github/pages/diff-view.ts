import type { FileDiff } from './git-history.ts'
import { html, type Html, type Piece } from './html.ts'
import { emptyState } from './layout.ts'
import { count } from './words.ts'

/** Files of a change, each with its own scrolling diff. */
export function renderDiff(files: readonly FileDiff[]): Html {
  if (files.length === 0) return emptyState('No change', 'Both sides hold the same files.')
  const added = files.reduce((sum, file) => sum + file.added, 0)
  const removed = files.reduce((sum, file) => sum + file.removed, 0)
  return html`<p class="quiet">${count(files.length, 'file')} changed, <span class="plus">+${added}</span> <span class="minus">−${removed}</span></p>
${files.map(
  (
    file,
    index,
  ) => html`<details class="card file" id="file-${index}"${(file.lines.length > 0 || file.binary) && html` open`}>
<summary><code>${file.status === 'renamed' && html`${breakable(file.oldPath)} → `}${breakable(file.path)}</code>
<span class="quiet">${file.status}, <span class="plus">+${file.added}</span> <span class="minus">−${file.removed}</span></span></summary>
${
  file.binary
    ? html`<p class="quiet inset">A binary file: not shown.</p>`
    : html`<div class="scroll" tabindex="0" role="group" aria-label="Change of ${file.path}"><table class="diff"><tbody>${file.lines.map(
        line =>
          html`<tr class="${line.kind}"><td class="at">${line.old}</td><td class="at">${line.new}</td><td class="code"><span class="sign" aria-hidden="true">${
            line.kind === 'added' ? '+' : line.kind === 'removed' ? '-' : ' '
          }</span>${line.text}</td></tr>`,
      )}</tbody></table></div>`
}
${file.left > 0 && html`<p class="quiet inset">${count(file.left, 'more line')} not shown here; <code>git diff</code> has them.</p>`}
</details>`,
)}`
}

/** A long path breaks behind a folder, rather than in a name. */
function breakable(path: string): Piece {
  return path.split(/(?<=\/)/).map((part, index) => [index > 0 && html`<wbr>`, part])
}
