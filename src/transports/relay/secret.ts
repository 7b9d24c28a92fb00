/** Comparing secrets without telling by the time it takes how much of a guess was right. */

const encoder = new TextEncoder()

/** Whether a guess is the secret. Takes a time that depends on the guess's length only. */
export function isSecret(guess: string, secret: string): boolean {
  const [guessed, right] = [encoder.encode(guess), encoder.encode(secret)]
  let difference = guessed.length ^ right.length
  for (const [i, byte] of guessed.entries()) difference |= byte ^ (right[i % right.length] ?? 0)
  return difference === 0
}
