/**
 * What chance says of one message. Every message throws the same number of dice, whatever is switched on, so a fault
 * that is switched on or off changes nothing about the others, and the n-th message of a seed always fares the same.
 */

/** Uniform numbers in [0, 1) for one copy of a message. */
export interface CopyDice {
  readonly delay: number
  readonly reorder: number
  readonly corrupt: number
  /** Decides where and how it is corrupted; an integer below 2^32. */
  readonly corruptSeed: number
}

/** Uniform numbers in [0, 1) for one message. */
export interface Dice {
  readonly loss: number
  readonly duplicate: number
  readonly original: CopyDice
  readonly duplicated: CopyDice
}

/** Throws the dice of the next message. */
export function throwDice(random: () => number): Dice {
  return { loss: random(), duplicate: random(), original: throwCopyDice(random), duplicated: throwCopyDice(random) }
}

function throwCopyDice(random: () => number): CopyDice {
  return {
    delay: random(),
    reorder: random(),
    corrupt: random(),
    corruptSeed: Math.floor(random() * 4_294_967_296),
  }
}
