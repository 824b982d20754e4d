/**
 * Who echoes input (`InputEcho`), and as of which input: field 66 of an inner host instruction, which stock peers skip. Sent
 * only to peers with `Features.echo` (docs/spec/echo.md).
 *
 * | field | varint                                                              |
 * | ----- | ------------------------------------------------------------------- |
 * | 1     | the place in `InputEcho.VALUES`; one beyond them counts as `Unknown` |
 * | 2     | the number of the newest client state whose input had been typed     |
 * | 3     | the place in the shell, below 2^16                                   |
 * | 4     | one more than the column where the shell's input begins; 0 if unknown |
 *
 * A missing field is 0. A report is part of the state that SSP synchronises, together with the frame.
 *
 * Laws: in the course of a session `input` never decreases (`follows`); and it never exceeds the newest state of the client.
 */
import * as Result from "effect/Result"
import * as InputEcho from "../terminal/InputEcho.ts"
import type { StateNumber } from "./Numbers.ts"
import * as Protobuf from "./Protobuf.ts"

/** The field number in the inner instruction. */
export const FIELD = 66

export interface EchoReport extends InputEcho.Sample {
  /**
   * The newest client state whose input had been typed into the program when this was determined. What the client typed
   * later may have changed it.
   */
  readonly input: StateNumber
  /**
   * For `LineEditor`, the column of the screen where the command line begins by the marks of the shell (`PromptMark`). Any program
   * can print them: a client may use it only where it trusts the shell anyway.
   */
  readonly column?: number | undefined
}

const ECHO = 1
const INPUT = 2
const PLACE = 3
const COLUMN = 4
/** Larger places count as unknown echo. */
export const MAX_PLACE = 0xffff
/** Larger columns count as unknown. */
const MAX_COLUMN = 0xffff

export const equals = (a: EchoReport | undefined, b: EchoReport | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.echo === b.echo &&
    a.input === b.input &&
    a.place === b.place &&
    a.column === b.column)

/** Whether a client that gets a report later shows nothing wrong, nor anything later. */
export const isMinor = (report: EchoReport | undefined): boolean =>
  report === undefined || report.echo === "Unknown" || report.echo === "Other"

/** Whether `after` can be a later report of the session in which `before` was one. Everything follows `undefined`. */
export const follows = (before: EchoReport | undefined, after: EchoReport): boolean =>
  before === undefined || after.input >= before.input

export const encode = ({ column, echo, input, place }: EchoReport): Uint8Array => {
  const writer = Protobuf.writer()
  const value = InputEcho.VALUES.indexOf(echo)
  if (value !== 0) Protobuf.writeVarint(writer, ECHO, value)
  Protobuf.writeVarint(writer, INPUT, input)
  if (place !== 0) Protobuf.writeVarint(writer, PLACE, place)
  if (column !== undefined) Protobuf.writeVarint(writer, COLUMN, column + 1)
  return Protobuf.finish(writer)
}

/** Decodes a report. A failure names what is wrong: the bytes are no protobuf. */
export const decode = (bytes: Uint8Array): Result.Result<EchoReport, string> => {
  let echo = "Unknown" as InputEcho.InputEcho
  let input = 0n
  let place = 0
  let end = 0
  const read = Protobuf.read(
    bytes,
    (field, value) => {
      if (typeof value !== "bigint") return
      if (field === ECHO) echo = InputEcho.VALUES[Number(value)] ?? "Unknown"
      if (field === INPUT) input = value
      if (field === PLACE) place = Number(value)
      if (field === COLUMN) end = Number(value)
    },
    Protobuf.MAX_INNER_FIELDS
  )
  if (Result.isFailure(read)) return Result.fail(read.failure)
  if (place > MAX_PLACE) return Result.succeed({ ...InputEcho.UNKNOWN, input })
  const hasColumn = echo === "LineEditor" && end > 0 && end <= MAX_COLUMN + 1
  return Result.succeed(hasColumn ? { echo, place, input, column: end - 1 } : { echo, place, input })
}
