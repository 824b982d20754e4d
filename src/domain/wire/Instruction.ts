/**
 * The transport instruction: one difference between two numbered states, with an acknowledgement (spec 4.1).
 *
 * Our extensions are field 64, a varint of `Features`, and field 65, how much the sender of the instruction does not hear.
 * Stock peers skip them; they are written only when not 0, so that a side without features writes the stock seven fields
 * and nothing else.
 */
import * as Result from "effect/Result"
import type { Features } from "../ssp/SyncObject.ts"
import * as Protobuf from "./Protobuf.ts"

export interface Instruction {
  /** The state that `diff` starts from. */
  readonly oldNumber: bigint
  /** The state that `diff` leads to; `SHUTDOWN` for the last one. */
  readonly newNumber: bigint
  /** The newest state received from the peer. */
  readonly acknowledged: bigint
  /** The receiver may forget every state below this. Never above `oldNumber`. */
  readonly throwaway: bigint
  /** What `SyncObject.patch` takes; empty when the two states look the same. */
  readonly diff: Uint8Array
  /** What the sender of this instruction understands beyond stock mosh. */
  readonly features: Features
  /** How many of a hundred datagrams do not reach the sender of this instruction; absent when none, or not known. */
  readonly lost?: number
}

/** The number of the state that ends a session: 2^64 − 1. */
export const SHUTDOWN = 0xffff_ffff_ffff_ffffn

/** The most bytes that an instruction may have, compressed or not (spec 3.4). */
export const MAX_BYTES = 4 * 1024 * 1024

/** The most bytes of random padding that a stock sender adds; it hides lengths from an eavesdropper. */
export const MAX_CHAFF = 16

const VERSION = 2
const FEATURES_FIELD = 64
const LOST_FIELD = 65

/** `chaff` is 0 to `MAX_CHAFF` random bytes. */
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

const EMPTY = new Uint8Array(0)

/** Fails with the reason to drop the bytes for. `diff` shares memory with `bytes`. */
export const decode = (bytes: Uint8Array): Result.Result<Instruction, "instruction" | "version" | "limit"> => {
  if (bytes.length > MAX_BYTES) return Result.fail("limit")
  const numbers = [0n, 0n, 0n, 0n, 0n, 0n]
  let diff: Uint8Array = EMPTY
  let features = 0
  let lost = 0
  const read = Protobuf.read(bytes, (field, value) => {
    if (typeof value === "bigint") {
      if (field <= 5) numbers[field] = value
      else if (field === FEATURES_FIELD) features = Number(BigInt.asUintN(32, value))
      else if (field === LOST_FIELD) lost = value > 100n ? 100 : Number(value)
    } else if (field === 6) diff = value
  })
  if (Result.isFailure(read)) return Result.fail("instruction")
  const [, version = 0n, oldNumber = 0n, newNumber = 0n, acknowledged = 0n, throwaway = 0n] = numbers
  if (BigInt.asUintN(32, version) !== BigInt(VERSION)) return Result.fail("version")
  const instruction = { oldNumber, newNumber, acknowledged, throwaway, diff, features }
  return Result.succeed(lost === 0 ? instruction : { ...instruction, lost })
}
