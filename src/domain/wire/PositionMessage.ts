/**
 * Encodes the position of a screen in its history: field 65 of an inner host instruction, which stock peers skip. Sent only
 * to peers with `Features.history`, in the same message as the screen that it belongs to (docs/spec/history.md, section 2).
 *
 * | field | varint                                                  |
 * | ----- | ------------------------------------------------------- |
 * | 1     | `top`, below 2^53                                       |
 * | 2     | `first`, at most `top`                                  |
 * | 3     | 1 if the alternate screen is shown, otherwise 0          |
 *
 * A missing field is 0.
 */
import * as Result from "effect/Result"
import * as ScreenPosition from "../history/ScreenPosition.ts"
import * as Protobuf from "./Protobuf.ts"

/** The field number in the inner instruction. */
export const FIELD = 65

const TOP = 1
const FIRST = 2
const ALTERNATE = 3

export const encode = ({ alternate, first, top }: ScreenPosition.ScreenPosition): Uint8Array => {
  const writer = Protobuf.writer()
  Protobuf.writeVarint(writer, TOP, top)
  if (first !== 0) Protobuf.writeVarint(writer, FIRST, first)
  if (alternate) Protobuf.writeVarint(writer, ALTERNATE, 1)
  return Protobuf.finish(writer)
}

/** Decodes a position. A failure names what is wrong: a number beyond 2^53, `first` above `top`, or no protobuf. */
export const decode = (bytes: Uint8Array): Result.Result<ScreenPosition.ScreenPosition, string> => {
  let top = 0
  let first = 0
  let alternate = false
  const read = Protobuf.read(
    bytes,
    (field, value) => {
      if (typeof value !== "bigint") return
      if (field === TOP) top = Number(value)
      if (field === FIRST) first = Number(value)
      if (field === ALTERNATE) alternate = value !== 0n
    },
    Protobuf.MAX_INNER_FIELDS
  )
  if (Result.isFailure(read)) return Result.fail(read.failure)
  const position = { top, first, alternate }
  return ScreenPosition.isValid(position) ? Result.succeed(position) : Result.fail("an impossible position")
}
