/**
 * Decodes typed bytes into keys, the unit of prediction.
 *
 * A key is a character or a command: a control byte or an escape sequence. A sequence never spans two reads: an escape at
 * the end of a read is the escape key. UTF-8 may be split anywhere. A key that the terminal encodes by a newer protocol is the
 * same key (`KeyEncoding`).
 */
import * as KeyEncoding from "../keyboard/KeyEncoding.ts"
import * as CharWidth from "../terminal/CharWidth.ts"

export type Key =
  | { readonly _tag: "Character"; readonly codePoint: number; readonly width: 0 | 1 | 2 }
  /** `name` is the typed bytes; cursor keys always have the form `ESC [ A`. */
  | { readonly _tag: "Command"; readonly name: string }

/** Whether a key may hand the terminal to another program: Enter, interrupt, end of input, suspend, quit. */
export const isEnter = (key: Key): boolean => key._tag === "Command" && /^[\r\n\x03\x04\x1a\x1c]$/.test(key.name)

/** A UTF-8 sequence that is incomplete. */
export interface Unfinished {
  readonly bits: number
  readonly missing: number
  /** The smallest code point of a sequence of this length: a smaller one is overlong and invalid. */
  readonly least: number
}

const ESC = 0x1b
const REPLACEMENT = 0xfffd

/** Decodes the bytes of one read, after the incomplete sequence that an earlier read ended with. */
export const decode = (
  unfinished: Unfinished | undefined,
  bytes: Uint8Array
): readonly [keys: ReadonlyArray<Key>, unfinished: Unfinished | undefined] => {
  const keys: Array<Key> = []
  let open = unfinished
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at] as number
    if (open !== undefined && (byte & 0xc0) === 0x80) {
      const bits: number = open.bits * 64 + (byte & 0x3f)
      const missing: number = open.missing - 1
      if (missing === 0) keys.push(character(bits < open.least ? REPLACEMENT : bits))
      open = missing === 0 ? undefined : { bits, missing, least: open.least }
      at++
      continue
    }
    if (open !== undefined) {
      keys.push(character(REPLACEMENT))
      open = undefined
    }
    if (byte === ESC) {
      const end = sequenceEnd(bytes, at)
      pushSequence(keys, bytes.subarray(at, end))
      at = end
      continue
    }
    at++
    if (byte < 0x20 || byte === 0x7f) keys.push({ _tag: "Command", name: String.fromCharCode(byte) })
    else if (byte < 0x80) keys.push(character(byte))
    else {
      open = begun(byte)
      if (open === undefined) keys.push(character(REPLACEMENT))
    }
  }
  return [keys, open]
}

const begun = (lead: number): Unfinished | undefined => {
  if (lead >= 0xc2 && lead < 0xe0) return { bits: lead & 0x1f, missing: 1, least: 0x80 }
  if (lead >= 0xe0 && lead < 0xf0) return { bits: lead & 0x0f, missing: 2, least: 0x800 }
  if (lead >= 0xf0 && lead < 0xf5) return { bits: lead & 0x07, missing: 3, least: 0x10000 }
  return undefined
}

const character = (codePoint: number): Key => {
  const width = CharWidth.of(codePoint)
  return width < 0
    ? { _tag: "Command", name: String.fromCodePoint(Math.min(codePoint, 0x10ffff)) }
    : { _tag: "Character", codePoint, width: width as 0 | 1 | 2 }
}

/** The end of the sequence that begins with an escape: CSI and SS3 end at their final byte, others after one more byte. */
const sequenceEnd = (bytes: Uint8Array, start: number): number => {
  const kind = bytes[start + 1]
  if (kind !== 0x5b && kind !== 0x4f) return Math.min(start + 2, bytes.length)
  for (let at = start + 2; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte >= 0x40 && byte <= 0x7e) return at + 1
    if (byte < 0x20 || byte > 0x7e) return at
  }
  return bytes.length
}

/** The keys of a sequence: one, or those that the terminal would have sent without newer protocols. */
const pushSequence = (keys: Array<Key>, sequence: Uint8Array): void => {
  const isLong = sequence.length > 3 && sequence.length <= KeyEncoding.LONGEST
  const text = isLong ? KeyEncoding.legacy(String.fromCharCode(...sequence)) : undefined
  if (text === undefined) return void keys.push(command(sequence))
  if (text.startsWith("\x1b")) return void keys.push({ _tag: "Command", name: text })
  for (const one of text) {
    const codePoint = one.codePointAt(0) as number
    const isControl = codePoint < 0x20 || codePoint === 0x7f
    keys.push(isControl ? { _tag: "Command", name: one } : character(codePoint))
  }
}

const command = (sequence: Uint8Array): Key => {
  const name = String.fromCharCode(...sequence.subarray(0, 16))
  return { _tag: "Command", name: name.length === 3 && name.startsWith("\x1bO") ? `\x1b[${name.slice(2)}` : name }
}
