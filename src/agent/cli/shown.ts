/** Names, values and figures as people read them. What came from the network cannot steer the terminal. */

import type { JsonValue } from '../../core/index.ts'

const TEXT_CHARS_MAX = 160
/** What may steer a terminal or reorder a line: controls, marks of direction, line separators. */
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A name as it is, or in quotes where it has anything but plain characters. */
export function shownName(name: string): string {
  return /^[\w.@:/+-]+$/.test(name) ? name : shownValue(name)
}

/** A value as JSON on one line, cut when long. */
export function shownValue(value: JsonValue): string {
  const text = JSON.stringify(value)
  const cut = text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX)}… (${text.length} characters)` : text
  return shownText(cut)
}

/** Text on one line that steers nothing. */
export function shownText(text: string): string {
  return text.replace(STEERING, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`)
}

/** An address, `host:port` where it is one. */
export function shownAddress(address: JsonValue | undefined): string {
  if (address === undefined) return 'no address'
  if (typeof address === 'object' && address !== null && 'host' in address && 'port' in address) {
    const { host, port } = address
    if (typeof host === 'string' && typeof port === 'number') {
      return shownText(`${host.includes(':') ? `[${host}]` : host}:${port}`)
    }
  }
  return typeof address === 'string' ? shownText(address) : shownValue(address)
}

/** Seconds with so many digits that they mean something. */
export function shownSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`
}

/** A whole number with a comma between thousands. */
export function shownCount(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** A number and what it counts: `1 round`, `3 rounds`. */
export function counted(count: number, noun: string, plural: string = `${noun}s`): string {
  return `${shownCount(count)} ${count === 1 ? noun : plural}`
}
