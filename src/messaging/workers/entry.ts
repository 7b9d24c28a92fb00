/**
 * What runs in a worker: it loads the modules it is told to, calls what they export, and sends back what comes of it.
 * It has a port of its own, so that modules may use `parentPort` as they like.
 */

import { workerData } from 'node:worker_threads'
import { TransportError } from '../../core/index.ts'
import { codeOf, messageOf } from '../errors.ts'
import { type Order, parcelOf, type Report, type WorkerFunction, type WorkerStart } from './orders.ts'

const { port } = workerData as WorkerStart
/** What each part exports; a rejection where it cannot be loaded. */
const parts = new Map<number, Promise<WorkerFunction>>()
const running = new Map<number, AbortController>()

port.on('message', (order: Order) => {
  switch (order.kind) {
    case 'load':
      void load(order)
      return
    case 'call':
      void call(order)
      return
    case 'cancel': {
      const { code, message } = order
      running.get(order.call)?.abort(new TransportError(code, message, { direction: 'inbound' }))
    }
  }
})

async function load({ part, file, name }: Extract<Order, { kind: 'load' }>): Promise<void> {
  const loading = exportOf(file, name)
  parts.set(part, loading)
  try {
    await loading
    tell({ kind: 'loaded', part })
  } catch (thrown) {
    tell({ kind: 'unusable', part, problem: messageOf(thrown) })
  }
}

async function exportOf(file: string, name: string): Promise<WorkerFunction> {
  const module = (await import(file)) as Readonly<Record<string, unknown>>
  const found = module[name]
  if (typeof found === 'function') return found as WorkerFunction
  throw new TypeError(`${file} exports no function ${JSON.stringify(name)}`)
}

async function call({ call: id, part, payload, from, way }: Extract<Order, { kind: 'call' }>): Promise<void> {
  const controller = new AbortController()
  running.set(id, controller)
  try {
    const handle = await parts.get(part)
    const parcel = parcelOf(await handle?.(payload, { from, way, signal: controller.signal }))
    tell({ kind: 'result', call: id, payload: parcel.payload }, parcel.transfer)
  } catch (thrown) {
    // What cannot be copied into another thread can be no answer either.
    const isForeign = thrown instanceof DOMException && thrown.name === 'DataCloneError'
    const code = isForeign ? 'GOSSIP_VALUE_INVALID' : codeOf(thrown, 'GOSSIP_HANDLER_FAILED')
    tell({ kind: 'failure', call: id, code, message: messageOf(thrown) })
  } finally {
    running.delete(id)
  }
}

function tell(report: Report, transfer: ArrayBuffer[] = []): void {
  port.postMessage(report, transfer)
}
