/**
 * How a program erased the rows of a screen. Some terminals keep such rows in their history, as if they had scrolled off; others
 * drop them. A server keeps them and marks them, and each client does what its terminal does.
 *
 * The mark is in the flags of a compact row, its first byte (`CompactRow`).
 */

/** `Screen`: by `CSI 2 J`. `Rest`: by `CSI J` with the cursor in the first cell. */
export type Erasure = "Screen" | "Rest"

/** The erased rows that a terminal keeps. */
export type KeptErasures = ReadonlyArray<Erasure>

const SCREEN = 0x04
const REST = 0x08
/** The flags of both marks, of which a row has at most one. */
export const FLAGS = SCREEN | REST

/** Marks the compact row that begins at `at`. */
export const mark = (bytes: Uint8Array, at: number, erasure: Erasure): void => {
  bytes[at] = ((bytes[at] ?? 0) & ~FLAGS) | (erasure === "Screen" ? SCREEN : REST)
}

/** How the program erased a compact row; `undefined` if it scrolled off. */
export const of = (bytes: Uint8Array): Erasure | undefined => {
  const flags = (bytes[0] ?? 0) & FLAGS
  return flags === 0 ? undefined : flags === SCREEN ? "Screen" : "Rest"
}

/** Gives a compact row the mark of another one. */
export const copy = (from: Uint8Array, to: Uint8Array): Uint8Array => {
  const erasure = of(from)
  if (erasure !== undefined) mark(to, 0, erasure)
  return to
}

/** A compact row for peers without `Features.erasures`: it scrolled off. */
export const without = (bytes: Uint8Array): Uint8Array => {
  if (of(bytes) === undefined) return bytes
  const unmarked = bytes.slice()
  unmarked[0] = (unmarked[0] ?? 0) & ~FLAGS
  return unmarked
}
