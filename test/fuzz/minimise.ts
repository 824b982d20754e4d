/**
 * Minimises a finding: removes what it does not need, and simplifies the rest.
 */

/** Runs that minimising may take. */
const RUNS = 4000

const PLAIN = [0x61, 0x20, 0x30, 0x00]

/** The shortest input found for which `fails` holds. It must hold for `input`. */
export const minimise = (input: Uint8Array, fails: (input: Uint8Array) => boolean, limit = RUNS): Uint8Array => {
  let runs = 0
  let best: Buffer = Buffer.from(input)
  const goesOn = (): boolean => runs < limit
  const takes = (candidate: Buffer): boolean => {
    if (++runs > limit || !fails(candidate)) return false
    best = candidate
    return true
  }
  for (let before = -1; before !== best.length && goesOn();) {
    before = best.length
    for (let size = Math.max(1, best.length >> 1); ; size >>= 1) {
      for (let at = 0; at < best.length && goesOn();) {
        if (!takes(Buffer.concat([best.subarray(0, at), best.subarray(at + size)]))) at += size
      }
      if (size <= 1) break
    }
  }
  for (let at = 0; at < best.length && goesOn(); at++) {
    for (const byte of PLAIN) {
      if (best[at] === byte) break
      const candidate = Buffer.from(best)
      candidate[at] = byte
      if (takes(candidate)) break
    }
  }
  return best
}
