/** When two addresses mean the same partner. The decorator knows no transport, so it goes by how they are written. */

import { isPlainObject, type JsonValue } from '../../core/index.ts'

/** One text per partner; `{host, port}` and `'host:port'` are the same one, whatever else stands beside them. */
export function partnerKey(address: JsonValue): string {
  if (typeof address === 'string') return address
  const { host, port } = isPlainObject(address) ? address : {}
  if (typeof host !== 'string' || (typeof port !== 'number' && typeof port !== 'string')) return JSON.stringify(address)
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`
}
