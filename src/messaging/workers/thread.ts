/**
 * One thread from its start to its end. It is asked by number, answers by number, and takes everything that waits for it
 * with it when it ends, whatever it ended of.
 */

import { extname } from 'node:path'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { GossipError, System } from '../../core/index.ts'
import { codeOf, MessagingError, messageOf, WorkerError } from '../errors.ts'
import type { MessageContext } from '../handler.ts'
import type { Payload } from '../payload.ts'
import type { WorkerLimits } from './options.ts'
import { type Order, parcelOf, type Report, type WorkerStart } from './orders.ts'

/** What a thread tells. */
export interface ThreadPorts {
  /** A module is loaded, or why it cannot be. */
  onLoaded(part: number, error: GossipError | undefined): void
  /** It has ended, once; everything that waited has failed. */
  onEnded(error: MessagingError): void
}

interface Call {
  readonly resolve: (payload: Payload) => void
  readonly reject: (error: Error) => void
  readonly settled: () => void
}

/** A thread. */
export class Thread {
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #limits: WorkerLimits
  readonly #system: Pick<System, 'startTimer'>
  readonly #ports: ThreadPorts
  readonly #calls = new Map<number, Call>()
  /** Modules that are being loaded, and what stops the clock of each. */
  readonly #loading = new Map<number, () => void>()
  #lastCall = 0
  /** Why it ended, or will. */
  #end: MessagingError | undefined

  /** It starts at once, and keeps no process alive but while it loads. */
  constructor(limits: WorkerLimits, system: Pick<System, 'startTimer'>, ports: ThreadPorts) {
    this.#limits = limits
    this.#system = system
    this.#ports = ports
    const { port1, port2 } = new MessageChannel()
    const start: WorkerStart = { port: port2 }
    const entry = new URL(`./entry${extname(import.meta.url)}`, import.meta.url)
    const { resourceLimits } = limits
    this.#worker = new Worker(entry, { workerData: start, transferList: [port2], resourceLimits })
    this.#port = port1
    port1.on('message', (report: Report) => this.#onReport(report))
    port1.unref()
    this.#worker.unref()
    this.#worker.on('error', (cause) => this.#finish(`it failed: ${messageOf(cause)}`, cause))
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#finish(`it ended by itself, exit code ${code}`)
        port1.close()
        resolve()
      })
    })
  }

  /** Calls without an answer. */
  get pending(): number {
    return this.#calls.size
  }

  /** Loads a module; `onLoaded` tells when, or the thread ends. */
  load(part: number, file: string, name: string): void {
    const { startTimeoutMs } = this.#limits
    const cancel = this.#system.startTimer(() => void this.stop(`no module in ${startTimeoutMs} ms`), startTimeoutMs)
    this.#loading.set(part, cancel)
    // Whoever waits for a module to be loaded may have nothing else that keeps the process going.
    this.#worker.ref()
    this.#post({ kind: 'load', part, file, name })
  }

  /**
   * Calls a part.
   *
   * @throws {MessagingError | GossipError} as a rejection: `GOSSIP_WORKER_BUSY`, `GOSSIP_WORKER_FAILED`; what the handler threw
   */
  call(part: number, payload: Payload, { from, way, signal }: MessageContext): Promise<Payload> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) throw this.#end
      const { pendingCallsMax } = this.#limits
      if (this.#calls.size >= pendingCallsMax) {
        throw new MessagingError('GOSSIP_WORKER_BUSY', `${pendingCallsMax} calls wait for this worker already`)
      }
      const call = ++this.#lastCall
      const onAbort = (): void => {
        const code = codeOf(signal.reason, 'GOSSIP_ABORTED')
        this.#post({ kind: 'cancel', call, code, message: messageOf(signal.reason) })
      }
      this.#calls.set(call, { resolve, reject, settled: () => signal.removeEventListener('abort', onAbort) })
      const parcel = parcelOf(payload)
      this.#post({ kind: 'call', call, part, payload: parcel.payload as Payload, from, way }, parcel.transfer)
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Ends it, whatever it is doing. Resolves when it has ended. */
  stop(reason: string): Promise<void> {
    this.#finish(reason)
    void this.#worker.terminate()
    return this.ended
  }

  #onReport(report: Report): void {
    switch (report.kind) {
      case 'loaded':
        this.#loaded(report.part, undefined)
        return
      case 'unusable':
        this.#loaded(report.part, new MessagingError('GOSSIP_WORKER_FAILED', `no handler: ${report.problem}`))
        return
      case 'result':
        // What the worker's own code answers is checked where the answer is written, as that of any handler.
        this.#take(report.call)?.resolve(report.payload as Payload)
        return
      case 'failure':
        this.#take(report.call)?.reject(new WorkerError(report.code, report.message))
    }
  }

  #loaded(part: number, error: GossipError | undefined): void {
    this.#loading.get(part)?.()
    if (!this.#loading.delete(part)) return
    if (this.#loading.size === 0) this.#worker.unref()
    this.#ports.onLoaded(part, error)
  }

  #take(id: number): Call | undefined {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    call?.settled()
    return call
  }

  #post(order: Order, transfer: ArrayBuffer[] = []): void {
    if (this.#end === undefined) this.#port.postMessage(order, transfer)
  }

  #finish(reason: string, cause?: unknown): void {
    if (this.#end !== undefined) return
    const error = new MessagingError('GOSSIP_WORKER_FAILED', `the worker is gone: ${reason}`, { cause })
    this.#end = error
    for (const cancel of this.#loading.values()) cancel()
    this.#loading.clear()
    for (const id of [...this.#calls.keys()]) this.#take(id)?.reject(error)
    this.#ports.onEnded(error)
  }
}
