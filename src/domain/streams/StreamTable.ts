/**
 * The streams of a session that are not finished, and how many each end may open.
 *
 * A stream's number is twice its place among those of the end that opened it, plus 1 for the server's. Both ends send on
 * every stream: one that only one end uses is finished by the other at once. A number is never used again. Functions change
 * the table in place. Source: RFC 9000, sections 2.1 and 4.6, without unidirectional streams.
 */
import type { Role } from "../ssp/Role.ts"
import * as Limits from "./Limits.ts"
import * as ReceiveStream from "./ReceiveStream.ts"
import * as SendStream from "./SendStream.ts"
import type { Violation } from "./StreamError.ts"

export interface Stream {
  readonly id: number
  readonly isLocal: boolean
  readonly send: SendStream.SendStream
  readonly receive: ReceiveStream.ReceiveStream
  /** Whether the application knows of it: the header of the peer's stream has arrived. */
  isAnnounced: boolean
}

export interface StreamTable {
  readonly role: Role
  readonly streams: Map<number, Stream>
  /** Streams that this end opened, and may open. */
  opened: number
  limit: number
  /** Streams that the peer opened, of which so many are finished, and may open. */
  accepted: number
  finished: number
  advertised: number
}

export const make = (role: Role): StreamTable => ({
  role,
  streams: new Map(),
  opened: 0,
  limit: Limits.INITIAL_STREAMS,
  accepted: 0,
  finished: 0,
  advertised: Limits.INITIAL_STREAMS
})

/** The urgency of the streams that the peer opens: in the middle. */
const URGENCY = 3
export const URGENCY_LAST = 7

/** The least that a stream may be limited to: a receiver with room for less reports none. */
const BUFFER_MIN = Limits.WRITABLE

/** Opens a stream that keeps at most `buffer` bytes; `undefined` if the peer does not allow one more. */
export const open = (
  table: StreamTable,
  urgency = URGENCY,
  buffer: number = Limits.SEND_BUFFER_MAX
): Stream | undefined => {
  if (table.opened >= table.limit) return undefined
  const id = 2 * table.opened++ + (table.role === "Server" ? 1 : 0)
  const size = Math.min(Math.max(BUFFER_MIN, Math.trunc(buffer) || 0), Limits.SEND_BUFFER_MAX)
  return add(table, id, true, urgencyOf(urgency), size)
}

/** A number that is no urgency counts as the nearest one. */
const urgencyOf = (urgency: number): number =>
  Number.isNaN(urgency) ? URGENCY : Math.trunc(Math.min(Math.max(0, urgency), URGENCY_LAST))

const add = (table: StreamTable, id: number, isLocal: boolean, urgency: number, buffer?: number): Stream => {
  const stream: Stream = {
    id,
    isLocal,
    send: SendStream.make(id, urgency, buffer),
    receive: ReceiveStream.make(id),
    isAnnounced: isLocal
  }
  table.streams.set(id, stream)
  return stream
}

/** The stream of a frame: opened by it if it is the peer's; `undefined` if it is finished. */
export const find = (table: StreamTable, id: number): Stream | Violation | undefined => {
  const index = Math.floor(id / 2)
  const isLocal = (id % 2 === 1) === (table.role === "Server")
  if (isLocal) return index < table.opened ? table.streams.get(id) : "stream-not-open"
  if (index >= table.advertised) return "stream-limit-exceeded"
  // A frame of one stream opens those before it: theirs are late, or lost.
  while (table.accepted <= index) add(table, 2 * table.accepted++ + (id % 2), false, URGENCY)
  return table.streams.get(id)
}

export const isDone = ({ receive, send }: Stream): boolean => receive.isDone && SendStream.isDone(send)

/** Removes a finished stream. Whether MAX_STREAMS is due. */
export const remove = (table: StreamTable, stream: Stream): boolean => {
  if (!table.streams.delete(stream.id) || stream.isLocal) return false
  table.finished++
  // The peer must never wait for a limit that it is due: it gets one while it still has a quarter of them left.
  if (table.advertised - table.accepted > Limits.INITIAL_STREAMS / 4) return false
  table.advertised = table.finished + Limits.INITIAL_STREAMS
  return true
}
