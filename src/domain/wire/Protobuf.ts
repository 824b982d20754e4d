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
  let groups: Array<number> | undefined
  let position = 0
  let fields = 0

  /** Reads a varint of at most four bytes, as nearly all are; returns -1 and reads nothing if it is longer. */
  const short = (): number => {
    let value = 0
    for (let i = 0; i < 4; i++) {
      const byte = bytes[position + i]
      if (byte === undefined) return -1
      value |= (byte & 0x7f) << (7 * i)
      if (byte >= 0x80) continue
      position += i + 1
      return value
    }
    return -1
  }

  /** Reads any varint, modulo 2^64; `undefined` if it is incomplete or longer than ten bytes. */
  const varint = (): bigint | undefined => {
    const value = short()
    if (value >= 0) return BigInt(value)
    let whole = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[position]
      if (byte === undefined) return undefined
      position++
      whole |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, whole)
    }
    return undefined
  }

  /** Reads a varint as a number. Above 2^53 it is imprecise, but then it is too large for every use. */
  const number = (): number => {
    const value = short()
    return value >= 0 ? value : Number(varint() ?? Number.NaN)
  }

  while (position < bytes.length) {
    if (++fields > limit) return Result.fail("too many fields")
    const tag = number()
    const field = Math.floor(tag / 8)
    if (Number.isNaN(tag) || field === 0 || field > MAX_FIELD) return Result.fail("a bad tag")
    let value: Value | undefined
    switch (tag % 8) {
      case VARINT:
        value = varint()
        if (value === undefined) return Result.fail("a bad varint")
        break
      case BYTES: {
        const length = number()
        if (Number.isNaN(length)) return Result.fail("a bad varint")
        if (length > bytes.length - position) return Result.fail("a field beyond the end")
        value = bytes.subarray(position, position + length)
        position += length
        break
      }
      case FIXED64:
        position += 8
        break
      case FIXED32:
        position += 4
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
    if (position > bytes.length) return Result.fail("a field beyond the end")
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

/** V8 keeps a buffer of so many bytes on its heap, until something shares its memory. */
const SMALL = 64

export const writer = (): Writer => ({ bytes: new Uint8Array(SMALL), length: 0 })

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

/** The written message. The writer must not be used afterwards. */
export const finish = (self: Writer): Uint8Array =>
  // Sharing the memory of a small buffer moves it out of V8's heap, which takes several times as long as a copy.
  self.bytes.length === SMALL ? self.bytes.slice(0, self.length) : self.bytes.subarray(0, self.length)
