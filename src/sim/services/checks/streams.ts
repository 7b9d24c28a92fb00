/**
 * Streams: bytes arrive exactly in order, none lost and none doubled. A stream that ended has all; one that broke a prefix,
 * and an error with a code at the end that it broke for.
 */

import type { Duplex } from 'node:stream'
import { type CheckPorts, codeOf, type ServiceCheck } from '../check.ts'
import type { ServiceLife } from '../life.ts'
import type { SessionsCheck } from './sessions.ts'
import { StreamEnd } from './stream-end.ts'

/** What a stream carries. */
export interface StreamPlan {
  readonly bytes: number
  readonly back: number
  readonly stopAt?: number | undefined
}

interface Header extends StreamPlan {
  readonly number: number
}

interface Play extends Header {
  readonly name: string
  near: StreamEnd | undefined
  far: StreamEnd | undefined
  /** What it failed to open with. */
  refusal: string | undefined
}

const LISTENER = 'sim:flow'
const OPEN_TIMEOUT_MS = 5_000

/** See the head of this file. */
export class StreamsCheck implements ServiceCheck {
  readonly #ports: CheckPorts
  readonly #sessions: SessionsCheck
  readonly #plays: Play[] = []

  constructor(ports: CheckPorts, sessions: SessionsCheck) {
    this.#ports = ports
    this.#sessions = sessions
  }

  attach(life: ServiceLife): void {
    life.messenger.onStream(LISTENER, (stream, { header, session }) => {
      const play = this.#plays[(header as unknown as Header).number]
      if (play === undefined)
        this.#ports.journal.object('streams', life.label, 'is offered a stream that nobody opened')
      else if (play.far !== undefined) this.#ports.journal.object('streams', play.name, 'is offered twice')
      else {
        play.far = this.#end(life, play, stream, false)
        const { far } = play
        this.#sessions.hang(session, {
          what: `the far end of ${play.name}`,
          isOver: () => far.isClosed,
          isWholeLater: far.whole,
        })
      }
    })
  }

  /** Opens a stream. */
  open(life: ServiceLife, to: string, { bytes, back, stopAt }: StreamPlan): void {
    const { journal } = this.#ports
    // Where there is one, the stream is opened on it.
    const session = this.#sessions.of(life, to)
    const number = this.#plays.length
    const name = `stream ${number} of ${life.label} to ${to}`
    const play: Play = { bytes, back, stopAt, number, name, near: undefined, far: undefined, refusal: undefined }
    this.#plays.push(play)
    journal.note(life.label, 'open stream', { name })
    const opened = life.messenger.stream(to, LISTENER, { header: { number }, openTimeoutMs: OPEN_TIMEOUT_MS }).then(
      (stream) => {
        play.near = this.#end(life, play, stream, true)
        const { near } = play
        this.#sessions.hang(session, {
          what: `the near end of ${name}`,
          isOver: () => near.isClosed,
          isWholeLater: near.whole,
        })
      },
      (error: unknown) => {
        play.refusal = codeOf(error)
        journal.note(life.label, 'no stream', { name, code: play.refusal })
        if (play.refusal === undefined)
          journal.object('streams', name, `is not opened, without a code: ${String(error)}`)
      },
    )
    this.#sessions.hang(session, {
      what: `opening ${name}`,
      isOver: () => play.near !== undefined || play.refusal !== undefined,
    })
    journal.follow(life.label, `opening ${name}`, opened)
  }

  finish(): void {
    for (const { name, near, far, stopAt, bytes } of this.#plays) {
      if (near?.isWhole === true && far === undefined) this.#object(name, 'is whole, and nobody was offered it')
      if (near === undefined && far?.isWhole === true) this.#object(name, 'is whole at the far end, and was not opened')
      const isStopped = stopAt !== undefined && stopAt <= bytes
      if (isStopped && (near?.isWhole === true || far?.isWhole === true))
        this.#object(name, 'is whole, and was destroyed')
    }
  }

  #end(life: ServiceLife, play: Play, stream: Duplex, isNear: boolean): StreamEnd {
    const { journal } = this.#ports
    const { number, bytes, back, name } = play
    const [there, here] = [2 * number, 2 * number + 1]
    const facts = isNear
      ? { writes: there, bytes, reads: here, expected: back, stopAt: play.stopAt }
      : { writes: here, bytes: back, reads: there, expected: bytes }
    const which = isNear ? 'near' : 'far'
    const end = new StreamEnd(stream, facts, life, (problem) => this.#object(`${which} end of ${name}`, problem))
    const closed = end.closed.then(() => {
      journal.note(life.label, 'stream over', { name, which, outcome: end.outcome })
      journal.count(end.isWhole ? 'wholeStreams' : 'brokenStreams')
    })
    journal.follow(life.label, `the ${which} end of ${name}`, closed)
    return end
  }

  #object(name: string, problem: string): void {
    this.#ports.journal.object('streams', name, problem)
  }
}
