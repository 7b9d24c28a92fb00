/**
 * The sockets of a transport: the one that listens, and one for each family of addresses that it cannot send to. Where
 * packets are plain and nobody has said that they may be, all of them stay on this machine.
 */

import { createSocket, type Socket } from 'node:dgram'
import { assert, LifecycleError } from '../../core/index.ts'
import { type Endpoint, endpointOf, isLoopback } from './endpoint.ts'

/** What sockets ask of their transport. */
export interface SocketPorts {
  onPacket(packet: Buffer, endpoint: Endpoint): void
  /** A packet could not be sent, or a socket has trouble of its own. */
  onTrouble(error: Error, endpoint: Endpoint | undefined): void
}

/** An address that is bound. */
export interface BoundAddress {
  readonly ip: string
  readonly port: number
}

/** What the system is asked to hold of what has arrived; it may allow less. */
const RECEIVE_BUFFER_BYTES = 1_048_576

/** The sockets of one transport. */
export class Sockets {
  readonly #ports: SocketPorts
  readonly #staysHome: boolean
  readonly #open = new Set<Socket>()
  #listening: { readonly socket: Socket; readonly family: 4 | 6; readonly isDual: boolean } | undefined
  readonly #diallers = new Map<4 | 6, Socket>()
  #isClosed = false

  /** @param staysHome - nothing is sent to other machines */
  constructor(staysHome: boolean, ports: SocketPorts) {
    this.#staysHome = staysHome
    this.#ports = ports
  }

  /** Bytes that the system has not taken yet. */
  get queuedBytes(): number {
    let bytes = 0
    for (const socket of this.#open) bytes += socket.getSendQueueSize()
    return bytes
  }

  /** Whether packets may be sent there. */
  mayReach({ ip }: Endpoint): boolean {
    return !this.#staysHome || isLoopback(ip)
  }

  /**
   * Listens at an IP address.
   *
   * @throws as a rejection: the system's error, or `GOSSIP_ABORTED` if it is closed meanwhile
   */
  async listen(ip: string, port: number): Promise<BoundAddress> {
    if (this.#isClosed) throw closedError()
    const family = ip.includes(':') ? 6 : 4
    const socket = this.#create(family)
    try {
      await bound(socket, ip, port)
    } catch (error) {
      await this.#close(socket)
      throw error
    }
    if (this.#isClosed) throw closedError()
    socket.on('error', (error) => this.#ports.onTrouble(error, undefined))
    const address = socket.address()
    this.#listening = { socket, family, isDual: address.address === '::' }
    return { ip: address.address, port: address.port }
  }

  /** Sends a packet, or tells why not. */
  send(packet: Buffer, endpoint: Endpoint): void {
    if (this.#isClosed) return
    assert(this.mayReach(endpoint), 'what stays on this machine is not sent away')
    const { socket, host } = this.#wayTo(endpoint)
    socket.send(packet, endpoint.port, host, (error) => {
      if (error !== null && !this.#isClosed) this.#ports.onTrouble(error, endpoint)
    })
  }

  /** Closes all; resolves when they are gone. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#open].map((socket) => this.#close(socket)))
  }

  #wayTo({ family, ip }: Endpoint): { socket: Socket; host: string } {
    const listening = this.#listening
    if (listening?.family === family) return { socket: listening.socket, host: ip }
    if (family === 4 && listening?.isDual === true) return { socket: listening.socket, host: `::ffff:${ip}` }
    return { socket: this.#diallers.get(family) ?? this.#newDialler(family), host: ip }
  }

  /** Packets wait within it until it is bound, which takes a turn of the event loop. */
  #newDialler(family: 4 | 6): Socket {
    const socket = this.#create(family)
    socket.on('error', (error) => {
      this.#ports.onTrouble(error, undefined)
      this.#diallers.delete(family)
      void this.#close(socket)
    })
    const loopback = family === 4 ? '127.0.0.1' : '::1'
    socket.bind(this.#staysHome ? { address: loopback, port: 0 } : { port: 0 })
    this.#diallers.set(family, socket)
    return socket
  }

  #create(family: 4 | 6): Socket {
    const socket = createSocket({ type: `udp${family}`, recvBufferSize: RECEIVE_BUFFER_BYTES, lookup: asItIs })
    this.#open.add(socket)
    socket.on('message', (packet, { address, port }) => {
      const endpoint = endpointOf(address, port)
      if (endpoint !== undefined && !this.#isClosed) this.#ports.onPacket(packet, endpoint)
    })
    return socket
  }

  #close(socket: Socket): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#open.delete(socket)) {
        resolve()
        return
      }
      socket.close(resolve)
    })
  }
}

function bound(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(closedError()))
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject)
      resolve()
    })
  })
}

function closedError(): LifecycleError {
  return new LifecycleError('GOSSIP_ABORTED', 'the transport was closed before it listened')
}

/** Hosts are IP addresses by now: nobody else has to be asked. */
function asItIs(
  host: string,
  _: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  callback(null, host, host.includes(':') ? 6 : 4)
}
