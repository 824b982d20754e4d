/**
 * The object that the client sends: all typed bytes and all window sizes, in order (spec 7.1).
 *
 * Events are only appended. An event is one byte or one size. Events are numbered from the start of the session, and two
 * states of a session are compared by the number of their events. Acknowledged events are dropped.
 */
import * as Bytes from "effect/Bytes"
import * as Result from "effect/Result"
import type { Size } from "../terminal/Frame.ts"
import * as ResizeMessage from "../wire/ResizeMessage.ts"
import * as UserMessage from "../wire/UserMessage.ts"
import type { SyncObject } from "../ssp/SyncObject.ts"

export interface UserStream {
  /** The events from `start` to `end`; consecutive bytes form pieces. States share pieces, which never change. */
  readonly pieces: ReadonlyArray<UserMessage.UserEvent>
  readonly start: number
  readonly end: number
}

/** State number 0. */
export const EMPTY: UserStream = { pieces: [], start: 0, end: 0 }

/** Short pieces are joined up to this length, bytes, so that typed keys need few pieces. */
const PIECE = 4096

/** Memory of a piece of keys, without the keys, and of a size, bytes: measured on Node 26, 64-bit, rounded up. */
const KEYS_WEIGHT = 448
const RESIZE_WEIGHT = 192

/** The stream with typed bytes appended. */
export const push = (stream: UserStream, keys: Uint8Array): UserStream =>
  append(stream, [{ _tag: "Keys", bytes: keys }])

/** The stream with a window size appended; unchanged if no screen can have that size (`ResizeMessage.isAdmitted`). */
export const resize = (stream: UserStream, size: Size): UserStream =>
  ResizeMessage.isAdmitted(size) ? append(stream, [{ _tag: "Resize", size }]) : stream

/** The events of `stream` after those of `earlier`, an earlier state of the same session. */
export const since = (stream: UserStream, earlier: UserStream): ReadonlyArray<UserMessage.UserEvent> => {
  const events: Array<UserMessage.UserEvent> = []
  let from = stream.end
  for (let i = stream.pieces.length - 1; i >= 0 && from > earlier.end; i--) {
    const piece = stream.pieces[i] as UserMessage.UserEvent
    from -= lengthOf(piece)
    events.push(from < earlier.end ? cut(piece, earlier.end - from) : piece)
  }
  return joined(events.toReversed())
}

const lengthOf = (piece: UserMessage.UserEvent): number => (piece._tag === "Keys" ? piece.bytes.length : 1)

const cut = (piece: UserMessage.UserEvent, from: number, to?: number): UserMessage.UserEvent => {
  if (piece._tag === "Resize") return piece
  const { bytes } = piece
  return { _tag: "Keys", bytes: bytes.length > ON_HEAP ? bytes.subarray(from, to) : bytes.slice(from, to) }
}

/** V8 keeps so few bytes, a keystroke's, on its heap. Sharing them would move them out of it, which takes longer than a copy. */
const ON_HEAP = 64

/** The same events, with consecutive keys joined into one piece. */
export const joined = (events: ReadonlyArray<UserMessage.UserEvent>): ReadonlyArray<UserMessage.UserEvent> => {
  if (events.length < 2) return events
  const result: Array<UserMessage.UserEvent> = []
  let run: Array<Uint8Array> = []
  const flush = () => {
    if (run.length > 0) result.push({ _tag: "Keys", bytes: concat(run) })
    run = []
  }
  for (const event of events) {
    if (event._tag === "Keys") run.push(event.bytes)
    else {
      flush()
      result.push(event)
    }
  }
  flush()
  return result
}

const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array =>
  parts.length === 1 ? (parts[0] as Uint8Array) : Bytes.concat(parts)

/** Appends copies of events, and joins short pieces. */
const append = (stream: UserStream, events: ReadonlyArray<UserMessage.UserEvent>): UserStream => {
  const pieces = [...stream.pieces]
  let { end } = stream
  for (const event of joined(events)) {
    end += lengthOf(event)
    const last = pieces[pieces.length - 1]
    if (event._tag === "Resize") pieces.push(event)
    else if (event.bytes.length > 0) {
      const isShort = last?._tag === "Keys" && last.bytes.length + event.bytes.length <= PIECE
      if (isShort) pieces[pieces.length - 1] = { _tag: "Keys", bytes: concat([last.bytes, event.bytes]) }
      else pieces.push({ _tag: "Keys", bytes: new Uint8Array(event.bytes) })
    }
  }
  return end === stream.end ? stream : { pieces, start: stream.start, end }
}

/** The state of the stream when it ended at `end`. */
const prefix = (stream: UserStream, end: number): UserStream => {
  const pieces: Array<UserMessage.UserEvent> = []
  let at = stream.start
  for (const piece of stream.pieces) {
    if (at >= end) break
    const length = lengthOf(piece)
    pieces.push(at + length > end ? cut(piece, 0, end - at) : piece)
    at += length
  }
  return { pieces, start: stream.start, end: Math.min(end, stream.end) }
}

const subtract = (stream: UserStream, acknowledged: UserStream): UserStream => {
  let { start } = stream
  let drop = 0
  for (const piece of stream.pieces) {
    const length = lengthOf(piece)
    if (start + length > acknowledged.end) break
    start += length
    drop++
  }
  return drop === 0 ? stream : { pieces: stream.pieces.slice(drop), start, end: stream.end }
}

export const object: SyncObject<UserStream> = {
  // Of two states of one session, one is a prefix of the other, so equal counts mean equal states.
  equals: (a, b) => a.end === b.end,
  diff: (base, target) => UserMessage.encode(since(target, base)),
  patch: (base, diff) => Result.map(UserMessage.decode(diff), (events) => append(base, events)),
  subtract,
  advance: (base, target, window) => (target.end - base.end <= window ? target : prefix(target, base.end + window)),
  weight: ({ pieces }) => {
    let weight = 0
    for (const piece of pieces) weight += piece._tag === "Keys" ? KEYS_WEIGHT + piece.bytes.length : RESIZE_WEIGHT
    return weight
  }
}
