/**
 * Encodes a server's messages to its client: changes of the screen, and which input has taken effect (spec 4.3).
 */
import * as Result from "effect/Result"
import type { Size } from "../terminal/Frame.ts"
import type { ScreenPosition } from "../history/ScreenPosition.ts"
import * as EchoReport from "./EchoReport.ts"
import * as PositionMessage from "./PositionMessage.ts"
import * as Protobuf from "./Protobuf.ts"
import * as SessionEnding from "./SessionEnding.ts"
import * as ResizeMessage from "./ResizeMessage.ts"
import type { StateNumber } from "./Numbers.ts"

/** A part of a server's message. */
export type HostEvent =
  /** The bytes that change the screen. */
  | { readonly _tag: "HostBytes"; readonly host: string }
  | { readonly _tag: "Resize"; readonly size: Size }
  /** The effects of all input up to client state `number` are on the screen. */
  | { readonly _tag: "EchoAck"; readonly number: StateNumber }
  /** The session ends. Stock peers skip this field. */
  | { readonly _tag: "Ending"; readonly ending: SessionEnding.SessionEnding }
  /** Where the screen is in its history. Stock peers skip this field. */
  | { readonly _tag: "Position"; readonly position: ScreenPosition }
  /** Who echoes input. Stock peers skip this field. */
  | { readonly _tag: "Echo"; readonly report: EchoReport.EchoReport }

/** Maximum number of inner instructions that are decoded; a server needs six. */
export const MAX_INSTRUCTIONS = 8

const INSTRUCTION = 1
const HOST_BYTES = 2
const HOST_STRING = 4
const RESIZE = 3
const ECHO_ACK = 7
const ECHO_ACK_NUMBER = 8

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** Encodes a message; the result is empty if there are no events. */
export const encode = (events: ReadonlyArray<HostEvent>): Uint8Array => {
  const message = Protobuf.writer()
  for (const event of events) {
    const instruction = Protobuf.begin(message, INSTRUCTION)
    switch (event._tag) {
      case "HostBytes": {
        const extension = Protobuf.begin(message, HOST_BYTES)
        Protobuf.writeText(message, HOST_STRING, event.host)
        Protobuf.end(message, extension)
        break
      }
      case "Resize":
        Protobuf.writeBytes(message, RESIZE, ResizeMessage.encode(event.size))
        break
      case "EchoAck": {
        const extension = Protobuf.begin(message, ECHO_ACK)
        Protobuf.writeVarint(message, ECHO_ACK_NUMBER, event.number)
        Protobuf.end(message, extension)
        break
      }
      case "Ending":
        Protobuf.writeBytes(message, SessionEnding.FIELD, SessionEnding.encode(event.ending))
        break
      case "Position":
        Protobuf.writeBytes(message, PositionMessage.FIELD, PositionMessage.encode(event.position))
        break
      case "Echo":
        Protobuf.writeBytes(message, EchoReport.FIELD, EchoReport.encode(event.report))
        break
    }
    Protobuf.end(message, instruction)
  }
  return Protobuf.finish(message)
}

/**
 * Decodes a message as stock mosh does: of each inner instruction its text, or else its size, or else its echo
 * acknowledgement (spec 4.4).
 */
export const decode = (bytes: Uint8Array): Result.Result<ReadonlyArray<HostEvent>, string> => {
  const events: Array<HostEvent> = []
  let count = 0
  const read = Protobuf.read(bytes, (field, value) => {
    if (field !== INSTRUCTION || typeof value === "bigint") return
    if (++count > MAX_INSTRUCTIONS) return "too many instructions"
    return decodeInstruction(value, events)
  })
  return Result.isFailure(read) ? Result.fail(read.failure) : Result.succeed(events)
}

const decodeInstruction = (bytes: Uint8Array, events: Array<HostEvent>): string | void => {
  let hostBytes: Uint8Array | undefined
  let resize: Uint8Array | undefined
  let echoAck: Uint8Array | undefined
  let ending: Uint8Array | undefined
  let position: Uint8Array | undefined
  let report: Uint8Array | undefined
  const read = Protobuf.read(
    bytes,
    (field, value) => {
      if (typeof value === "bigint") return
      if (field === HOST_BYTES) hostBytes = value
      if (field === RESIZE) resize = value
      if (field === ECHO_ACK) echoAck = value
      if (field === SessionEnding.FIELD) ending = value
      if (field === PositionMessage.FIELD) position = value
      if (field === EchoReport.FIELD) report = value
    },
    Protobuf.MAX_INNER_FIELDS
  )
  if (Result.isFailure(read)) return read.failure
  if (hostBytes !== undefined) return decodeHostBytes(hostBytes, events)
  if (resize !== undefined) {
    const size = ResizeMessage.decode(resize)
    if (Result.isFailure(size)) return size.failure
    events.push({ _tag: "Resize", size: size.success })
  } else if (echoAck !== undefined) return decodeEchoAck(echoAck, events)
  else if (ending !== undefined) {
    const read = SessionEnding.decode(ending)
    if (Result.isFailure(read)) return read.failure
    events.push({ _tag: "Ending", ending: read.success })
  } else if (position !== undefined) {
    const read = PositionMessage.decode(position)
    if (Result.isFailure(read)) return read.failure
    events.push({ _tag: "Position", position: read.success })
  } else if (report !== undefined) {
    const read = EchoReport.decode(report)
    if (Result.isFailure(read)) return read.failure
    events.push({ _tag: "Echo", report: read.success })
  }
}

const decodeHostBytes = (bytes: Uint8Array, events: Array<HostEvent>): string | void => {
  let host: Uint8Array | undefined
  const read = Protobuf.read(
    bytes,
    (field, value) => {
      if (field === HOST_STRING && typeof value !== "bigint") host = value
    },
    Protobuf.MAX_INNER_FIELDS
  )
  if (Result.isFailure(read)) return read.failure
  if (host !== undefined && host.length > 0) events.push({ _tag: "HostBytes", host: decoder.decode(host) })
}

const decodeEchoAck = (bytes: Uint8Array, events: Array<HostEvent>): string | void => {
  let number: bigint | undefined
  const read = Protobuf.read(
    bytes,
    (field, value) => {
      if (field === ECHO_ACK_NUMBER && typeof value === "bigint") number = value
    },
    Protobuf.MAX_INNER_FIELDS
  )
  if (Result.isFailure(read)) return read.failure
  if (number !== undefined) events.push({ _tag: "EchoAck", number })
}
