/** The running commentary of the demo: lines that stay, and one that tells how far the present act has come. */

import type { Output } from '../cli/index.ts'

const LABEL_WIDTH = 10
const COLUMNS = 80
/** Where nothing can be redrawn, progress is a line now and then. */
const LINE_EVERY_MS = 1_000

/** Writes the commentary. On a terminal the line of progress is redrawn in place. */
export class Progress {
  readonly #output: Output
  readonly #startMs = performance.now()
  #hasOpenLine = false
  #lastLineMs = performance.now()

  constructor(output: Output) {
    this.#output = output
  }

  /** A line that stays, with the time since the beginning and the act it belongs to. */
  tell(label: string, text: string): void {
    this.#closeLine()
    this.#output.write(`${this.#head(label)}${text}\n`)
    this.#lastLineMs = performance.now()
  }

  /** Lines that stay, as they are. */
  print(text: string): void {
    this.#closeLine()
    this.#output.write(text)
  }

  /** How far the present act has come. Call it as often as you like. */
  show(label: string, text: string): void {
    const line = `${this.#head(label)}${text}`
    if (this.#output.isTTY === true) {
      // A line that wraps could not be taken back. A terminal that does not know its width says 0.
      this.#output.write(`\r\u001B[2K${line.slice(0, (this.#output.columns || COLUMNS) - 1)}`)
      this.#hasOpenLine = true
    } else if (performance.now() - this.#lastLineMs >= LINE_EVERY_MS) {
      this.tell(label, text)
    }
  }

  #head(label: string): string {
    const seconds = ((performance.now() - this.#startMs) / 1_000).toFixed(1)
    return `${seconds.padStart(5)} s  ${label.padEnd(LABEL_WIDTH)} `
  }

  #closeLine(): void {
    if (this.#hasOpenLine) this.#output.write('\r\u001B[2K')
    this.#hasOpenLine = false
  }
}
