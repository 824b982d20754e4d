/**
 * What a person typed, as the program expects it (spec 9.2).
 *
 * The client's terminal always sends its arrow keys in application form, `ESC O A`. A program that did not ask for that
 * form gets `ESC [ A`. Everything else passes through unchanged.
 *
 * The machine keeps an `O` after an `ESC` to itself until it sees the next byte. Unlike stock mosh it lets go after
 * `HOLD`, so that a lone Alt-O reaches the program.
 */
import type { Millis } from "../Machine.ts"

/** How long a held `O` waits for the byte that decides, ms. */
export const HOLD = 300

const ESC = 0x1b
const O = 0x4f
const BRACKET = 0x5b
const A = 0x41
const D = 0x44

export type State =
  | { readonly _tag: "Ground" }
  /** `ESC` has passed. */
  | { readonly _tag: "Escape" }
  /** `ESC` has passed and `O` is held. */
  | { readonly _tag: "Held"; readonly since: Millis }

const GROUND: State = { _tag: "Ground" }
const ESCAPE: State = { _tag: "Escape" }
const NOTHING = new Uint8Array(0)
const HELD_BYTE: ReadonlyArray<number> = [O]

export const initial: State = GROUND

/** When `release` is due; `Infinity` when nothing is held. */
export const deadline = (state: State): Millis => (state._tag === "Held" ? state.since + HOLD : Infinity)

/** Lets go of what is held. */
export const release = (state: State): readonly [State, Uint8Array] =>
  state._tag === "Held" ? [GROUND, Uint8Array.from(HELD_BYTE)] : [state, NOTHING]

/**
 * Translates the next bytes. `applicationCursorKeys` is whether the program asked for application form just now.
 * Splitting input differently never changes the result.
 */
export const translate = (
  state: State,
  bytes: Uint8Array,
  applicationCursorKeys: boolean,
  now: Millis
): readonly [State, Uint8Array] => {
  if (bytes.length === 0 || (state._tag === "Ground" && !bytes.includes(ESC))) return [state, bytes]
  const translated = new Uint8Array(bytes.length + 1)
  let length = 0
  let tag = state._tag
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (tag === "Held") {
      translated[length++] = !applicationCursorKeys && byte >= A && byte <= D ? BRACKET : O
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
  return [after(tag, now), translated.subarray(0, length)]
}

const after = (tag: State["_tag"], now: Millis): State =>
  tag === "Ground" ? GROUND : tag === "Escape" ? ESCAPE : { _tag: "Held", since: now }
