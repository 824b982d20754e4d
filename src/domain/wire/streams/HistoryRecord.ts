/**
 * The format of streams of kind 1: the rows that scrolled off the server's screen, in order (docs/spec/history.md).
 *
 * The header of the stream is the number of the first row. Then come records; each consists of its type, the length of its
 * body, and the body:
 *
 * | type | record    | body                                                                                    |
 * | ---- | --------- | --------------------------------------------------------------------------------------- |
 * | 01   | `Row`     | a `CompactRow`                                                                           |
 * | 02   | `Missing` | a count, at least 1: so many rows left the server's ring before they could be sent       |
 * | 03   | `Cleared` | a count: the program erased the history, and with it so many rows that were not sent     |
 *
 * The type is one byte, lengths and counts are varints. Numbers are implied: a `Row` is one row further than the record
 * before, `Missing` and `Cleared` are `count` rows further.
 *
 * The decoder takes the bytes in pieces of any size. It holds at most one record, and yields nothing that a well-formed
 * `Row` cannot contain: what is drawn from it is what `FrameDiff` draws from frames.
 *
 * Law: however the bytes are cut, `read` yields the records that were encoded, with their numbers.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as CompactRow from "../../history/CompactRow.ts"
import * as Erasure from "../../history/Erasure.ts"
import type { Row } from "../../terminal/Row.ts"
import * as Varint from "./Varint.ts"

/** A record as it is sent: a row is compact already. */
export type HistoryRecord =
  | { readonly _tag: "Row"; readonly bytes: Uint8Array }
  | { readonly _tag: "Missing"; readonly count: number }
  | { readonly _tag: "Cleared"; readonly count: number }

/** A record as it is received, with its number. */
export type Received =
  /** The row with this number. `erasure`: the program erased it; otherwise it scrolled off. */
  | { readonly _tag: "Row"; readonly number: number; readonly row: Row; readonly erasure?: Erasure.Erasure }
  /** The `count` rows from `number` on will not be sent. */
  | { readonly _tag: "Missing"; readonly number: number; readonly count: number }
  /** The rows below `number` were erased (`CSI 3 J`). The next row has this number. */
  | { readonly _tag: "Cleared"; readonly number: number }

const ROW = 1
const MISSING = 2
const CLEARED = 3

/** The header of the stream, for rows that begin with this number. */
export const encodeHeader = (first: number): Uint8Array => {
  const cursor = { bytes: new Uint8Array(Varint.size(first)), at: 0 }
  Varint.write(cursor, first)
  return cursor.bytes
}

/** The number of the first row. */
export const decodeHeader = (header: Uint8Array): Result.Result<number, MalformedHistory> => {
  const cursor = { bytes: header, at: 0 }
  const first = Varint.read(cursor)
  return first === undefined || cursor.at !== header.length
    ? Result.fail(new MalformedHistory({ reason: "header", detail: "a header that is not one number" }))
    : Result.succeed(first)
}

/** Encodes a record. Counts are safe integers. */
export const encode = (record: HistoryRecord): Uint8Array => {
  const length = record._tag === "Row" ? record.bytes.length : Varint.size(record.count)
  const cursor = { bytes: new Uint8Array(1 + Varint.size(length) + length), at: 0 }
  cursor.bytes[cursor.at++] = record._tag === "Row" ? ROW : record._tag === "Missing" ? MISSING : CLEARED
  Varint.write(cursor, length)
  if (record._tag === "Row") cursor.bytes.set(record.bytes, cursor.at)
  else Varint.write(cursor, record.count)
  return cursor.bytes
}

/**
 * The peer sent a malformed history. It is the peer's fault. The receiver ends the stream, and the session goes on
 * without rows.
 *
 * - `header`: the header is not one number.
 * - `record`: an unknown type, or a length that its type cannot have.
 * - `row`: a row that is not well-formed; `detail` names what is wrong with it.
 * - `number`: a count that is not allowed, or a number beyond 2^53.
 */
export class MalformedHistory extends Data.TaggedError("MalformedHistory")<{
  readonly reason: "header" | "record" | "row" | "number"
  readonly detail: string
}> {
  override get message(): string {
    return `the server sent a malformed history: ${this.detail}`
  }
}

/** Reads records from pieces of the stream. It belongs to `read`, which changes it in place. */
export interface Decoder {
  /** The number of the next row. */
  next: number
  /** The beginning of an incomplete record. */
  pending: Uint8Array
  pendingLength: number
  /** Set by the first malformed record; nothing is read after it. */
  failure: MalformedHistory | undefined
}

const NOTHING = new Uint8Array()

/** A decoder for the stream whose header states that rows begin with `first`. */
export const decoder = (first: number): Decoder => ({
  next: first,
  pending: NOTHING,
  pendingLength: 0,
  failure: undefined
})

/** The longest record, bytes. */
const MAX_RECORD = 1 + 4 + CompactRow.MAX_BYTES

/**
 * Reads the next bytes of the stream, and returns the records that they complete. Records before a malformed one in the
 * same bytes are lost, because the caller ends the stream in any case.
 */
export const read = (self: Decoder, chunk: Uint8Array): Result.Result<ReadonlyArray<Received>, MalformedHistory> => {
  const records: Array<Received> = []
  let at = 0
  while (self.failure === undefined && (at < chunk.length || self.pendingLength > 0)) {
    if (self.pendingLength === 0) {
      const taken = take(self, chunk, at, chunk.length, records)
      if (taken === 0) {
        keep(self, chunk.subarray(at))
        break
      }
      at += taken
    } else {
      // One byte at a time until the length is known, then exactly what is missing of the record.
      const wanted = Math.max(1, sizeOf(self.pending, 0, self.pendingLength) - self.pendingLength)
      if (at === chunk.length) break
      const piece = chunk.subarray(at, at + wanted)
      keep(self, piece)
      at += piece.length
      if (take(self, self.pending, 0, self.pendingLength, records) > 0) self.pendingLength = 0
    }
  }
  if (self.failure === undefined) return Result.succeed(records)
  self.pending = NOTHING
  self.pendingLength = 0
  return Result.fail(self.failure)
}

/** Keeps bytes of an incomplete record. */
const keep = (self: Decoder, bytes: Uint8Array): void => {
  const length = self.pendingLength + bytes.length
  if (length > self.pending.length) {
    const grown = new Uint8Array(Math.min(Math.max(length, 2 * self.pending.length, 256), MAX_RECORD))
    grown.set(self.pending.subarray(0, self.pendingLength))
    self.pending = grown
  }
  self.pending.set(bytes, self.pendingLength)
  self.pendingLength = length
}

/** The size of the record at `at`; 0 if its head is incomplete. */
const sizeOf = (bytes: Uint8Array, at: number, end: number): number => {
  const cursor = { bytes: end === bytes.length ? bytes : bytes.subarray(0, end), at: at + 1 }
  const length = at < end ? Varint.read(cursor) : undefined
  return length === undefined ? 0 : cursor.at - at + length
}

/** Decodes the record at `at` if it is complete, and returns its size in bytes. A malformed record sets `failure`. */
const take = (self: Decoder, bytes: Uint8Array, at: number, end: number, records: Array<Received>): number => {
  const type = bytes[at]
  const fail = (reason: MalformedHistory["reason"], detail: string): number => {
    self.failure = new MalformedHistory({ reason, detail })
    return 0
  }
  if (type !== ROW && type !== MISSING && type !== CLEARED) return fail("record", "a record of an unknown type")
  const size = sizeOf(bytes, at, end)
  // A varint has at most 8 bytes. If they are present and give no length, the length is out of range.
  if (size === 0) return end - at > 8 ? fail("record", "a record of an impossible length") : 0
  if (size > MAX_RECORD) return fail("record", "a record that is too long")
  if (at + size > end) return 0
  const cursor = { bytes: bytes.subarray(0, at + size), at: at + 1 }
  const length = Varint.read(cursor) ?? 0
  if (type === ROW) {
    const compact = bytes.subarray(cursor.at, cursor.at + length)
    const row = CompactRow.decode(compact)
    if (Result.isFailure(row)) return fail("row", row.failure)
    if (self.next >= Varint.MAX) return fail("number", "a row beyond the last number")
    const erasure = Erasure.of(compact)
    const number = self.next++
    records.push({ _tag: "Row", number, row: row.success, ...(erasure === undefined ? {} : { erasure }) })
    return size
  }
  const count = Varint.read(cursor)
  if (count === undefined || cursor.at !== at + size) return fail("record", "a record with a malformed count")
  if (count > Varint.MAX - self.next || (type === MISSING && count === 0)) return fail("number", "an impossible count")
  if (type === MISSING) records.push({ _tag: "Missing", number: self.next, count })
  self.next += count
  if (type === CLEARED) records.push({ _tag: "Cleared", number: self.next })
  return size
}
