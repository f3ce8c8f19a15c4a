import { parse } from 'yaml'

/** A `uses:` with what is given to it, wherever it stands in a workflow or in a piece of one. */
export interface Use {
  readonly uses: string
  readonly id: string | undefined
  readonly given: readonly string[]
  readonly secrets: readonly string[]
}

export function findUses(yaml: string): readonly Use[] {
  const found: Use[] = []
  // Compose's own tags (`!override`) are warnings to this parser, and none of its business.
  visit(parse(yaml, { logLevel: 'error' }), found)
  return found
}

function visit(node: unknown, found: Use[]): void {
  if (typeof node !== 'object' || node === null) return
  if ('uses' in node && typeof node.uses === 'string') {
    const { id, with: given, secrets } = node as { id?: string; with?: object; secrets?: object | string }
    found.push({
      uses: node.uses,
      id,
      given: Object.keys(given ?? {}),
      secrets: typeof secrets === 'object' ? Object.keys(secrets) : [],
    })
  }
  for (const value of Object.values(node)) visit(value, found)
}

/** `steps.<id>.outputs.<name>` in a workflow. */
export function findOutputReferences(yaml: string): readonly { readonly step: string; readonly output: string }[] {
  return [...yaml.matchAll(/\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g)].map(([, step, output]) => ({
    step: step!,
    output: output!,
  }))
}

/** The YAML blocks of a Markdown document. */
export function yamlBlocks(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```ya?ml\n([\s\S]*?)^```/gm)].map(([, block]) => block!)
}
