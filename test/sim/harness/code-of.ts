/** What a call is refused with. */

/** The code of the error that is thrown, `none` for one without, undefined when nothing is thrown. */
export function codeOf(act: () => unknown): string | undefined {
  try {
    act()
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'none'
  }
  return undefined
}
