/**
 * Separates APC strings (`ESC _ … ESC \`) from a program's output, which may be split anywhere.
 *
 * `ESC _` begins such a string wherever it is, because an escape ends whatever is before it. The string ends with the next
 * escape, or is cancelled by CAN or SUB. In the rest, an empty string takes its place, so that an interpreter of the rest is in
 * the state that it would have had.
 */
import * as ByteBuilder from "./ByteBuilder.ts"

const ESC = 0x1b
const CAN = 0x18
const SUB = 0x1a
const UNDERSCORE = 0x5f
const BACKSLASH = 0x5c
/** What takes the place of a string. */
const EMPTY = Uint8Array.of(ESC, UNDERSCORE, ESC, BACKSLASH)

export interface Receiver {
  /** Output without APC strings. */
  readonly onRest: (bytes: Uint8Array) => void
  /** A string that was terminated, and is not longer than allowed. */
  readonly onString: (bytes: Uint8Array) => void
}

export class ApcSplitter {
  private readonly receiver: Receiver
  /** Index of the first `ESC _`; -1 if there is none. */
  private readonly find: (bytes: Uint8Array) => number
  private endsInEscape = false
  private isInString = false
  private readonly string: ByteBuilder.ByteBuilder

  constructor(limit: number, find: (bytes: Uint8Array) => number, receiver: Receiver) {
    this.string = ByteBuilder.make(limit)
    this.find = find
    this.receiver = receiver
  }

  /** Whether no string, and no sequence at all, can have begun. */
  get isIdle(): boolean {
    return !this.isInString && !this.endsInEscape
  }

  write(bytes: Uint8Array): void {
    let rest = bytes
    while (rest.length > 0) {
      if (this.isInString) rest = this.readString(rest)
      else if (this.endsInEscape && rest[0] === UNDERSCORE) {
        // The escape was passed on.
        this.receiver.onRest(EMPTY.subarray(1))
        rest = this.begin(rest.subarray(1))
      } else {
        const start = this.find(rest)
        const before = start < 0 ? rest : rest.subarray(0, start)
        if (before.length > 0) this.receiver.onRest(before)
        this.endsInEscape = start < 0 && rest.at(-1) === ESC
        if (start < 0) return
        this.receiver.onRest(EMPTY)
        rest = this.begin(rest.subarray(start + 2))
      }
    }
  }

  private begin(rest: Uint8Array): Uint8Array {
    this.endsInEscape = false
    this.isInString = true
    ByteBuilder.clear(this.string)
    return rest
  }

  /** Reads up to the end of the string. Returns what follows. */
  private readString(bytes: Uint8Array): Uint8Array {
    if (this.endsInEscape) {
      const string = ByteBuilder.take(this.string)
      this.isInString = false
      this.endsInEscape = false
      if (bytes[0] === BACKSLASH) {
        if (string !== undefined) this.receiver.onString(string)
        return bytes.subarray(1)
      }
      if (bytes[0] === UNDERSCORE) {
        this.receiver.onRest(EMPTY)
        return this.begin(bytes.subarray(1))
      }
      // Another sequence, whose escape was read.
      this.receiver.onRest(EMPTY.subarray(0, 1))
      return bytes
    }
    let end = 0
    while (end < bytes.length && bytes[end] !== ESC && bytes[end] !== CAN && bytes[end] !== SUB) end++
    ByteBuilder.append(this.string, bytes.subarray(0, end))
    if (end === bytes.length) return bytes.subarray(end)
    if (bytes[end] === ESC) this.endsInEscape = true
    else {
      this.isInString = false
      ByteBuilder.clear(this.string)
    }
    return bytes.subarray(end + 1)
  }
}
