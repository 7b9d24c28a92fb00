/** Who may register: the checks that come before anything else, and a decision of the user's that may take its time. */

import { type Channel, type ChannelOffer, type GossipError, type System, TransportError } from '../../core/index.ts'
import { FramedChannel } from './framed-channel.ts'
import { encodeRelayFrame } from './relay-frame.ts'
import { isSecret } from './secret.ts'
import type { RelayClaim, ResolvedRelayServerOptions } from './server-options.ts'

/**
 * Called once a claim is decided, with why it is refused; says why it is refused all the same.
 */
export type OnDecided = (channel: Channel, refusal: GossipError | undefined) => GossipError | undefined

/** Decides on claims, a bounded number at a time. */
export class Admission {
  readonly #options: ResolvedRelayServerOptions
  readonly #system: System
  #pending = 0

  constructor(options: ResolvedRelayServerOptions, system: System) {
    this.#options = options
    this.#system = system
  }

  /** Takes the channel, decides, and tells whoever is refused why. */
  async decide(claim: RelayClaim, offer: ChannelOffer, onDecided: OnDecided): Promise<void> {
    if (this.#pending >= this.#options.pendingMax) {
      offer.refuse('GOSSIP_RELAY_FULL', `pendingMax is ${this.#options.pendingMax}`)
      return
    }
    const channel = offer.accept()
    this.#pending++
    const found = this.#refusalOf(claim) ?? (await this.#undecided(claim))
    this.#pending--
    const refusal = onDecided(channel, found)
    if (refusal !== undefined) this.#refuse(channel, refusal)
  }

  /** Says why not, then the end. */
  #refuse(channel: Channel, { code, message }: GossipError): void {
    const words = [encodeRelayFrame({ kind: 'refused', code, message })]
    const framed = new FramedChannel(channel, {
      bodyBytesMax: 1,
      startTimer: (callback, delayMs) => this.#system.startTimer(callback, delayMs),
      onFrame: () => {},
      next: () => words.shift(),
      onOver: () => {},
    })
    framed.end()
    framed.start()
  }

  #refusalOf({ id, token, authenticated, remote }: RelayClaim): GossipError | undefined {
    const { token: secret, requiresAuthentication } = this.#options
    if (id !== remote.id) {
      const problem = `${JSON.stringify(remote.id)} may not register as ${JSON.stringify(id)}`
      return refusalError('GOSSIP_RELAY_REFUSED', problem, remote)
    }
    if (requiresAuthentication && !authenticated) {
      return refusalError('GOSSIP_RELAY_REFUSED', 'the session has not proven its id', remote)
    }
    if (secret === undefined || (token !== undefined && isSecret(token, secret))) return undefined
    const problem = token === undefined ? 'this relay wants a token' : 'the token is wrong'
    return refusalError('GOSSIP_RELAY_TOKEN_WRONG', problem, remote)
  }

  /** The user's own decision, where there is one. */
  async #undecided(claim: RelayClaim): Promise<GossipError | undefined> {
    const { authorize, authorizeTimeoutMs } = this.#options
    if (authorize === undefined) return undefined
    let cancel: () => void = () => {}
    const late = new Promise<string>((resolve) => {
      const problem = `the relay did not decide within ${authorizeTimeoutMs} ms`
      cancel = this.#system.startTimer(() => resolve(problem), authorizeTimeoutMs)
    })
    try {
      const verdict = await Promise.race([authorize(claim), late])
      if (verdict === true) return undefined
      const problem = typeof verdict === 'string' ? verdict : 'the relay does not take it'
      return refusalError('GOSSIP_RELAY_REFUSED', problem, claim.remote)
    } catch (cause) {
      return refusalError('GOSSIP_RELAY_REFUSED', 'the relay could not decide', claim.remote, cause)
    } finally {
      cancel()
    }
  }
}

function refusalError(code: string, problem: string, peer: unknown, cause?: unknown): TransportError {
  return new TransportError(code, problem, { peer, direction: 'inbound', cause })
}
