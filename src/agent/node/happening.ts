/** What a running node tells whoever watches it: facts first, then one line of text or JSON made of them. */

import type { JsonValue } from '../../core/index.ts'
import { counted, shownAddress, shownName, shownSeconds, shownText, shownValue } from '../cli/index.ts'

/** One thing that happened to a node. Times are ms. */
export type Happening =
  | { readonly event: 'listening'; readonly id: string; readonly generation: number; readonly address: JsonValue }
  | { readonly event: PeerEvent; readonly peer: string; readonly generation: number; readonly address: JsonValue }
  | {
      readonly event: 'peer suspected'
      readonly peer: string
      readonly phi: number
      readonly deadPeerPhi: number
      readonly silentMs: number
      readonly dueInMs: number
    }
  | { readonly event: 'peer dead'; readonly peer: string; readonly phi: number; readonly silentMs: number }
  | { readonly event: 'peer removed'; readonly peer: string }
  | { readonly event: 'set'; readonly peer: string; readonly key: string; readonly value: JsonValue }
  | { readonly event: 'delete'; readonly peer: string; readonly key: string }
  | { readonly event: 'error'; readonly code: string; readonly message: string; readonly times: number }
  | { readonly event: 'leaving'; readonly id: string }
  | { readonly event: 'left'; readonly id: string }

type PeerEvent = 'new peer' | 'peer live' | 'peer left'

const EVENT_WIDTH = 'peer suspected'.length

/** A happening as one line for people: the local time, what happened, to whom. */
export function happeningText(happening: Happening, at: Date): string {
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':')
  const ms = String(at.getMilliseconds()).padStart(3, '0')
  return `${time}.${ms}  ${happening.event.padEnd(EVENT_WIDTH)}  ${factsText(happening)}`
}

/** A happening as one line of JSON, with the time in UTC as `at`. */
export function happeningJson(happening: Happening, at: Date): string {
  return JSON.stringify({ at: at.toISOString(), ...happening })
}

function factsText(happening: Happening): string {
  switch (happening.event) {
    case 'listening':
      return `${shownName(happening.id)} at ${shownAddress(happening.address)}, generation ${happening.generation}`
    case 'new peer':
    case 'peer live':
    case 'peer left': {
      const { peer, address, generation } = happening
      return `${shownName(peer)} at ${shownAddress(address)}, generation ${generation}`
    }
    case 'peer suspected': {
      const { peer, phi, deadPeerPhi, silentMs, dueInMs } = happening
      const due = `dead at ${deadPeerPhi}, in ${shownSeconds(dueInMs)}`
      return `${shownName(peer)} φ ${phi.toFixed(1)}, silent for ${shownSeconds(silentMs)}; ${due}`
    }
    case 'peer dead':
      return `${shownName(happening.peer)} φ ${happening.phi.toFixed(1)}, silent for ${shownSeconds(happening.silentMs)}`
    case 'peer removed':
      return shownName(happening.peer)
    case 'set':
      return `${shownName(happening.peer)} ${shownName(happening.key)} = ${shownValue(happening.value)}`
    case 'delete':
      return `${shownName(happening.peer)} ${shownName(happening.key)}`
    case 'error': {
      const { code, message, times } = happening
      return shownText(times === 1 ? `${code}: ${message}` : `${code}: ${message} (${counted(times, 'time')})`)
    }
    case 'leaving':
      return `${shownName(happening.id)} says goodbye; Ctrl-C again ends at once`
    case 'left':
      return shownName(happening.id)
  }
}
