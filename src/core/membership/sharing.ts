/**
 * Which of two equal arrays to keep. Tables of engines in one process come to hold the same arrays instead of equal ones
 * if each takes over the array that more of them hold: so one array wins within a few rounds. Nothing but memory and time
 * depends on it.
 */

/** How often each array was taken over; an array that nobody holds any more is forgotten. */
const takings = new WeakMap<object, number>()

/** Whether an array that somebody lent is to take the place of an equal one; if so that is counted. */
export function takesPlaceOf(lent: object, mine: object): boolean {
  const count = takings.get(lent) ?? 0
  if (count < (takings.get(mine) ?? 0)) return false
  takings.set(lent, count + 1)
  return true
}
