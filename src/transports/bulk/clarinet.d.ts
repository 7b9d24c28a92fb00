/** The parts of clarinet that are used here; the package has no types of its own. */

declare module 'clarinet' {
  /** Tells what a text consists of, while the text arrives. */
  export interface Parser {
    /** From 1. */
    readonly line: number
    /** Containers that are open, as states to go back to; a field of an object counts from its key on. */
    readonly stack: readonly number[]
    /** The text of the number that is being read, or was just told. */
    readonly numberNode: string
    /** What has come of the string that is being read, or that was read and not told yet. */
    textNode: string | undefined
    error: Error | null
    onerror: (error: Error) => void
    onvalue: (value: string | number | boolean | null) => void
    /** With the first key, or undefined where the object is empty. */
    onopenobject: (firstKey?: string) => void
    onkey: (key: string) => void
    oncloseobject: () => void
    onopenarray: () => void
    onclosearray: () => void
    write(text: string): Parser
    close(): Parser
  }
  const clarinet: { parser(): Parser }

  // biome-ignore lint/style/noDefaultExport: that is what the package has.
  export { clarinet as default }
}
