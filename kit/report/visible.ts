const TERMINAL_SEQUENCE = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\^_])/g

const HIDDEN =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E0FFF}\p{Surrogate}]/gu

/** Most text: nothing in it needs a second look. */
const PLAIN = /^[\n\t\u0020-\u007E]*$/

const JOINERS = new Set(['\u200C', '\u200D'])

/**
 * Text in which nothing hides: control, bidirectional and invisible characters become `<U+202E>`, colours of a terminal
 * go, line ends become `\n`. Joiners inside emoji and non-Latin words stay. Lone surrogates are shown too, so that the
 * result is well-formed.
 */
export function makeVisible(text: string): string {
  if (PLAIN.test(text)) return text
  return text
    .replace(TERMINAL_SEQUENCE, '')
    .replace(/\r\n?/g, '\n')
    .replace(HIDDEN, (character, at: number, whole: string) => {
      if (JOINERS.has(character) && joins(whole, at)) return character
      return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`
    })
}

function joins(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1)
  const after = text.charCodeAt(at + 1)
  const visible = (code: number) => code > 0x7f && !(code >= 0x2000 && code <= 0x206f)
  return visible(before) && visible(after)
}
