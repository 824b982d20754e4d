/**
 * The client's object: everything the person typed, and every size their window had, in order (spec 7.1).
 *
 * It only grows at its end. An event is one byte or one size; events are counted from the start of the session, and the
 * count is what makes two states of one session comparable. What the peer has acknowledged is let go.
 */
import * as Result from "effect/Result"
import type { Size } from "../terminal/Frame.ts"
import * as ResizeMessage from "../wire/ResizeMessage.ts"
import * as UserMessage from "../wire/UserMessage.ts"
import type { SyncObject } from "../ssp/SyncObject.ts"

export interface UserStream {
  /** The events from `start` to `end`; consecutive bytes in pieces. Pieces are shared between states, never changed. */
  readonly pieces: ReadonlyArray<UserMessage.UserEvent>
  readonly start: number
  readonly end: number
}

/** State number 0. */
export const EMPTY: UserStream = { pieces: [], start: 0, end: 0 }

/** Short pieces are joined up to this length, so that typing makes few of them. */
const PIECE = 4096

/** Bytes that a piece of keys, or a size, holds beside the keys: measured on Node 26, 64-bit, and rounded up. */
const KEYS_WEIGHT = 448
const RESIZE_WEIGHT = 192

/** The stream with more keys at its end. */
export const push = (stream: UserStream, keys: Uint8Array): UserStream =>
  append(stream, [{ _tag: "Keys", bytes: keys }])

/** The stream with another window size at its end; unchanged when no screen may have that size (`ResizeMessage`). */
export const resize = (stream: UserStream, size: Size): UserStream =>
  ResizeMessage.isAdmitted(size) ? append(stream, [{ _tag: "Resize", size }]) : stream

/** The events of `stream` that `earlier`, a former state of it, does not have. */
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

const cut = (piece: UserMessage.UserEvent, from: number, to?: number): UserMessage.UserEvent =>
  piece._tag === "Keys" ? { _tag: "Keys", bytes: piece.bytes.subarray(from, to) } : piece

/** The same events, with all consecutive keys in one piece. */
const joined = (events: ReadonlyArray<UserMessage.UserEvent>): ReadonlyArray<UserMessage.UserEvent> => {
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

const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  if (parts.length === 1) return parts[0] as Uint8Array
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Adds copies of events, joining short pieces. */
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

/** The state that the stream had when it ended at `end`. */
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
  // States of one session are prefixes of one another, so the count of their events tells them apart.
  equals: (a, b) => a.end === b.end,
  diff: (base, target) => UserMessage.encode(since(target, base)),
  patch: (base, diff) => Result.map(UserMessage.decode(diff), (events) => append(base, events)),
  subtract,
  advance: (base, target, flight) => (target.end - base.end <= flight ? target : prefix(target, base.end + flight)),
  weight: ({ pieces }) => {
    let weight = 0
    for (const piece of pieces) weight += piece._tag === "Keys" ? KEYS_WEIGHT + piece.bytes.length : RESIZE_WEIGHT
    return weight
  }
}
