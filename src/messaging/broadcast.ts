/** One message to many, a few at a time, so that a large cluster is not dialled all at once. */

/** What became of a broadcast. */
export interface BroadcastReport {
  /** Whom it was sent to. */
  readonly sent: readonly string[]
  /** Whom it was not sent to, and why. */
  readonly failed: readonly { readonly peer: string; readonly error: Error }[]
}

/**
 * Sends to each.
 *
 * @param atOnceMax - how many are being sent to at the same time
 * @param send - sends to one
 * @returns when it was tried with everybody
 */
export async function broadcastTo(
  peers: readonly string[],
  atOnceMax: number,
  send: (peer: string) => Promise<void>,
): Promise<BroadcastReport> {
  const sent: string[] = []
  const failed: { peer: string; error: Error }[] = []
  const waiting = peers.values()
  const work = async (): Promise<void> => {
    for (const peer of waiting) {
      try {
        await send(peer)
        sent.push(peer)
      } catch (error) {
        failed.push({ peer, error: error as Error })
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnceMax, peers.length) }, work))
  return { sent, failed }
}
