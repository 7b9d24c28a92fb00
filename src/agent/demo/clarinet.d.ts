/** The part of clarinet that the demo uses; the package has no types of its own. */

declare module 'clarinet' {
  interface Parser {
    readonly line: number
    error: Error | null
    onerror: (error: Error) => void
    write(text: string): Parser
    close(): Parser
  }
  const clarinet: { parser(): Parser }

  // biome-ignore lint/style/noDefaultExport: that is what the package has.
  export { clarinet as default }
}
