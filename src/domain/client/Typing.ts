/**
 * What typed bytes mean to the client: almost all are the session's, the escape key's commands are mosh's (spec 10.3).
 *
 * Laws: however the bytes are cut into pieces, the same is sent and commanded in the same order; without an escape key
 * everything is sent; and nothing that was typed is held back but an escape key that still waits for its command.
 */
import type { EscapeKey } from "./EscapeKey.ts"

export interface Typing {
  readonly key: EscapeKey | undefined
  /** The escape key was pressed, and its command has not come yet. */
  readonly escaped: boolean
  /** A line end was the last byte typed. */
  readonly atLineStart: boolean
}

export type Action =
  /** These bytes are for the session. */
  | { readonly _tag: "Send"; readonly bytes: Uint8Array }
  /** Ctrl-L was among them: paint this terminal anew, whatever the session makes of it. */
  | { readonly _tag: "Repaint" }
  | { readonly _tag: "ShowHelp" }
  | { readonly _tag: "HideHelp" }
  /** Show how the session fares, or hide it. */
  | { readonly _tag: "ToggleStatus" }
  | { readonly _tag: "Suspend" }
  /** Always the last: what was read after it is discarded. */
  | { readonly _tag: "Quit" }

export const initial = (key: EscapeKey | undefined): Typing => ({ key, escaped: false, atLineStart: false })

/** Takes what was typed, in pieces of any size. */
export const step = (state: Typing, bytes: Uint8Array): readonly [Typing, ReadonlyArray<Action>] => {
  const { key } = state
  let { escaped, atLineStart } = state
  const actions: Array<Action> = []
  let from = 0
  const send = (piece: Uint8Array): void => {
    if (piece.length === 0) return
    actions.push({ _tag: "Send", bytes: piece })
    if (piece.includes(CTRL_L)) actions.push(repaint)
  }
  if (key === undefined) {
    send(bytes)
    return [state, actions]
  }
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (escaped) {
      escaped = false
      from = i + 1
      atLineStart = isLineEnd(byte)
      actions.push(hideHelp)
      if (byte === QUIT) return [{ key, escaped, atLineStart }, [...actions, quit]]
      if (byte === CTRL_Z) actions.push(suspend)
      else if (key.statusKeys.includes(byte)) actions.push(toggleStatus)
      else send(key.passKeys.includes(byte) ? Uint8Array.of(key.byte) : Uint8Array.of(key.byte, byte))
    } else if (byte === key.byte && (atLineStart || !key.atLineStart)) {
      escaped = true
      send(bytes.subarray(from, i))
      from = i + 1
      actions.push(showHelp)
    } else {
      atLineStart = isLineEnd(byte)
    }
  }
  send(bytes.subarray(from))
  return [{ key, escaped, atLineStart }, actions]
}

const QUIT = 0x2e
const CTRL_L = 0x0c
const CTRL_Z = 0x1a
const isLineEnd = (byte: number): boolean => byte === 0x0d || byte === 0x0a

const repaint: Action = { _tag: "Repaint" }
const showHelp: Action = { _tag: "ShowHelp" }
const hideHelp: Action = { _tag: "HideHelp" }
const toggleStatus: Action = { _tag: "ToggleStatus" }
const suspend: Action = { _tag: "Suspend" }
const quit: Action = { _tag: "Quit" }
