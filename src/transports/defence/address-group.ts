/**
 * Who counts as one sender: an IPv4 address, or the /64 of an IPv6 address, since whoever has one address of a /64 has
 * all of it. What a socket calls its other side is turned into a text to count by.
 */

/**
 * The text under which an IP address is counted.
 *
 * @param address - as a socket gives it: `10.0.0.1`, `::ffff:10.0.0.1`, `2001:db8::1`, `fe80::1%eth0`
 * @returns an IPv4 address as it is, `2001:db8:0:0::/64` for IPv6; anything else as it is
 */
export function addressGroup(address: string): string {
  const bare = address.split('%', 1)[0] as string
  if (!bare.includes(':')) return bare
  const mapped = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.groups?.['ipv4']
  if (mapped !== undefined) return mapped
  if (bare === '::1') return bare
  const [head, tail] = bare.split('::', 2) as [string, string?]
  const [before, after] = [partsOf(head), partsOf(tail ?? '')]
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const parts = [...before, ...Array.from({ length: zeros }, () => '0'), ...after]
  return `${parts.slice(0, 4).map(shortened).join(':')}::/64`
}

/**
 * Whether an address is this machine's own, `127.0.0.1` or `::1`: all its processes share it, so it says nothing about
 * which of them misbehaves, and whoever runs here can do worse than send rubbish.
 *
 * @param group - from {@link addressGroup}
 */
export function isThisMachine(group: string): boolean {
  return group === '127.0.0.1' || group === '::1'
}

function partsOf(text: string): string[] {
  return text === '' ? [] : text.split(':')
}

function shortened(part: string): string {
  return part.toLowerCase().replace(/^0+(?=.)/, '')
}
