import { isMap, isScalar, parseDocument } from 'yaml'
import { Unusable, type Parser } from '#kit/inputs'
import { yamlProblem } from '#kit/yaml/problem'

/**
 * Extra variables as the text that was given: Ansible reads it by its own rules (YAML 1.1, `!vault`), so it is only
 * checked here, and never written anew. `''` when there are none.
 */
export const extraVariables: Parser<string> = {
  parse(raw) {
    if (raw === '') return raw
    // A tag that only Ansible knows is a warning.
    const document = parseDocument(raw, { version: '1.1', logLevel: 'silent' })
    const [error] = document.errors
    if (error !== undefined)
      throw new Unusable(`it is no YAML: ${yamlProblem(error)}`, 'Write "name: value", one per line')
    if (!isMap(document.contents))
      throw new Unusable('it is not a mapping', 'Write "name: value", one per line, or a JSON object')
    for (const { key } of document.contents.items) {
      const name = isScalar(key) ? String(key.value) : ''
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
        throw new Unusable(
          `${JSON.stringify(name)} is not the name of a variable`,
          'Use letters, digits and "_", and begin with no digit',
        )
    }
    return raw
  },
}
