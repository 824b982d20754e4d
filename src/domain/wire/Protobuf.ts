/**
 * The part of the protobuf wire format that SSP needs. It writes varints and length-delimited fields; it reads these,
 * and skips all others.
 *
 * Reading is total: any bytes yield either all their fields or a failure. Nothing is recursive, so deep nesting costs
 * nothing. Source: https://protobuf.dev/programming-guides/encoding/
 */
import * as Result from "effect/Result"

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const GROUP_START = 3
const GROUP_END = 4
const FIXED32 = 5

const MAX_FIELD = 2 ** 29 - 1
/** Maximum depth of groups, which are deprecated; a stock reader has about the same limit. */
const MAX_GROUPS = 100

/** The value of a field: a varint modulo 2^64, or the bytes of a length-delimited field (sharing the input's memory). */
export type Value = bigint | Uint8Array

/** Maximum number of fields per message: far more than the keystrokes and sizes that a client sends at once. */
export const MAX_FIELDS = 32_768

/** Where in a message the reader is. */
interface Cursor {
  readonly bytes: Uint8Array
  position: number
}

/** Reads a varint of at most four bytes, as nearly all are; returns -1 and reads nothing if it is longer. */
const readShort = (cursor: Cursor): number => {
  let value = 0
  for (let i = 0; i < 4; i++) {
    const byte = cursor.bytes[cursor.position + i]
    if (byte === undefined) return -1
    value |= (byte & 0x7f) << (7 * i)
    if (byte >= 0x80) continue
    cursor.position += i + 1
    return value
  }
  return -1
}

/** Reads any varint, modulo 2^64; `undefined` if it is incomplete or longer than ten bytes. */
const readVarint = (cursor: Cursor): bigint | undefined => {
  const value = readShort(cursor)
  if (value >= 0) return BigInt(value)
  let whole = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.position]
    if (byte === undefined) return undefined
    cursor.position++
    whole |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return BigInt.asUintN(64, whole)
  }
  return undefined
}

/** Reads a varint as a number. Above 2^53 it is imprecise, but then it is too large for every use. */
const number = (cursor: Cursor): number => {
  const value = readShort(cursor)
  return value >= 0 ? value : Number(readVarint(cursor) ?? Number.NaN)
}

/**
 * Calls `visit` with each varint and length-delimited field in order; other fields, and those in groups, are skipped.
 * If `visit` returns a failure's reason, reading stops with it. More than `limit` fields are a failure: a field of two
 * bytes costs the reader as much as one of thousands.
 */
export const read = (
  bytes: Uint8Array,
  visit: (field: number, value: Value) => string | void,
  limit = MAX_FIELDS
): Result.Result<void, string> => {
  const cursor: Cursor = { bytes, position: 0 }
  let groups: Array<number> | undefined
  let fields = 0
  while (cursor.position < bytes.length) {
    if (++fields > limit) return Result.fail("too many fields")
    const tag = number(cursor)
    const field = Math.floor(tag / 8)
    if (Number.isNaN(tag) || field === 0 || field > MAX_FIELD) return Result.fail("a bad tag")
    let value: Value | undefined
    switch (tag % 8) {
      case VARINT:
        value = readVarint(cursor)
        if (value === undefined) return Result.fail("a bad varint")
        break
      case BYTES: {
        const length = number(cursor)
        if (Number.isNaN(length)) return Result.fail("a bad varint")
        if (length > bytes.length - cursor.position) return Result.fail("a field beyond the end")
        value = bytes.subarray(cursor.position, cursor.position + length)
        cursor.position += length
        break
      }
      case FIXED64:
        cursor.position += 8
        break
      case FIXED32:
        cursor.position += 4
        break
      case GROUP_START:
        groups ??= []
        if (groups.push(field) > MAX_GROUPS) return Result.fail("groups too deep")
        break
      case GROUP_END:
        if (groups?.pop() !== field) return Result.fail("an unmatched group")
        break
      default:
        return Result.fail("an unknown wire type")
    }
    if (cursor.position > bytes.length) return Result.fail("a field beyond the end")
    if (value !== undefined && (groups === undefined || groups.length === 0)) {
      const refused = visit(field, value)
      if (refused !== undefined) return Result.fail(refused)
    }
  }
  return groups === undefined || groups.length === 0 ? Result.succeed(undefined) : Result.fail("an open group")
}

/** Maximum number of fields of a nested message; a peer needs two. */
export const MAX_INNER_FIELDS = 16

/** Collects the bytes of one message. */
export interface Writer {
  bytes: Uint8Array
  length: number
}

/** Initial memory of a writer, bytes, and the most that is kept for the next one. */
const INITIAL = 256
const KEPT = 4096

/** A finished writer, whose memory serves the next message. */
let spare: Writer | undefined

export const writer = (): Writer => {
  const self = spare ?? { bytes: new Uint8Array(INITIAL), length: 0 }
  spare = undefined
  self.length = 0
  return self
}

const reserve = (self: Writer, more: number): void => {
  if (self.length + more <= self.bytes.length) return
  const grown = new Uint8Array(Math.max(self.bytes.length * 2, self.length + more))
  grown.set(self.bytes.subarray(0, self.length))
  self.bytes = grown
}

const varint = (self: Writer, value: number | bigint): void => {
  reserve(self, 10)
  let rest = value
  if (typeof rest === "bigint") {
    while (rest > 0xfffffffn) {
      self.bytes[self.length++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    rest = Number(rest)
  }
  while (rest > 0x7f) {
    self.bytes[self.length++] = (rest & 0x7f) | 0x80
    rest = Math.floor(rest / 128)
  }
  self.bytes[self.length++] = rest
}

/** Writes an unsigned number below 2^64 (below 2^53 when not a bigint). */
export const writeVarint = (self: Writer, field: number, value: number | bigint): void => {
  varint(self, field * 8 + VARINT)
  varint(self, value)
}

export const writeBytes = (self: Writer, field: number, value: Uint8Array): void => {
  varint(self, field * 8 + BYTES)
  varint(self, value.length)
  reserve(self, value.length)
  self.bytes.set(value, self.length)
  self.length += value.length
}

/**
 * Starts a field that is itself a message: what is written until `end` belongs to it. Returns where it starts. One byte is
 * left for its length.
 */
export const begin = (self: Writer, field: number): number => {
  varint(self, field * 8 + BYTES)
  reserve(self, 1)
  return self.length++
}

/** Ends the message that starts at `start`. */
export const end = (self: Writer, start: number): void => {
  let rest = self.length - start - 1
  let more = 0
  for (let left = rest; left > 0x7f; left >>>= 7) more++
  if (more > 0) {
    reserve(self, more)
    self.bytes.copyWithin(start + 1 + more, start + 1, self.length)
    self.length += more
  }
  let at = start
  for (; rest > 0x7f; rest >>>= 7) self.bytes[at++] = (rest & 0x7f) | 0x80
  self.bytes[at] = rest
}

const encoder = new TextEncoder()
/** Up to so many characters, copying one by one takes less time than the encoder. */
const SHORT_TEXT = 64

/** Writes text as UTF-8. */
export const writeText = (self: Writer, field: number, text: string): void => {
  if (text.length > SHORT_TEXT || !isAscii(text)) return writeBytes(self, field, encoder.encode(text))
  varint(self, field * 8 + BYTES)
  varint(self, text.length)
  reserve(self, text.length)
  for (let i = 0; i < text.length; i++) self.bytes[self.length++] = text.charCodeAt(i)
}

const isAscii = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/** The written message, in memory of its own. The writer must not be used afterwards. */
export const finish = (self: Writer): Uint8Array => {
  if (self.bytes.length > KEPT) return self.bytes.subarray(0, self.length)
  spare = self
  return self.bytes.slice(0, self.length)
}
