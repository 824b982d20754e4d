/**
 * Decodes UTF-8 byte by byte as the C library does, because that is what stock mosh shows (spec 8.1). Invalid input
 * becomes U+FFFD, where xterm's decoder would omit it and shift the line.
 *
 * The lead byte determines the number of continuation bytes, even for five- and six-byte sequences, which are no longer
 * part of UTF-8. If a continuation byte is missing, the incomplete sequence becomes one U+FFFD, and the byte is
 * processed again. An overlong form or a surrogate is detected at its last byte: it becomes one U+FFFD, and the byte is
 * processed again. A code point above U+10FFFF becomes one U+FFFD.
 */

/** A decoder, with the state of an incomplete sequence. */
export interface Utf8Decoder {
  /**
   * Decodes a piece of a stream into code points, and returns their number. Sequences may be split anywhere between
   * pieces. `target` must have room for one more element than `input` has bytes.
   */
  readonly decode: (input: Uint8Array, target: Uint32Array) => number
  /** Drops an incomplete sequence. */
  readonly clear: () => void
}

const REPLACEMENT = 0xfffd

/** The smallest code point that needs a sequence of n bytes. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000]

const sequenceLength = (lead: number): number => {
  if (lead < 0xc2 || lead > 0xfd) return 0
  if (lead < 0xe0) return 2
  if (lead < 0xf0) return 3
  if (lead < 0xf8) return 4
  return lead < 0xfc ? 5 : 6
}

export const make = (): Utf8Decoder => {
  /** The length of the current sequence, the number of its missing bytes, and its bits so far. */
  let length = 0
  let missing = 0
  let bits = 0

  return {
    decode: (input, target) => {
      let size = 0
      let at = 0
      while (at < input.length) {
        const byte = input[at] as number
        if (missing === 0) {
          at++
          if (byte < 0x80) {
            target[size++] = byte
            continue
          }
          length = sequenceLength(byte)
          if (length === 0) target[size++] = REPLACEMENT
          else {
            missing = length - 1
            bits = byte & (0x7f >> length)
          }
        } else if ((byte & 0xc0) !== 0x80) {
          missing = 0
          target[size++] = REPLACEMENT
        } else {
          missing--
          bits = bits * 64 + (byte & 0x3f)
          if (missing > 0) at++
          else if (bits < (SMALLEST[length] as number) || (bits >= 0xd800 && bits <= 0xdfff)) {
            target[size++] = REPLACEMENT
          } else {
            at++
            target[size++] = bits > 0x10ffff ? REPLACEMENT : bits
          }
        }
      }
      return size
    },
    clear: () => {
      missing = 0
    }
  }
}
