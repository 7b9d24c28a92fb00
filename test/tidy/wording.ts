/** What no text of the project says: unfinished business, silenced checks, paths of one machine. */

import { type Finding, type SourceFile, walk } from './source-file.ts'

/** Any file with text, whatever its language. */
export interface TextFile {
  readonly path: string
  readonly text: string
}

const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/
const SILENCED = /@ts-(ignore|nocheck)\b/

/** Unfinished or silenced code in a source file. */
export function wordingFindings(file: SourceFile): Finding[] {
  const findings: Finding[] = []
  const tell = (position: number, message: string): void => {
    findings.push({ path: file.path, line: file.lineAt(position), message })
  }
  for (const comment of file.comments) {
    const [mark] = UNFINISHED.exec(comment.text) ?? SILENCED.exec(comment.text) ?? []
    if (mark !== undefined) tell(comment.start, `has a comment with ${mark}`)
  }
  walk(file.program, (node) => {
    if (node.type === 'TSAnyKeyword') tell(node.start, 'uses the type any: say unknown and check it')
  })
  return findings
}

/** Paths that exist only on somebody's machine. Tests may name the temporary folder. */
export function machinePathFindings({ path, text }: TextFile): Finding[] {
  const roots = path.startsWith('test/') ? 'work|root|home' : 'work|root|home|tmp'
  const machinePath = new RegExp(String.raw`(?<![\w.~-])/(${roots})/`)
  return text.split('\n').flatMap((line, i) => {
    const [found] = machinePath.exec(line) ?? []
    return found === undefined ? [] : [{ path, line: i + 1, message: `names a path of one machine: ${found}` }]
  })
}
