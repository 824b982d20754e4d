/**
 * The sending half of a stream: what the application wrote, until the peer has acknowledged it.
 *
 * Bytes between `queue.start` and `queue.end` are kept. Of these, those below `sent` were sent at least once, those in
 * `acknowledged` arrived, those in `lost` are sent again first. Retransmissions are cut anew: a frame need not have the
 * boundaries it had. Functions change the stream in place. Source: RFC 9000, section 3.1.
 */
import * as ByteQueue from "./ByteQueue.ts"
import * as Limits from "./Limits.ts"
import * as RangeSet from "./RangeSet.ts"

export interface SendStream {
  readonly id: number
  /** Streams of lower urgency number go first; those of the same take turns. 0 to 7. */
  readonly urgency: number
  /** The most that the stream may keep, bytes. */
  readonly buffer: number
  readonly queue: ByteQueue.ByteQueue
  readonly acknowledged: RangeSet.RangeSet
  readonly lost: RangeSet.RangeSet
  /** The offset of the next byte that was never sent. */
  sent: number
  /** The offset that the peer allows. */
  limit: number
  fin: Fin
  /** The code of the stream's reset, and its progress. */
  reset: { readonly code: number; progress: Progress } | undefined
  /** Whether a write was cut short, and `Writable` is owed. */
  wantsRoom: boolean
  /** What the stream has taken from `Limits.SEND_POOL`. */
  pooled: number
}

/** Whether the application ended the stream, and the progress of the end. */
export type Fin = "none" | Progress

/** `unsent`: to be sent, for the first time or again. */
export type Progress = "unsent" | "sent" | "acknowledged"

export const make = (id: number, urgency: number, buffer: number = Limits.SEND_BUFFER_MAX): SendStream => ({
  id,
  urgency,
  buffer,
  queue: ByteQueue.make(),
  acknowledged: [],
  lost: [],
  sent: 0,
  limit: Limits.INITIAL_STREAM_DATA,
  fin: "none",
  reset: undefined,
  wantsRoom: false,
  pooled: 0
})

/** Bytes that are kept. */
export const buffered = ({ queue }: SendStream): number => queue.end - queue.start

/** Bytes the stream can take while the pool has `pool` bytes left. Those that the peer does not read take none of the pool. */
export const room = (stream: SendStream, pool: number): number => {
  const { fin, limit, queue, reset } = stream
  if (fin !== "none" || reset !== undefined) return 0
  const held = buffered(stream)
  const ahead = limit + Limits.SEND_AHEAD - queue.end
  return Math.max(0, Math.min(stream.buffer - held, ahead, Math.max(0, Limits.SEND_BUFFER - held) + pool))
}

/** Whether there is anything to send that the stream's limit allows. `credit`: what the connection's limit allows. */
export const hasData = (stream: SendStream, credit: number): boolean => {
  const { fin, lost, queue, reset, sent } = stream
  if (reset !== undefined) return false
  if (lost.length > 0 || (fin === "unsent" && sent === queue.end)) return true
  return credit > 0 && sent < Math.min(queue.end, stream.limit)
}

/** A piece to be sent. */
export interface Piece {
  readonly start: number
  readonly end: number
  readonly isFinal: boolean
  /** Whether it was never sent: it counts against the connection's limit. */
  readonly isNew: boolean
}

/** Returns the next piece, of at most `length` bytes, and records it as sent. */
export const next = (stream: SendStream, length: number, credit: number): Piece | undefined => {
  const { lost, queue, sent } = stream
  if (stream.reset !== undefined) return undefined
  const [start, end] = lost
  if (start !== undefined && end !== undefined) {
    const cut = Math.min(end, start + length)
    if (cut === start) return undefined
    RangeSet.remove(lost, start, cut)
    return { start, end: cut, isFinal: takeFin(stream, cut), isNew: false }
  }
  const cut = Math.max(sent, Math.min(queue.end, stream.limit, sent + Math.min(length, credit)))
  if (cut === sent && !(stream.fin === "unsent" && sent === queue.end)) return undefined
  stream.sent = cut
  return { start: sent, end: cut, isFinal: takeFin(stream, cut), isNew: true }
}

const takeFin = (stream: SendStream, end: number): boolean => {
  if (stream.fin === "none" || end !== stream.queue.end) return false
  if (stream.fin === "unsent") stream.fin = "sent"
  return true
}

/** The peer received a piece. */
export const onAcknowledged = (stream: SendStream, start: number, end: number, isFinal: boolean): void => {
  if (stream.reset !== undefined) return
  const { acknowledged, lost, queue } = stream
  if (isFinal) stream.fin = "acknowledged"
  if (lost.length > 0) RangeSet.remove(lost, start, end)
  if (start <= queue.start && acknowledged.length === 0) return ByteQueue.release(queue, end)
  RangeSet.add(acknowledged, Math.max(start, queue.start), end)
  const [first, last] = acknowledged
  if (first === undefined || last === undefined || first > queue.start) return
  acknowledged.splice(0, 2)
  ByteQueue.release(queue, last)
}

/** A piece was lost, or may have been: what of it is not acknowledged is sent again. */
export const onLost = (stream: SendStream, start: number, end: number, isFinal: boolean): void => {
  if (stream.reset !== undefined) return
  const { acknowledged, lost, queue } = stream
  if (isFinal && stream.fin === "sent") stream.fin = "unsent"
  const from = Math.max(start, queue.start)
  if (from >= end) return
  RangeSet.add(lost, from, end)
  for (let i = 0; i < acknowledged.length; i += 2)
    RangeSet.remove(lost, acknowledged[i] as number, acknowledged[i + 1] as number)
}

/** Abandons the stream and drops its bytes. Returns whether that changed anything. */
export const reset = (stream: SendStream, code: number): boolean => {
  if (stream.reset !== undefined || isDone(stream)) return false
  stream.reset = { code, progress: "unsent" }
  stream.acknowledged.length = 0
  stream.lost.length = 0
  ByteQueue.release(stream.queue, stream.queue.end)
  return true
}

/** Whether the peer has everything, or knows of the reset. */
export const isDone = ({ fin, queue, reset }: SendStream): boolean =>
  reset === undefined ? fin === "acknowledged" && queue.start === queue.end : reset.progress === "acknowledged"
