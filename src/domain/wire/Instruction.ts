/**
 * The transport instruction: one difference between two numbered states, with an acknowledgement (spec 4.1).
 *
 * Our extensions are field 64, a varint of `Features`, and field 65, the percentage of datagrams that do not reach the
 * sender of the instruction. Stock peers skip them; they are written only when not 0, so that a side without features
 * writes the stock seven fields and nothing else.
 */
import * as Result from "effect/Result"
import type { Features } from "../ssp/SyncObject.ts"
import * as Protobuf from "./Protobuf.ts"
import type { StateNumber } from "./Numbers.ts"

export interface Instruction {
  /** The number of the state that `diff` applies to. */
  readonly oldNumber: StateNumber
  /** The number of the state that `diff` results in; `SHUTDOWN` for the last one. */
  readonly newNumber: StateNumber
  /** The number of the newest state received from the peer. */
  readonly acknowledged: StateNumber
  /** The receiver may drop every state with a lower number. Never above `oldNumber`. */
  readonly throwaway: StateNumber
  /** The difference, for `SyncObject.patch`; empty if the two states are equivalent. */
  readonly diff: Uint8Array
  /** The sender's features beyond stock mosh. */
  readonly features: Features
  /** The share of the peer's datagrams that the sender does not receive, per cent; absent if it is 0 or unknown. */
  readonly lost?: number
}

/** The number of the state that ends a session: 2^64 − 1. */
export const SHUTDOWN: StateNumber = 0xffff_ffff_ffff_ffffn

/** Maximum size of an instruction, compressed or not, bytes (spec 3.4). */
export const MAX_BYTES = 4 * 1024 * 1024

/** Maximum size of the random padding that a stock sender adds, bytes; it hides lengths from eavesdroppers. */
export const MAX_CHAFF = 16

const VERSION = 2
/** The version is field 1, a varint. */
const VERSION_TAG = 0x08
const FEATURES_FIELD = 64
const LOST_FIELD = 65

/** Encodes an instruction. `chaff`: the padding, 0 to `MAX_CHAFF` random bytes. */
export const encode = (instruction: Instruction, chaff: Uint8Array): Uint8Array => {
  const writer = Protobuf.writer()
  Protobuf.writeVarint(writer, 1, VERSION)
  Protobuf.writeVarint(writer, 2, instruction.oldNumber)
  Protobuf.writeVarint(writer, 3, instruction.newNumber)
  Protobuf.writeVarint(writer, 4, instruction.acknowledged)
  Protobuf.writeVarint(writer, 5, instruction.throwaway)
  Protobuf.writeBytes(writer, 6, instruction.diff)
  Protobuf.writeBytes(writer, 7, chaff)
  if (instruction.features !== 0) Protobuf.writeVarint(writer, FEATURES_FIELD, instruction.features >>> 0)
  if (instruction.lost !== undefined && instruction.lost > 0) Protobuf.writeVarint(writer, LOST_FIELD, instruction.lost)
  return Protobuf.finish(writer)
}

/**
 * Whether bytes begin as an encoded instruction does, with the protocol's version. No zlib stream begins so: its first two
 * bytes, as a number, are a multiple of 31 (RFC 1950).
 */
export const isEncoded = (bytes: Uint8Array): boolean => bytes[0] === VERSION_TAG && bytes[1] === VERSION

const EMPTY = new Uint8Array(0)

/** Decodes an instruction. Fails with the reason to drop it. `diff` shares memory with `bytes`. */
export const decode = (bytes: Uint8Array): Result.Result<Instruction, "instruction" | "version" | "limit"> => {
  if (bytes.length > MAX_BYTES) return Result.fail("limit")
  let version = 0n
  let oldNumber = 0n
  let newNumber = 0n
  let acknowledged = 0n
  let throwaway = 0n
  let diff: Uint8Array = EMPTY
  let features = 0
  let lost = 0
  const read = Protobuf.read(bytes, (field, value) => {
    if (typeof value === "bigint") {
      if (field === 1) version = value
      else if (field === 2) oldNumber = value
      else if (field === 3) newNumber = value
      else if (field === 4) acknowledged = value
      else if (field === 5) throwaway = value
      else if (field === FEATURES_FIELD) features = Number(BigInt.asUintN(32, value))
      else if (field === LOST_FIELD) lost = value > 100n ? 100 : Number(value)
    } else if (field === 6) diff = value
  })
  if (Result.isFailure(read)) return Result.fail("instruction")
  if (BigInt.asUintN(32, version) !== BigInt(VERSION)) return Result.fail("version")
  const instruction = { oldNumber, newNumber, acknowledged, throwaway, diff, features }
  return Result.succeed(lost === 0 ? instruction : { ...instruction, lost })
}
