/**
 * Encodes a client's messages to its server: keystrokes and window sizes, in order (spec 4.2).
 */
import * as Result from "effect/Result"
import type { Size } from "../terminal/Frame.ts"
import * as Protobuf from "./Protobuf.ts"
import * as ResizeMessage from "./ResizeMessage.ts"

/** A part of a client's message. */
export type UserEvent =
  | { readonly _tag: "Keys"; readonly bytes: Uint8Array }
  | { readonly _tag: "Resize"; readonly size: Size }

const INSTRUCTION = 1
const KEYSTROKE = 2
const KEYS = 4
const RESIZE = 3

/** Encodes a message; the result is empty if there are no events. */
export const encode = (events: ReadonlyArray<UserEvent>): Uint8Array => {
  const message = Protobuf.writer()
  for (const event of events) {
    const instruction = Protobuf.begin(message, INSTRUCTION)
    if (event._tag === "Keys") {
      const keystroke = Protobuf.begin(message, KEYSTROKE)
      Protobuf.writeBytes(message, KEYS, event.bytes)
      Protobuf.end(message, keystroke)
    } else {
      Protobuf.writeBytes(message, RESIZE, ResizeMessage.encode(event.size))
    }
    Protobuf.end(message, instruction)
  }
  return Protobuf.finish(message)
}

/**
 * Decodes a message as stock mosh does: of each inner instruction its keys, or else its size (spec 4.4). Shares memory
 * with `bytes`.
 */
export const decode = (bytes: Uint8Array): Result.Result<ReadonlyArray<UserEvent>, string> => {
  const events: Array<UserEvent> = []
  const read = Protobuf.read(bytes, (field, value) => {
    if (field !== INSTRUCTION || typeof value === "bigint") return
    return decodeInstruction(value, events)
  })
  return Result.isFailure(read) ? Result.fail(read.failure) : Result.succeed(events)
}

const decodeInstruction = (bytes: Uint8Array, events: Array<UserEvent>): string | void => {
  let keystroke: Uint8Array | undefined
  let resize: Uint8Array | undefined
  const read = Protobuf.read(
    bytes,
    (field, value) => {
      if (typeof value === "bigint") return
      if (field === KEYSTROKE) keystroke = value
      if (field === RESIZE) resize = value
    },
    Protobuf.MAX_INNER_FIELDS
  )
  if (Result.isFailure(read)) return read.failure
  if (keystroke !== undefined) return decodeKeystroke(keystroke, events)
  if (resize === undefined) return
  const size = ResizeMessage.decode(resize)
  if (Result.isFailure(size)) return size.failure
  events.push({ _tag: "Resize", size: size.success })
}

const decodeKeystroke = (bytes: Uint8Array, events: Array<UserEvent>): string | void => {
  let keys: Uint8Array | undefined
  const read = Protobuf.read(
    bytes,
    (field, value) => {
      if (field === KEYS && typeof value !== "bigint") keys = value
    },
    Protobuf.MAX_INNER_FIELDS
  )
  if (Result.isFailure(read)) return read.failure
  if (keys !== undefined && keys.length > 0) events.push({ _tag: "Keys", bytes: keys })
}
