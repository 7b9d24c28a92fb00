/**
 * The subject alternative names of a certificate, taken apart. The runtime gives them as one text, in which a name with
 * odd characters stands as a JSON string; splitting at commas alone would let such a name smuggle in another.
 */

/** One name, with its kind as the runtime spells it: `DNS`, `URI`, `IP Address`, `email` … */
export interface AlternativeName {
  readonly kind: string
  readonly value: string
}

/** A name without quotes ends at a comma; one with quotes at the quote that is not escaped. */
const NAME = /(?<kind>[^:,"]+):(?:(?<quoted>"(?:[^"\\]|\\.)*")|(?<bare>[^,"]*))(?:, |$)/y

/**
 * Reads the names.
 *
 * @param text - `subjectAltName` of a certificate; undefined where it has none
 * @returns the names in their order; undefined if the text is not of the form the runtime writes
 */
export function alternativeNames(text: string | undefined): readonly AlternativeName[] | undefined {
  const names: AlternativeName[] = []
  NAME.lastIndex = 0
  while (text !== undefined && NAME.lastIndex < text.length) {
    const groups = NAME.exec(text)?.groups
    const value = groups === undefined ? undefined : textOf(groups)
    if (groups === undefined || value === undefined) return undefined
    names.push({ kind: groups['kind'] ?? '', value })
  }
  return names
}

function textOf({ quoted, bare }: Record<string, string | undefined>): string | undefined {
  if (quoted === undefined) return bare
  try {
    return JSON.parse(quoted) as string
  } catch {
    return undefined
  }
}
