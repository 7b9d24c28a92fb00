/** Reads JSON, and where it is none, finds the line that is to blame. */

import clarinet from 'clarinet'

/** What is wrong with a text, and on which line. */
export interface JsonProblem {
  readonly problem: string
  /** From 1. */
  readonly line: number
}

/** The value of a text, or what is wrong with it. */
export function readJson(text: string): { readonly value: unknown } | JsonProblem {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { problem: message.replace(/\s+/g, ' '), line: lineOf(text, message) }
  }
}

/** The runtime names a position for some mistakes; for the others a parser that counts lines has to look. */
function lineOf(text: string, message: string): number {
  const position = / position (\d+)/.exec(message)?.[1]
  return position === undefined ? countedLine(text) : linesOf(text.slice(0, Number(position) + 1))
}

function countedLine(text: string): number {
  const parser = clarinet.parser()
  let line: number | undefined
  parser.onerror = () => {
    line ??= parser.line
    parser.error = null // Else the next call throws.
  }
  parser.write(text).close()
  return line ?? linesOf(text)
}

function linesOf(text: string): number {
  return text.trimEnd().split('\n').length
}
