/**
 * Encodes a screen size, which both directions carry (spec 4.2, 4.3).
 */
import * as Result from "effect/Result"
import type { Size } from "../terminal/Frame.ts"
import * as Protobuf from "./Protobuf.ts"

/** The limits of a screen's size: maximum columns or rows, and maximum cells (16 MiB of them). */
export const MAX_SIDE = 4096
export const MAX_CELLS = 1024 * 1024

const WIDTH = 5
const HEIGHT = 6

/** Whether a screen of this size may be sent. Stock peers crash on a dimension of 0. */
export const isAdmitted = ({ columns, rows }: Size): boolean =>
  Number.isInteger(columns) &&
  Number.isInteger(rows) &&
  columns >= 1 &&
  rows >= 1 &&
  columns <= MAX_SIDE &&
  rows <= MAX_SIDE &&
  columns * rows <= MAX_CELLS

export const encode = (size: Size): Uint8Array => {
  const writer = Protobuf.writer()
  Protobuf.writeVarint(writer, WIDTH, size.columns)
  Protobuf.writeVarint(writer, HEIGHT, size.rows)
  return Protobuf.finish(writer)
}

export const decode = (bytes: Uint8Array): Result.Result<Size, string> => {
  let columns = 0
  let rows = 0
  const read = Protobuf.read(
    bytes,
    (field, value) => {
      if (typeof value !== "bigint") return
      if (field === WIDTH) columns = Number(BigInt.asIntN(32, value))
      if (field === HEIGHT) rows = Number(BigInt.asIntN(32, value))
    },
    Protobuf.MAX_INNER_FIELDS
  )
  if (Result.isFailure(read)) return Result.fail(read.failure)
  const size = { columns, rows }
  return isAdmitted(size) ? Result.succeed(size) : Result.fail(`an impossible screen of ${columns} by ${rows}`)
}
