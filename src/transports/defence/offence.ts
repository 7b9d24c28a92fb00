/** What breaking a rule costs, by the code of the error it is told as. */

/** Points of each offence; 100 keep an address out by default. Codes that are not listed cost nothing. */
const POINTS: Readonly<Record<string, number>> = Object.freeze({
  GOSSIP_MESSAGE_MALFORMED: 10,
  GOSSIP_FRAME_TOO_LARGE: 20,
  GOSSIP_BUFFER_FULL: 10,
  GOSSIP_FRAME_TIMEOUT: 10,
  GOSSIP_HANDSHAKE_TIMEOUT: 2,
  GOSSIP_RATE_EXCEEDED: 50,
  GOSSIP_CLUSTER_FOREIGN: 5,
  GOSSIP_PROTOCOL_UNSUPPORTED: 5,
  GOSSIP_PEER_ID_MISMATCH: 10,
  GOSSIP_CERTIFICATE_REFUSED: 5,
  GOSSIP_SESSION_MALFORMED: 10,
})

/**
 * What an error costs whoever caused it.
 *
 * @param error - of any kind
 * @returns points, >= 0; 0 for what may happen to anybody, such as a lost connection
 */
export function offencePoints(error: Error): number {
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' && Object.hasOwn(POINTS, code) ? (POINTS[code] as number) : 0
}
