/**
 * Separates typed bytes into input for the session and the escape key's commands to mosh (spec 10.3).
 *
 * A key that the terminal encodes by a newer protocol counts as the byte that it sends otherwise, if its sequence arrives in
 * one piece; all others of its sequences are sent as they are.
 *
 * Laws: however bytes without such sequences are split into pieces, the same bytes are sent and the same commands are given,
 * in the same order. Without an escape key, all bytes are sent. Nothing is held back except an escape key whose command has not
 * been typed yet.
 */
import * as KeyEncoding from "../keyboard/KeyEncoding.ts"
import * as CommandLine from "./CommandLine.ts"
import type { EscapeKey } from "./EscapeKey.ts"

/** The state between two pieces of input. */
export interface Typing {
  readonly key: EscapeKey | undefined
  /** Whether the escape key was typed, and its command has not been. */
  readonly escaped: boolean
  /** Whether the last typed byte was a line end. */
  readonly atLineStart: boolean
  /** The command line, while it is open: what is typed goes there. */
  readonly command: CommandLine.CommandLine | undefined
}

export type Action =
  /** Send these bytes to the session. */
  | { readonly _tag: "Send"; readonly bytes: Uint8Array }
  /** Ctrl-L was among the sent bytes: redraw this terminal completely, whatever the session does with the key. */
  | { readonly _tag: "Repaint" }
  | { readonly _tag: "ShowHelp" }
  | { readonly _tag: "HideHelp" }
  /** Show the status line, or hide it. */
  | { readonly _tag: "ToggleStatus" }
  | { readonly _tag: "Suspend" }
  /** Leave the session running, and exit. */
  | { readonly _tag: "Detach" }
  /** Show the command line with this text; `undefined`: hide it. */
  | { readonly _tag: "EditCommand"; readonly text: string | undefined }
  /** Obey a command that was typed in the command line. */
  | { readonly _tag: "Command"; readonly text: string }
  /** Show what is forwarded. */
  | { readonly _tag: "ListForwardings" }
  /** Quit. Always the last action: bytes typed after it are discarded. */
  | { readonly _tag: "Quit" }

export const initial = (key: EscapeKey | undefined): Typing => ({
  key,
  escaped: false,
  atLineStart: false,
  command: undefined
})

/** Processes typed bytes, in pieces of any size. */
export const step = (state: Typing, bytes: Uint8Array): readonly [Typing, ReadonlyArray<Action>] => {
  const { key } = state
  let { atLineStart, command, escaped } = state
  const actions: Array<Action> = []
  let from = 0
  const send = (piece: Uint8Array, isRepaint = piece.includes(CTRL_L)): void => {
    if (piece.length === 0) return
    actions.push({ _tag: "Send", bytes: piece })
    if (isRepaint) actions.push(repaint)
  }
  if (key === undefined) {
    send(bytes)
    return [state, actions]
  }
  let isRepaint = false
  for (let i = 0; i < bytes.length; i++) {
    const start = i
    const encoded = bytes[i] === ESC ? readEncoded(bytes, i) : undefined
    const byte = encoded === undefined ? (bytes[i] as number) : encoded.byte
    if (encoded !== undefined) i = encoded.end - 1
    if (byte === undefined) {
      // A released key or a modifier: no command.
      if (command !== undefined || escaped) from = i + 1
    } else if (command !== undefined) {
      from = i + 1
      const next = CommandLine.step(command, byte)
      const text = "_tag" in next ? undefined : next.text
      if (text !== command.text) actions.push({ _tag: "EditCommand", text })
      if ("_tag" in next && next.text !== "") actions.push({ _tag: "Command", text: next.text })
      command = "_tag" in next ? undefined : next
    } else if (escaped) {
      escaped = false
      from = i + 1
      atLineStart = isLineEnd(byte)
      actions.push(hideHelp)
      if (byte === QUIT) return [{ key, escaped, atLineStart, command }, [...actions, quit]]
      if (byte === CTRL_Z) actions.push(suspend)
      else if (key.statusKeys.includes(byte)) actions.push(toggleStatus)
      else if (key.detachKeys.includes(byte)) actions.push(detach)
      else if (byte === LIST && !key.passKeys.includes(byte)) actions.push(listForwardings)
      else if (byte === COMMAND && !key.passKeys.includes(byte)) {
        command = CommandLine.EMPTY
        actions.push({ _tag: "EditCommand", text: "" })
      } else if (key.passKeys.includes(byte)) send(Uint8Array.of(key.byte))
      else send(Uint8Array.of(key.byte, ...bytes.subarray(start, from)))
    } else if (byte === key.byte && (atLineStart || !key.atLineStart)) {
      escaped = true
      send(bytes.subarray(from, start))
      from = i + 1
      actions.push(showHelp)
    } else {
      atLineStart = isLineEnd(byte)
      isRepaint ||= byte === CTRL_L
    }
  }
  const last = bytes.subarray(from)
  send(last, isRepaint || last.includes(CTRL_L))
  return [{ key, escaped, atLineStart, command }, actions]
}

interface Encoded {
  /** The byte that the key sends without newer protocols; `undefined` if it sends nothing. */
  readonly byte: number | undefined
  readonly end: number
}

/** The key at an escape, if its sequence stands for at most one byte. */
const readEncoded = (bytes: Uint8Array, from: number): Encoded | undefined => {
  if (bytes[from + 1] !== BRACKET) return undefined
  for (let end = from + 2; end < Math.min(bytes.length, from + KeyEncoding.LONGEST); end++) {
    const byte = bytes[end] as number
    if (byte >= 0x30 && byte <= 0x3b) continue
    const text = KeyEncoding.legacy(String.fromCharCode(...bytes.subarray(from, end + 1)))
    if (text === undefined || text.length > 1 || text > "\x7f") return undefined
    return { byte: text === "" ? undefined : text.charCodeAt(0), end: end + 1 }
  }
  return undefined
}

const ESC = 0x1b
const BRACKET = 0x5b
const QUIT = 0x2e
const LIST = 0x23
const COMMAND = 0x43
const CTRL_L = 0x0c
const CTRL_Z = 0x1a
const isLineEnd = (byte: number): boolean => byte === 0x0d || byte === 0x0a

const repaint: Action = { _tag: "Repaint" }
const showHelp: Action = { _tag: "ShowHelp" }
const hideHelp: Action = { _tag: "HideHelp" }
const toggleStatus: Action = { _tag: "ToggleStatus" }
const listForwardings: Action = { _tag: "ListForwardings" }
const suspend: Action = { _tag: "Suspend" }
const detach: Action = { _tag: "Detach" }
const quit: Action = { _tag: "Quit" }
