/**
 * What the kit asks the runtime about a transport from outside: which handles are open, how much memory is held, what
 * was thrown where nobody could catch it. Runtimes that cannot say leave the case out.
 */

/** The parts of Node's `process` that are used, as far as they are there. */
interface ProcessLike {
  getActiveResourcesInfo?(): string[]
  memoryUsage?(): { heapUsed: number; external: number }
  on?(event: StrayEvent, listener: (error: unknown) => void): unknown
  off?(event: StrayEvent, listener: (error: unknown) => void): unknown
}

type StrayEvent = 'uncaughtException' | 'unhandledRejection'

const STRAY_EVENTS: readonly StrayEvent[] = ['uncaughtException', 'unhandledRejection']

/** Whether the runtime can count handles and memory. */
export function canInspect(): boolean {
  const runtime = runtimeProcess()
  return 'getActiveResourcesInfo' in runtime && 'memoryUsage' in runtime
}

/** How many of each kind of handle keep the process alive. */
export function openHandles(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const kind of runtimeProcess().getActiveResourcesInfo?.() ?? []) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/**
 * A way to measure memory without what is only waiting to be collected.
 *
 * @returns a function that gives the bytes in use, and takes some 10 ms
 */
export async function memoryMeter(): Promise<() => number> {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([import('node:v8'), import('node:vm')])
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  return () => {
    collect()
    const { heapUsed = 0, external = 0 } = runtimeProcess().memoryUsage?.() ?? {}
    return heapUsed + external
  }
}

/**
 * Watches for errors that nobody can catch, which would end the process.
 *
 * @returns a function that stops watching
 */
export function watchStrayErrors(onError: (error: unknown) => void): () => void {
  const runtime = runtimeProcess()
  for (const event of STRAY_EVENTS) runtime.on?.(event, onError)
  return () => {
    for (const event of STRAY_EVENTS) runtime.off?.(event, onError)
  }
}

function runtimeProcess(): ProcessLike {
  return (globalThis as { process?: ProcessLike }).process ?? {}
}
