/**
 * What the fuzzer needs of a decoder: inputs to start from, and a function that checks the result of any input.
 */
export interface Target {
  /** A line for the user. */
  readonly what: string
  /** Honest inputs: from fixtures, recordings and traces. */
  readonly seeds: () => ReadonlyArray<Uint8Array>
  /** Pieces that are meaningful to the decoder; some inputs are made of these alone. */
  readonly tokens: ReadonlyArray<Uint8Array>
  /** Bytes of the longest input that is tried. */
  readonly maxLength: number
  /** Milliseconds that one input may take on a loaded machine; more is a finding. */
  readonly budget: number
  /** How many inputs the short run in `npm test` tries. */
  readonly quick: number
  /** Decodes, and throws when a law is broken. Does the same for the same input. */
  readonly run: (input: Uint8Array) => void
}

const encoder = new TextEncoder()

/** Texts as tokens. */
export const texts = (...all: ReadonlyArray<string>): ReadonlyArray<Uint8Array> =>
  all.map((text) => encoder.encode(text))

/** Fails with a reason unless a law holds. */
export function law(holds: boolean, broken: string): asserts holds {
  if (!holds) throw new LawBroken(broken)
}

export class LawBroken extends Error {
  override readonly name = "LawBroken"
}

export const bytesEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
