/** Nesting of foreign JSON: a few kilobytes of brackets must not reach code that recurses. */

/**
 * Deepest message that is read: a value of the deepest kind the core admits (64 levels), and what is around it.
 */
export const MESSAGE_DEPTH_MAX = 100

/**
 * Whether a parsed JSON value is nested at most `levels` deep. O(size), stops at the first value that is deeper.
 *
 * @param levels - containers inside containers, >= 0; a bare string or number has none
 */
export function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  if (Array.isArray(value)) return isShallowArray(value, levels - 1)
  const fields = value as Record<string, unknown>
  for (const key in fields) {
    const field = fields[key]
    // The check before the call keeps this at a tenth of the cost of parsing.
    if (typeof field === 'object' && field !== null && !isShallow(field, levels - 1)) return false
  }
  return true
}

function isShallowArray(items: readonly unknown[], levels: number): boolean {
  for (const item of items) {
    if (typeof item === 'object' && item !== null && !isShallow(item, levels)) return false
  }
  return true
}
