/**
 * Decodes the bytes that a terminal sends into keys, pasted text and reports.
 *
 * The bytes may be split anywhere. Only time distinguishes the Escape key from the start of a sequence: the machine
 * holds an incomplete sequence for `HOLD`, and then decodes its characters as keys. An incomplete UTF-8 character is
 * held without a limit; malformed UTF-8 becomes U+FFFD. The state holds at most `LONGEST_SEQUENCE` characters and 3
 * bytes.
 *
 * ```ts
 * import { KeyDecoder } from "effect-mosh"
 *
 * const typed = new TextEncoder().encode("q\x1b[1;5C")
 * const [, keys] = KeyDecoder.machine.step(KeyDecoder.initial, { _tag: "Typed", bytes: typed }, 0)
 * export const names = keys.map((key) => (key._tag === "Key" ? key.name : key.text)) // ["q", "Right"]
 * ```
 */
import * as Bytes from "effect/Bytes"
import type { Machine, Millis } from "../Machine.ts"
import { character, type KeyPress, named, ofControl, ofSequence, PLAIN } from "./KeyNames.ts"

export type { KeyName, KeyPress, Modifiers } from "./KeyNames.ts"

/** What a terminal sent. */
export type Key =
  | KeyPress
  /** Pasted text, in pieces as it arrives; `end` is true for the last piece, which may be empty. */
  | { readonly _tag: "Paste"; readonly text: string; readonly end: boolean }
  /** An unknown sequence, such as a mouse or focus report, complete and starting with `ESC`. */
  | { readonly _tag: "Sequence"; readonly text: string }

/** How long an incomplete sequence waits for its next byte, ms. */
export const HOLD = 100

/** Maximum length of a sequence, characters; a longer one is reported as a `Sequence` in parts. */
export const LONGEST_SEQUENCE = 64

/** An input of the decoder. */
export type Input =
  | { readonly _tag: "Typed"; readonly bytes: Uint8Array }
  /** The deadline has passed. */
  | { readonly _tag: "Tick" }

/** What is held until the next byte arrives. */
export interface State {
  /** Whether pasted text is being received. */
  readonly pasting: boolean
  /** The incomplete sequence; during a paste, a prefix of the sequence that ends it. */
  readonly sequence: string
  /** When `sequence` last grew. */
  readonly since: Millis
  /** The bytes of an incomplete UTF-8 character. */
  readonly character: Uint8Array
}

const NONE = new Uint8Array(0)

/** The state in which nothing is held. */
export const initial: State = { pasting: false, sequence: "", since: 0, character: NONE }

const ESC = 0x1b
const PASTE_START = "\x1b[200~"
const PASTE_END = "\x1b[201~"

const step = (state: State, input: Input, now: Millis): readonly [State, ReadonlyArray<Key>] => {
  const decoding = new Decoding(state)
  if (input._tag === "Tick") {
    if (now < deadline(state)) return [state, []]
    decoding.giveUpSequence()
    return [decoding.after(state.since), decoding.keys]
  }
  const { bytes } = input
  if (bytes.length === 0) return [state, []]
  for (let at = 0; at < bytes.length;) at = decoding.take(bytes, at)
  decoding.endPiece()
  return [decoding.after(now), decoding.keys]
}

const deadline = (state: State): Millis => (state.sequence === "" || state.pasting ? Infinity : state.since + HOLD)

/** The decoder. */
export const machine: Machine<State, Input, Key> = { step, deadline }

/** One step of the decoder, in progress. */
class Decoding {
  readonly keys: Array<Key> = []
  private pasting: boolean
  private sequence: string
  private character: Uint8Array
  private pasted = ""

  constructor(state: State) {
    this.pasting = state.pasting
    this.sequence = state.sequence
    this.character = state.character
  }

  after(since: Millis): State {
    return { pasting: this.pasting, sequence: this.sequence, since, character: this.character }
  }

  /** Processes the byte at `at`, or a run of text bytes, and returns the index of the next byte. */
  take(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] as number
    if (this.sequence !== "") return this.pasting ? this.endPaste(byte, at) : this.continueSequence(byte, at)
    if (byte !== ESC && (this.pasting || !isControl(byte))) {
      let end = at + 1
      while (end < bytes.length && bytes[end] !== ESC && (this.pasting || !isControl(bytes[end] as number))) end++
      this.text(bytes.subarray(at, end))
      return end
    }
    this.endCharacter()
    if (byte === ESC) this.sequence = "\x1b"
    else this.keys.push(ofControl(byte))
    return at + 1
  }

  /** Outputs the text pasted so far. */
  endPiece(): void {
    if (this.pasted !== "") this.keys.push({ _tag: "Paste", text: this.pasted, end: false })
    this.pasted = ""
  }

  /** Decodes an incomplete sequence as keys: a single `ESC` as Escape, and `ESC [` as Alt and `[`. */
  giveUpSequence(): void {
    const { sequence } = this
    this.sequence = ""
    if (sequence === "\x1b") this.keys.push(named("Escape"))
    else if (sequence === "\x1b\x1b") this.keys.push(named("Escape"), named("Escape"))
    else if (sequence.length === 2) this.keys.push(character(sequence.slice(1), { ...PLAIN, alt: true }))
    else if (sequence !== "") this.keys.push({ _tag: "Sequence", text: sequence })
  }

  private continueSequence(byte: number, at: number): number {
    const next = this.sequence + String.fromCharCode(byte)
    // Alt with a key that sends a sequence itself is `ESC ESC [ A`.
    const inner = next.startsWith("\x1b\x1b") ? next.slice(1) : next
    if (inner.length === 1) {
      this.sequence = next
      return at + 1
    }
    if (inner.length === 2) return this.second(byte, next, inner, at)
    if (MOUSE.test(inner)) {
      // Three arbitrary bytes follow.
      this.sequence = next
      if (inner.length === MOUSE_LENGTH) this.finish(next, inner)
      return at + 1
    }
    if (byte < 0x20 || byte > 0x7e) {
      this.giveUpSequence()
      return at
    }
    this.sequence = next
    const isFinal = byte >= 0x40 && inner !== "\x1b[[" && inner !== "\x1b[M"
    if (isFinal || next.length >= LONGEST_SEQUENCE) this.finish(next, inner)
    return at + 1
  }

  /** Processes the byte after an `ESC`. */
  private second(byte: number, next: string, inner: string, at: number): number {
    if (inner === "\x1b[" || inner === "\x1bO") {
      this.sequence = next
      return at + 1
    }
    if (byte >= 0x80 || next !== inner) {
      this.giveUpSequence()
      return at
    }
    this.sequence = ""
    const key = isControl(byte) ? ofControl(byte) : character(String.fromCharCode(byte))
    this.keys.push({ ...key, alt: true })
    return at + 1
  }

  private finish(sequence: string, inner: string): void {
    this.sequence = ""
    if (sequence === PASTE_START) {
      this.pasting = true
      return
    }
    const key = ofSequence(inner)
    if (key === undefined) this.keys.push({ _tag: "Sequence", text: sequence })
    else this.keys.push(inner === sequence ? key : { ...key, alt: true })
  }

  private endPaste(byte: number, at: number): number {
    const next = this.sequence + String.fromCharCode(byte)
    if (next === PASTE_END) {
      this.keys.push({ _tag: "Paste", text: this.pasted, end: true })
      this.pasted = ""
      this.pasting = false
      this.sequence = ""
      return at + 1
    }
    if (PASTE_END.startsWith(next)) {
      this.sequence = next
      return at + 1
    }
    this.pasted += this.sequence
    this.sequence = ""
    return at
  }

  private text(bytes: Uint8Array): void {
    const all = this.character.length === 0 ? bytes : Bytes.concat([this.character, bytes])
    const whole = all.length - unfinished(all)
    this.character = all.slice(whole)
    this.write(all.subarray(0, whole))
  }

  private endCharacter(): void {
    const { character } = this
    this.character = NONE
    this.write(character)
  }

  private write(bytes: Uint8Array): void {
    const text = decoder.decode(bytes)
    if (this.pasting) this.pasted += text
    else for (const one of text) this.keys.push(character(one))
  }
}

/** An X10 mouse report: three bytes after its name. */
const MOUSE = /^\x1b\[M[^]/
const MOUSE_LENGTH = 6

// The decoder has no state between calls.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

const isControl = (byte: number): boolean => byte < 0x20 || byte === 0x7f

/** Number of bytes at the end that are the beginning of a character. */
const unfinished = (bytes: Uint8Array): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return lengthOf(byte) > back ? back : 0
  }
  return 0
}

const lengthOf = (lead: number): number => (lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : 2)
