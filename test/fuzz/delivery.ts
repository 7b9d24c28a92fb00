/** How an attack is delivered: on a connection of its own, or as packets from a socket of its own. */

import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import type { JsonValue } from '../../src/core/index.ts'
import { UdpTransport } from '../../src/transports/index.ts'
import type { FuzzCase } from './fuzz-case.ts'

/** How long a connection is kept open for whatever the other side may do, ms. */
const OPEN_MS = 150
/** How long a payload may take to leave, ms. */
const PAYLOAD_MS = 20

/** Delivers attacks to one port of this machine. */
export class Delivery {
  readonly #port: number
  #attacker: Promise<UdpTransport> | undefined

  constructor(port: number) {
    this.#port = port
  }

  /** Sends it. Resolves when it is over; that the other side objects is no failure. */
  async deliver(attack: FuzzCase): Promise<void> {
    if (attack.wire !== 'udp') await sendStream(attack, this.#port)
    else if (attack.payload === undefined) await sendPackets(attack, this.#port)
    else await this.#sendPayload(attack.payload as JsonValue)
  }

  /** Lets go of what was opened for it. */
  async close(): Promise<void> {
    await (await this.#attacker)?.close()
  }

  async #sendPayload(payload: JsonValue): Promise<void> {
    this.#attacker ??= openAttacker()
    const attacker = await this.#attacker
    const local = { id: 'recorded b', transport: attacker.address ?? null }
    try {
      attacker.digest({ transport: { url: `udp://127.0.0.1:${this.#port}` } }, local, payload)
    } catch {
      // No JSON can say it, so nobody can send it.
    }
    await new Promise((resolve) => setTimeout(resolve, PAYLOAD_MS))
  }
}

async function openAttacker(): Promise<UdpTransport> {
  const attacker = new UdpTransport({ host: '127.0.0.1', port: 0 })
  attacker.on('error', () => {})
  const hello = {
    protocolVersion: 1,
    clusterId: 'fuzz',
    id: 'recorded b',
    generation: 1,
    features: [],
    valueBytesMax: 900,
  }
  attacker.introduce(hello)
  await attacker.listen()
  return attacker
}

function sendStream({ parts, from, index }: FuzzCase, port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from, noDelay: true })
    const timer = setTimeout(() => socket.destroy(), OPEN_MS)
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.resume()
    socket.on('connect', () => {
      for (const part of parts) socket.write(part)
      // Some say that this is all, others leave that open.
      if (index % 3 > 0) socket.end()
    })
  })
}

function sendPackets({ parts, from }: FuzzCase, port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.on('error', () => {})
    socket.bind(0, from, () => {
      let left = parts.length
      const onSent = (): void => {
        if (--left === 0) socket.close(() => resolve())
      }
      for (const part of parts) socket.send(part.subarray(0, 60_000), port, '127.0.0.1', onSent)
    })
  })
}
