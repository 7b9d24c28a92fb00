/**
 * Addresses of peers that can be dialled: `{url: 'ws://host:port/path'}`, or the url as text. They come from the network
 * too. A peer that has other addresses beside (`also`) may be dialled at one of those.
 */

import type { JsonValue } from '../../core/index.ts'
import { isPlainObject } from '../../core/index.ts'
import { addressesOf } from '../wire/index.ts'

const URL_UNITS_MAX = 1_024

/**
 * Reads a url for WebSockets: `ws:` or `wss:`, at most 1,024 characters, without user, password or fragment.
 *
 * @returns the url in its normal form, or undefined if the value is none
 */
export function parseWebSocketUrl(value: unknown): string | undefined {
  // Whatever else the parser would forgive, such as blanks around, is no canonical address.
  if (
    typeof value !== 'string' ||
    value.length > URL_UNITS_MAX ||
    !/^wss?:\/\/[^\s\p{Cc}/?#\\][^\s\p{Cc}]*$/iu.test(value)
  )
    return undefined
  if (!URL.canParse(value)) return undefined
  const { href, hostname, hash, username, password } = new URL(value)
  // A fragment is never sent, and browsers refuse both it and a user's name.
  return hostname !== '' && hash === '' && username === '' && password === '' ? href : undefined
}

/** All urls that an address names, in the order of preference; none if it cannot be dialled. */
export function urlsOf(address: unknown): readonly string[] {
  const urls: string[] = []
  for (const each of addressesOf(address as JsonValue)) {
    const url = parseWebSocketUrl(isPlainObject(each) ? each['url'] : each)
    if (url !== undefined) urls.push(url)
  }
  return urls
}
