/**
 * The only place of the core that touches the runtime's clock, timers and chance. Everything else gets them as
 * arguments, so that tests and the simulator can supply their own.
 */

/** Time, timers and chance, as the driver needs them. */
export interface System {
  /** Monotonic time, ms, any origin. A wall-clock jump does not move it. */
  now(): number
  /** Wall-clock time, ms since the Unix epoch. Used for nothing but the generation of a new life. */
  wallClockMs(): number
  /** Uniform in [0, 1). */
  random(): number
  /** Calls back once, `delayMs` from now or later; the returned function cancels. Never keeps a process alive. */
  startTimer(callback: () => void, delayMs: number): () => void
}

/** The runtime's own clock, timers and random source (Node, browsers, workers). */
export const runtimeSystem: System = {
  now: () => performance.now(),
  wallClockMs: () => Date.now(),
  random: () => Math.random(),
  startTimer(callback, delayMs) {
    const timer: unknown = setTimeout(callback, delayMs)
    if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function')
      timer.unref()
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>)
  },
}
