/**
 * UTF-8 as the C library decodes it, byte by byte, which is what stock mosh shows (spec 8.1): whatever is no character
 * becomes U+FFFD, where xterm's own decoder would leave it out and shift the line.
 *
 * The lead byte says how many continuation bytes follow, even in the forms of five and six bytes that are no longer
 * UTF-8. Where one is missing, one U+FFFD stands for what came before, and the byte is looked at again. An overlong form
 * or a surrogate is found out at its last byte: one U+FFFD, and that byte is looked at again. Beyond U+10FFFF: one U+FFFD.
 */

export interface Utf8Decoder {
  /**
   * Decodes a piece of a stream to code points, whose number is returned. Characters may be cut anywhere between pieces.
   * `target` must have room for one more than `input` has bytes.
   */
  readonly decode: (input: Uint8Array, target: Uint32Array) => number
  /** Forgets a character that has begun. */
  readonly clear: () => void
}

const REPLACEMENT = 0xfffd

/** The smallest code point that needs a sequence of so many bytes. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000]

const sequenceLength = (lead: number): number => {
  if (lead < 0xc2 || lead > 0xfd) return 0
  if (lead < 0xe0) return 2
  if (lead < 0xf0) return 3
  if (lead < 0xf8) return 4
  return lead < 0xfc ? 5 : 6
}

export const make = (): Utf8Decoder => {
  /** The length of the sequence that has begun, how many of its bytes are missing, and its bits so far. */
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
