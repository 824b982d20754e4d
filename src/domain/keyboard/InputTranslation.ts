/**
 * Translates cursor keys that the client's terminal sends into the form that the program expects (spec 9.2).
 *
 * The client's terminal is always in application cursor mode (DECCKM), so its cursor keys send `ESC O A`. A program
 * that did not enable that mode gets `ESC [ A`. DECCKM governs the arrows, Home, End and the middle of the keypad: `A`
 * to `H`. Stock translates only the arrows. All other input passes through unchanged.
 *
 * The machine holds an `O` after an `ESC` until the next byte arrives. Unlike stock mosh it releases the `O` after
 * `HOLD`, so that a single Alt-O reaches the program.
 */
import type { Machine, Millis } from "../Machine.ts"

/** How long a held `O` waits for the next byte, ms. */
export const HOLD = 300

export type State =
  | { readonly _tag: "Ground" }
  /** The last byte was `ESC`. */
  | { readonly _tag: "Escape" }
  /** `ESC` was passed on, and the `O` after it is held. */
  | { readonly _tag: "Held"; readonly since: Millis }

export type Input =
  /** The next bytes; `applicationCursorKeys`: whether the program has enabled application cursor keys. */
  | { readonly _tag: "Typed"; readonly bytes: Uint8Array; readonly applicationCursorKeys: boolean }
  | { readonly _tag: "Tick" }

/** Bytes for the program. */
export type Output = Uint8Array

const ESC = 0x1b
const O = 0x4f
const BRACKET = 0x5b
/** Up, Down, Right, Left, Begin, End, Begin as PuTTY sends it, Home. */
const FIRST_CURSOR_KEY = 0x41
const LAST_CURSOR_KEY = 0x48

const GROUND: State = { _tag: "Ground" }
const ESCAPE: State = { _tag: "Escape" }

export const initial: State = GROUND

/** Translates input. The result does not depend on how the input is split into pieces. */
const step = (state: State, input: Input, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  if (input._tag === "Tick") {
    return state._tag === "Held" && now >= state.since + HOLD ? [GROUND, [Uint8Array.of(O)]] : [state, []]
  }
  const { applicationCursorKeys, bytes } = input
  if (bytes.length === 0) return [state, []]
  if (state._tag === "Ground" && !bytes.includes(ESC)) return [state, [bytes]]

  const translated = new Uint8Array(bytes.length + 1)
  let length = 0
  let tag = state._tag
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (tag === "Held") {
      translated[length++] = !applicationCursorKeys && isCursorKey(byte) ? BRACKET : O
      translated[length++] = byte
      tag = "Ground"
    } else if (tag === "Escape") {
      if (byte === O) {
        tag = "Held"
      } else {
        translated[length++] = byte
        tag = "Ground"
      }
    } else {
      translated[length++] = byte
      if (byte === ESC) tag = "Escape"
    }
  }
  return [after(tag, now), length === 0 ? [] : [translated.subarray(0, length)]]
}

const isCursorKey = (byte: number): boolean => byte >= FIRST_CURSOR_KEY && byte <= LAST_CURSOR_KEY

const after = (tag: State["_tag"], now: Millis): State =>
  tag === "Ground" ? GROUND : tag === "Escape" ? ESCAPE : { _tag: "Held", since: now }

const deadline = (state: State): Millis => (state._tag === "Held" ? state.since + HOLD : Infinity)

export const machine: Machine<State, Input, Output> = { step, deadline }
