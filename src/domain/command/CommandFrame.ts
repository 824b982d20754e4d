/**
 * What the side stream of a command carries, in both directions (docs/spec/command.md): frames of a type, the length of a
 * body, and the body.
 *
 * | type | frame    | from   | body                                                             |
 * | ---- | -------- | ------ | ---------------------------------------------------------------- |
 * | 01   | `Errors` | server | bytes of the command's standard error, at least one               |
 * | 02   | `Exited` | server | one byte: the exit status                                         |
 * | 03   | `Killed` | server | the name of the signal that ended the command, such as `KILL`     |
 * | 04   | `Failed` | server | UTF-8: why the command was not started, a phrase for the user     |
 * | 05   | `Signal` | client | the name of a signal for the command, such as `INT`               |
 *
 * The type is one byte, the length a varint up to `MAX_BODY`.
 *
 * Law: however the bytes are cut, `read` yields the frames that were encoded, in order.
 */
import * as Bytes from "effect/Bytes"
import * as Data from "effect/Data"
import * as Result from "effect/Result"
import * as CommandSignal from "./CommandSignal.ts"
import * as Varint from "../wire/streams/Varint.ts"

/** How a command ended. */
export type CommandEnding =
  | { readonly _tag: "Exited"; readonly status: number }
  | { readonly _tag: "Killed"; readonly signal: string }
  | { readonly _tag: "Failed"; readonly reason: string }

export type CommandFrame =
  | { readonly _tag: "Errors"; readonly bytes: Uint8Array }
  | CommandEnding
  | { readonly _tag: "Signal"; readonly signal: CommandSignal.CommandSignal }

/** In the order of their numbers on the wire, from 1. */
const TYPES = ["Errors", "Exited", "Killed", "Failed", "Signal"] as const

/** The longest body, bytes. Longer pieces of standard error are cut into several frames. */
export const MAX_BODY = 16_384

/** The longest reason of `Failed`, characters. */
export const MAX_REASON = 500

/** The peer sent what is no frame. The stream cannot be read further. */
export class MalformedCommandFrame extends Data.TaggedError("MalformedCommandFrame")<{ readonly detail: string }> {
  override get message(): string {
    return `the peer sent a malformed report about a command: ${this.detail}`
  }
}

const textEncoder = new TextEncoder()
const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** Encodes a frame. `Errors` of more than `MAX_BODY` bytes become several frames, and of none none. */
export const encode = (frame: CommandFrame): Uint8Array => {
  if (frame._tag !== "Errors") return encodeBody(frame._tag, body(frame))
  if (frame.bytes.length > 0 && frame.bytes.length <= MAX_BODY) return encodeBody("Errors", frame.bytes)
  const parts: Array<Uint8Array> = []
  for (let at = 0; at < frame.bytes.length; at += MAX_BODY)
    parts.push(encodeBody("Errors", frame.bytes.subarray(at, at + MAX_BODY)))
  return Bytes.concat(parts)
}

const body = (frame: Exclude<CommandFrame, { _tag: "Errors" }>): Uint8Array => {
  switch (frame._tag) {
    case "Exited":
      return Uint8Array.of(frame.status & 0xff)
    case "Killed":
    case "Signal":
      return textEncoder.encode(frame.signal)
    case "Failed":
      return textEncoder.encode(frame.reason.slice(0, MAX_REASON))
  }
}

const encodeBody = (type: CommandFrame["_tag"], body: Uint8Array): Uint8Array => {
  const cursor = { bytes: new Uint8Array(1 + Varint.size(body.length) + body.length), at: 0 }
  cursor.bytes[cursor.at++] = TYPES.indexOf(type) + 1
  Varint.write(cursor, body.length)
  cursor.bytes.set(body, cursor.at)
  return cursor.bytes
}

/** Reads frames from pieces of the stream. It belongs to `read`, which changes it in place. */
export interface Decoder {
  /** The beginning of an incomplete frame: at most one frame. */
  pending: Uint8Array
}

export const decoder = (): Decoder => ({ pending: NOTHING })

const NOTHING = new Uint8Array()

/** Reads the next bytes of the stream; the frames that they complete. Nothing may be read after a failure. */
export const read = (
  self: Decoder,
  piece: Uint8Array
): Result.Result<ReadonlyArray<CommandFrame>, MalformedCommandFrame> => {
  const bytes = self.pending.length === 0 ? piece : join(self.pending, piece)
  const frames: Array<CommandFrame> = []
  let at = 0
  while (at < bytes.length) {
    const cursor = { bytes, at: at + 1 }
    const type = TYPES[(bytes[at] ?? 0) - 1]
    if (type === undefined) return malformed("a frame of an unknown type")
    const length = Varint.read(cursor)
    if (length === undefined) {
      // A varint has at most 8 bytes: with so many there, it is out of range.
      if (bytes.length - at > 8) return malformed("a frame of an impossible length")
      break
    }
    if (length > MAX_BODY) return malformed("a frame that is too long")
    const end = cursor.at + length
    if (end > bytes.length) break
    const frame = decodeBody(type, bytes.subarray(cursor.at, end))
    if (frame === undefined) return malformed(`a frame ${type} with an impossible body`)
    frames.push(frame)
    at = end
  }
  self.pending = bytes.slice(at)
  return Result.succeed(frames)
}

const malformed = (detail: string) => Result.fail(new MalformedCommandFrame({ detail }))

const join = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(a.length + b.length)
  bytes.set(a)
  bytes.set(b, a.length)
  return bytes
}

const decodeBody = (type: CommandFrame["_tag"], body: Uint8Array): CommandFrame | undefined => {
  switch (type) {
    case "Errors":
      return body.length > 0 ? { _tag: type, bytes: body } : undefined
    case "Exited": {
      const [status] = body
      return status !== undefined && body.length === 1 ? { _tag: type, status } : undefined
    }
    case "Killed": {
      const signal = textDecoder.decode(body)
      return CommandSignal.isName(signal) ? { _tag: type, signal } : undefined
    }
    case "Failed":
      return { _tag: type, reason: textDecoder.decode(body).slice(0, MAX_REASON) }
    case "Signal": {
      const signal = textDecoder.decode(body)
      return CommandSignal.isForwarded(signal) ? { _tag: type, signal } : undefined
    }
  }
}
