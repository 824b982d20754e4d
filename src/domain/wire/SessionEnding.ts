/**
 * How a session ended, as a server of ours reports it to a client of ours with its last screen: field 64 of an inner host
 * instruction, which stock peers skip. Sent only to peers with `Features.endings`.
 *
 * | field | varint                                                                      |
 * | ----- | --------------------------------------------------------------------------- |
 * | 1     | why: 1 + the place in `REASONS`                                             |
 * | 2     | 1 + the program's exit status, 0 to 255; 128 + N when signal N ended it     |
 *
 * Fields 3 and 4 are text, at most 100 bytes each: with `TakenOver`, the address of the client that took over; with `Detached`
 * and `TakenOver`, the session's name or process id, which `mosh --attach` understands.
 */
import * as Result from "effect/Result"
import * as Protobuf from "./Protobuf.ts"

/** The field number in the inner instruction. */
export const FIELD = 64

/** In the order of their numbers on the wire. New ones may only be appended. */
const REASONS = [
  "ProgramEnded",
  "Terminated",
  "HungUp",
  "ClientSilent",
  "ProgramKilled",
  "ProgramNotStarted",
  "Detached",
  "TakenOver",
  "ClientLeft"
] as const

export interface SessionEnding {
  /**
   * Why the server ends the session; `undefined` if this end does not know the reason.
   *
   * - `ProgramEnded`, `ProgramKilled`, `ProgramNotStarted`: the program exited, was killed by a signal, or could not be
   *   started.
   * - `Terminated`: the server received SIGTERM or SIGINT, as from `mosh --kill`.
   * - `HungUp`: the server received SIGUSR1 while the client was silent.
   * - `ClientSilent`: the client was silent for longer than the server's limit.
   * - `Detached`: the client asked to detach. The session continues.
   * - `TakenOver`: another client took over the session.
   * - `ClientLeft`: to viewers: the last client that could type left.
   */
  readonly why: (typeof REASONS)[number] | undefined
  /** The program's exit status, 0 to 255; `undefined` if the program has not ended. */
  readonly status: number | undefined
  /** With `TakenOver`: the address of the client that took over. Untrusted text. */
  readonly from?: string | undefined
  /** With `Detached` and `TakenOver`: the session's name or process id. Untrusted text. */
  readonly session?: string | undefined
}

const WHY = 1
const STATUS = 2
const FROM = 3
const SESSION = 4
/** Longest text of a field, bytes; longer text is ignored. */
const LONGEST_TEXT = 100

export const equals = (a: SessionEnding | undefined, b: SessionEnding | undefined): boolean =>
  a?.why === b?.why &&
  a?.status === b?.status &&
  a?.from === b?.from &&
  a?.session === b?.session &&
  (a === undefined) === (b === undefined)

export const encode = ({ from, session, status, why }: SessionEnding): Uint8Array => {
  const writer = Protobuf.writer()
  if (why !== undefined) Protobuf.writeVarint(writer, WHY, REASONS.indexOf(why) + 1)
  if (status !== undefined) Protobuf.writeVarint(writer, STATUS, status + 1)
  for (const [field, text] of [[FROM, from] as const, [SESSION, session] as const])
    if (text !== undefined) Protobuf.writeBytes(writer, field, new TextEncoder().encode(text).subarray(0, LONGEST_TEXT))
  return Protobuf.finish(writer)
}

export const decode = (bytes: Uint8Array): Result.Result<SessionEnding, string> => {
  let why: SessionEnding["why"]
  let status: number | undefined
  let from: string | undefined
  let session: string | undefined
  const read = Protobuf.read(bytes, (field, value) => {
    if (typeof value !== "bigint") {
      if (value.length > LONGEST_TEXT) return
      if (field === FROM) from = new TextDecoder().decode(value)
      if (field === SESSION) session = new TextDecoder().decode(value)
      return
    }
    if (field === WHY) why = value <= BigInt(REASONS.length) ? REASONS[Number(value) - 1] : undefined
    if (field === STATUS && value >= 1n && value <= 256n) status = Number(value) - 1
  })
  return Result.isFailure(read)
    ? Result.fail(read.failure)
    : Result.succeed({ why, status, ...(from !== undefined && { from }), ...(session !== undefined && { session }) })
}
