/**
 * Distinguishes what a user typed from what a terminal sent by itself: reports of focus, of mouse movement without a button,
 * and answers to queries. Clicks and the wheel count as typed.
 *
 * The bytes may be split anywhere: whether a user typed does not depend on that. A lone `ESC` counts with the next byte. The
 * state has a fixed size, and every byte takes constant time.
 */

/** What precedes the next byte. */
export interface State {
  readonly place: Place
  /** Bytes since the place began. */
  readonly length: number
  /** In a control sequence: the first of its bytes, if that marks it as private, otherwise 0. */
  readonly marker: number
  /** In a control sequence or a mouse report: its first number. */
  readonly number: number
}

type Place =
  | "Ground"
  /** After `ESC`. */
  | "Escape"
  /** After `ESC [`. */
  | "Control"
  /** After `ESC [ M`: three bytes of a mouse report follow. */
  | "Mouse"
  /** In an answer that ends in BEL or `ESC \`. */
  | "String"
  | "StringEscape"

export const initial: State = { place: "Ground", length: 0, marker: 0, number: 0 }

/** Longest control sequence and string, bytes; longer ones count as typed. */
const LONGEST_CONTROL = 64
const LONGEST_STRING = 4096

const ESC = 0x1b
const BEL = 0x07
const BRACKET = 0x5b
const BACKSLASH = 0x5c
/** The bytes after `ESC` that begin a string: P, X, ], ^ and _. */
const STRINGS: ReadonlySet<number> = new Set([0x50, 0x58, 0x5d, 0x5e, 0x5f])

/** Reads bytes of a terminal. Returns whether a user typed some of them. */
export const step = (state: State, bytes: Uint8Array): readonly [State, boolean] => {
  // Text, as most input.
  if (state.place === "Ground" && bytes.length > 0 && !bytes.includes(ESC)) return [initial, true]
  let next = state
  let isTyped = false
  for (const byte of bytes) {
    const [after, typed] = read(next, byte)
    next = after
    isTyped ||= typed
  }
  return [next, isTyped]
}

type Read = readonly [State, boolean]

const TYPED: Read = [initial, true]
const REPORTED: Read = [initial, false]
const at = (place: Place): State => ({ ...initial, place })

const read = (state: State, byte: number): Read => {
  switch (state.place) {
    case "Ground":
      return byte === ESC ? [at("Escape"), false] : TYPED
    case "Escape":
      if (byte === ESC) return [state, true]
      if (byte === BRACKET) return [at("Control"), false]
      return STRINGS.has(byte) ? [at("String"), false] : TYPED
    case "Control":
      return readControl(state, byte)
    case "Mouse": {
      const button = state.length === 0 ? byte - 32 : state.number
      if (state.length < 2) return [{ ...state, length: state.length + 1, number: button }, false]
      return isMovement(button) ? REPORTED : TYPED
    }
    case "String":
      if (byte === BEL) return REPORTED
      if (state.length >= LONGEST_STRING) return TYPED
      return [{ ...state, place: byte === ESC ? "StringEscape" : "String", length: state.length + 1 }, false]
    case "StringEscape":
      if (byte === BACKSLASH) return REPORTED
      // The string was abandoned, and another sequence begins.
      return byte === BRACKET ? [at("Control"), false] : TYPED
  }
}

const readControl = (state: State, byte: number): Read => {
  const { length, marker, number } = state
  const grown = { ...state, length: length + 1 }
  if (byte === ESC) return [at("Escape"), true]
  if (byte < 0x20 || byte > 0x7e || length >= LONGEST_CONTROL) return TYPED
  if (byte < 0x40) {
    if (length === 0 && byte >= 0x3c) return [{ ...grown, marker: byte }, false]
    const digit = byte - 0x30
    // Only the first number counts: the separator after it ends it.
    if (digit >= 0 && digit <= 9 && number >= 0)
      return [{ ...grown, number: Math.min(number * 10 + digit, 9999) }, false]
    return [{ ...grown, number: number >= 0 ? -1 - number : number }, false]
  }
  if (byte === LETTER_M && length === 0) return [at("Mouse"), false]
  return isReport(byte, { marker, length, first: number < 0 ? -1 - number : number }) ? REPORTED : TYPED
}

const LETTER_M = 0x4d
const LESS = 0x3c
/** Final bytes of answers without a private marker: device attributes, status, cursor position, window. */
const ANSWERS: ReadonlySet<number> = new Set(Array.from("cnRty", (letter) => letter.charCodeAt(0)))
/** Focus gained and lost. */
const FOCUS: ReadonlySet<number> = new Set([0x49, 0x4f])

interface Control {
  readonly marker: number
  readonly length: number
  readonly first: number
}

const isReport = (final: number, { first, length, marker }: Control): boolean => {
  if (marker === LESS) return isMovement(first)
  if (marker !== 0) return true
  return length === 0 ? FOCUS.has(final) : ANSWERS.has(final)
}

/** Whether a mouse report is of a movement without a button. */
const isMovement = (button: number): boolean => (button & 32) !== 0 && (button & 3) === 3
