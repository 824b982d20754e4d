/**
 * Decodes UTF-8 as current terminals do: each maximal subpart of an ill-formed sequence becomes one U+FFFD (Unicode 3.9, WHATWG
 * Encoding). xterm's decoder would omit invalid input, and shift the line.
 *
 * The lead byte determines the number of continuation bytes and the range of the first one, so overlong forms, surrogates and
 * code points above U+10FFFF are detected at their second byte. A byte that does not continue the sequence ends it with one
 * U+FFFD, and is processed again.
 */

/** A decoder, with the state of an incomplete sequence. */
export interface Utf8Decoder {
  /**
   * Decodes a piece of a stream into code points, and returns their number. Sequences may be split anywhere between
   * pieces. `target` must have room for one more element than `input` has bytes.
   */
  readonly decode: (input: Uint8Array, target: Uint32Array) => number
  /** Whether no sequence is incomplete. */
  readonly isIdle: () => boolean
  /** Drops an incomplete sequence. */
  readonly clear: () => void
}

const REPLACEMENT = 0xfffd

/** The range of most continuation bytes. */
const LOWEST = 0x80
const HIGHEST = 0xbf

export const make = (): Utf8Decoder => {
  /** The number of bytes that the current sequence lacks, its bits so far, and the range of its next byte. */
  let missing = 0
  let bits = 0
  let lowest = LOWEST
  let highest = HIGHEST

  /** Begins a sequence; returns whether `lead` can begin one. */
  const begin = (lead: number): boolean => {
    if (lead < 0xc2 || lead > 0xf4) return false
    missing = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3
    bits = lead & (0x3f >> missing)
    if (lead === 0xe0) lowest = 0xa0
    else if (lead === 0xed) highest = 0x9f
    else if (lead === 0xf0) lowest = 0x90
    else if (lead === 0xf4) highest = 0x8f
    return true
  }

  return {
    decode: (input, target) => {
      let size = 0
      let at = 0
      while (at < input.length) {
        const byte = input[at] as number
        if (missing === 0) {
          at++
          if (byte < 0x80) target[size++] = byte
          else if (!begin(byte)) target[size++] = REPLACEMENT
          continue
        }
        const continues = byte >= lowest && byte <= highest
        lowest = LOWEST
        highest = HIGHEST
        if (!continues) {
          missing = 0
          target[size++] = REPLACEMENT
          continue
        }
        at++
        missing--
        bits = bits * 64 + (byte & 0x3f)
        if (missing === 0) target[size++] = bits
      }
      return size
    },
    isIdle: () => missing === 0,
    clear: () => {
      missing = 0
      lowest = LOWEST
      highest = HIGHEST
    }
  }
}
