/**
 * Two channels joined in the relay's middle: what comes on one leaves on the other. Nothing is kept: the reader of one
 * end gives credit, the other end's writer gets it, so a slow end holds up its own pair and nobody else.
 */

import type { Channel, System } from '../../core/index.ts'
import { codeOf } from './relay-frame.ts'

/** What a splice asks of its owner. */
export interface SplicePorts {
  readonly startTimer: System['startTimer']
  /** Bytes went one way: 0 from the first channel to the second. @returns how long to wait before more is read, ms */
  onBytes(way: 0 | 1, bytes: number): number
  /** Both ways have ended, or it broke. */
  onOver(): void
}

/** Passes bytes both ways until both have ended; what breaks one end breaks the other with the same code. */
export function splice(first: Channel, second: Channel, ports: SplicePorts): void {
  const pass = async (from: Channel, to: Channel, way: 0 | 1): Promise<void> => {
    const reader = from.readable.getReader()
    const writer = to.writable.getWriter()
    writer.closed.catch(() => {})
    for (;;) {
      const { value, done } = await reader.read()
      if (done) break
      const waitMs = ports.onBytes(way, value.length)
      await writer.ready
      writer.write(value).catch(() => {})
      if (waitMs > 0) await new Promise<void>((resolve) => void ports.startTimer(resolve, waitMs))
    }
    await writer.close()
  }
  const run = async (): Promise<void> => {
    try {
      await Promise.all([pass(first, second, 0), pass(second, first, 1)])
    } catch (error) {
      const code = codeOf(error, 'GOSSIP_CONNECTION_LOST')
      first.reset(code)
      second.reset(code)
    }
    ports.onOver()
  }
  void run()
}
