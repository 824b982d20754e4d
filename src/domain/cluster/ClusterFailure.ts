/**
 * Failures of the cluster's operations. The reason states whose fault it is, and the message what the user can do.
 */
import * as Schema from "effect/Schema"
import * as ReceivedReason from "./ReceivedReason.ts"

/**
 * | reason         | whose fault | what to do                                                         |
 * | -------------- | ----------- | ------------------------------------------------------------------ |
 * | `InvalidName`  | the user's  | use another name, see `SessionIdentity`                            |
 * | `NoSession`    | the user's  | open one                                                           |
 * | `SessionLost`  | a machine's | open it again: a new session starts                                |
 * | `TooMany`      | the user's  | end another session                                                |
 * | `NoMachine`    | the fleet's | add machines: all are full, draining or down                       |
 * | `Unreachable`  | a machine's | try again soon: the machine does not answer, or is down for moments |
 * | `Storage`      | the fleet's | try again: the database does not answer                            |
 * | `Unavailable`  | the fleet's | try again: the cluster is starting, or moves the user's entity     |
 */
export const Reason = Schema.Literals([
  "InvalidName",
  "NoSession",
  "SessionLost",
  "TooMany",
  "NoMachine",
  "Unreachable",
  "Storage",
  "Unavailable"
])
export type Reason = Schema.Schema.Type<typeof Reason>

/** An operation of the cluster failed; `message` is a sentence for the user. */
export class ClusterFailure extends Schema.TaggedError<ClusterFailure>()("ClusterFailure", {
  reason: ReceivedReason.make(Reason, "Unavailable"),
  message: Schema.String.check(Schema.isMaxLength(1024))
}) {}

/** A failure with its sentence. */
export const make = (reason: Reason, message: string): ClusterFailure => new ClusterFailure({ reason, message })
