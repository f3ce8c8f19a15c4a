/** The commands at the start of a push: pkt-lines `old new ref`, ended by a flush packet (git's pack protocol). Pure. */
export interface RefCommand {
  readonly ref: string
  readonly before: string
  readonly after: string
}

const commandPattern = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0\n]+)/

export function readCommands(start: Buffer): RefCommand[] {
  const commands: RefCommand[] = []
  let offset = 0
  while (offset + 4 <= start.length) {
    const length = Number.parseInt(start.subarray(offset, offset + 4).toString('latin1'), 16)
    if (!Number.isInteger(length) || length < 4) break
    const [, before, after, ref] = commandPattern.exec(start.subarray(offset + 4, offset + length).toString()) ?? []
    if (before !== undefined && after !== undefined && ref !== undefined) commands.push({ before, after, ref })
    offset += length
  }
  return commands
}
