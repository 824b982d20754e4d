/**
 * Decides which reports of focus reach the program of a session with several clients (mode 1004).
 *
 * The program has the focus while at least one terminal has it. A user who changes from one window to another of the same session
 * causes two reports, which arrive in any order; that the first window lost the focus is not passed on if the second has gained it.
 *
 * A terminal has the focus from its report, or from what its user types, until it reports the opposite or its client is gone.
 *
 * Laws: with one client, its input passes unchanged. Nothing but reports of lost focus is ever removed.
 */
import * as Bytes from "effect/Bytes"

/** The numbers of the attachments whose terminals have the focus. At most one for each attachment, which are limited. */
export type State = ReadonlySet<number>

export const initial: State = new Set()

const ESC = 0x1b
const BRACKET = 0x5b
const GAINED = 0x49
const LOST = 0x4f
/** Size of a report, bytes: `CSI I` or `CSI O`. */
const REPORT = 3

/** Input of a client. */
export interface Input {
  readonly id: number
  readonly bytes: Uint8Array
  /** Whether a user typed some of it (`UserActivity`). */
  readonly isTyped: boolean
  /** Whether terminals report their focus (mode 1004). While they do not, what they reported before becomes outdated. */
  readonly isReported: boolean
}

/** Reads input of a client. Returns what the program receives of it. */
export const read = (state: State, { bytes, id, isReported, isTyped }: Input): readonly [State, Uint8Array] => {
  if (!isReported) return [initial, bytes]
  const isFocused = state.has(id)
  if (!bytes.includes(ESC)) return [isTyped && !isFocused ? new Set(state).add(id) : state, bytes]
  const focused = new Set(state)
  if (isTyped) focused.add(id)
  const kept: Array<Uint8Array> = []
  let from = 0
  for (let at = bytes.indexOf(ESC); at >= 0; at = bytes.indexOf(ESC, at + 1)) {
    if (bytes[at + 1] !== BRACKET) continue
    if (bytes[at + 2] === GAINED) focused.add(id)
    if (bytes[at + 2] !== LOST) continue
    focused.delete(id)
    if (focused.size === 0) continue
    kept.push(bytes.subarray(from, at))
    from = at + REPORT
  }
  return [focused, from === 0 ? bytes : Bytes.concat([...kept, bytes.subarray(from)])]
}

/** The client of an attachment is gone. */
export const forget = (state: State, id: number): State => {
  if (!state.has(id)) return state
  const focused = new Set(state)
  focused.delete(id)
  return focused
}
