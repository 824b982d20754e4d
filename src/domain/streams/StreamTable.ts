/**
 * The streams of a session that are not finished, and how many each end may open.
 *
 * A stream's number is twice its index among the streams that its opener opened, plus 1 if that is the server. All
 * streams are bidirectional: where only one end sends, the other finishes its half at once. A number is never used
 * again. Functions change the table in place. Source: RFC 9000, sections 2.1 and 4.6, without unidirectional streams.
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
  /** The number of streams that this end has opened, and how many it may open in all. */
  opened: number
  limit: number
  /** The number of streams that the peer has opened, how many of them are finished, and how many it may open in all. */
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

/** The smallest limit of a stream's buffer: `Writable` is reported only for this much room. */
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

/** A number outside 0 to 7 counts as the nearest urgency. */
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

/** The stream of a frame; `undefined` if the stream is finished. A frame may open the stream if that is the peer's. */
export const find = (table: StreamTable, id: number): Stream | Violation | undefined => {
  const index = Math.floor(id / 2)
  const isLocal = (id % 2 === 1) === (table.role === "Server")
  if (isLocal) return index < table.opened ? table.streams.get(id) : "stream-not-open"
  if (index >= table.advertised) return "stream-limit-exceeded"
  // A frame of a stream also opens the streams before it, whose frames are late or lost.
  while (table.accepted <= index) add(table, 2 * table.accepted++ + (id % 2), false, URGENCY)
  return table.streams.get(id)
}

export const isDone = ({ receive, send }: Stream): boolean => receive.isDone && SendStream.isDone(send)

/** Removes a finished stream. */
export const remove = (table: StreamTable, stream: Stream): void => {
  if (table.streams.delete(stream.id) && !stream.isLocal) table.finished++
}

/**
 * Allows the peer as many further streams as have finished, if it may open only a quarter of them by now. Returns whether
 * MAX_STREAMS is due. Call it after a stream was accepted as well as after one was removed: otherwise streams that stay open
 * would keep the peer from the places of those that finished early.
 */
export const raise = (table: StreamTable): boolean => {
  const limit = table.finished + Limits.INITIAL_STREAMS
  if (limit === table.advertised || table.advertised - table.accepted > Limits.INITIAL_STREAMS / 4) return false
  table.advertised = limit
  return true
}
