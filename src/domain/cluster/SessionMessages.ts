/**
 * The messages between the nodes of a cluster, as schemas. They are bounded, and decoded on arrival.
 *
 * Nodes of different releases run at the same time during a rolling upgrade. So a field is added as `optionalKey`, and none is
 * removed or changes its meaning. Reasons of failures may be added: nodes that do not know one decode it as a general one. Anything
 * else, such as one more `Mode` or `State`, needs a new `VERSION`.
 */
import * as Schema from "effect/Schema"
import * as SessionIdentity from "./SessionIdentity.ts"

/** The version of the messages, which is part of the names of the entity and of the RPCs. */
export const VERSION = 1 as const

const Text = Schema.String.check(Schema.isMaxLength(256))
const Millis = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))
const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))
const Port = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))

/** The name of a machine: at most 64 ASCII letters, digits, `.`, `_` and `-`. */
export const MachineName = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/))

/** A number that is unique to a session or to one start of a machine: a UUID. */
export const Id = Schema.String.check(Schema.isPattern(/^[0-9a-f-]{36}$/))

/** What a client may do, see `AdmitOptions.mode`. */
export const Mode = Schema.Literals(["TakeOver", "Share", "View"])
export type Mode = Schema.Schema.Type<typeof Mode>

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

/** What a new session runs, for the program that the machine's `program` option makes of it. */
export const Request = Schema.Struct({
  /** Words of a command, at most 64 of 4096 characters. None: what the machine runs by default. */
  command: Schema.Array(Schema.String.check(Schema.isMaxLength(4096))).check(Schema.isMaxLength(64)),
  /** Variables such as `TERM` and `LANG`, at most 64. */
  environment: Schema.Record(Schema.String, Schema.String.check(Schema.isMaxLength(4096))).check(
    Schema.isMaxProperties(64),
    // A schema for the keys would ignore others instead of refusing them.
    Schema.makeFilter((variables) => Object.keys(variables).every((name) => VARIABLE.test(name)))
  )
})
export interface Request extends Schema.Schema.Type<typeof Request> {}

/** A session key, which logs and spans show as `<redacted>`. */
export const Key = Schema.RedactedFromValue(Schema.String.check(Schema.isPattern(/^[A-Za-z0-9+/]{22}$/)))

/** A new client's way to the session: the UDP address and port of its machine, and a key that no other client has. */
export const Ticket = Schema.Struct({
  id: Id,
  machine: MachineName,
  address: Text,
  port: Port,
  key: Key
})
export interface Ticket extends Schema.Schema.Type<typeof Ticket> {}

/** Why and when a session was lost, and on which machine. */
export const Loss = Schema.Struct({ machine: MachineName, at: Millis })
export interface Loss extends Schema.Schema.Type<typeof Loss> {}

/** An attached client of a session, and whether the session was new. `lost`: the session of that name before it. */
export const Opened = Schema.Struct({ ticket: Ticket, isNew: Schema.Boolean, lost: Schema.optionalKey(Loss) })
export interface Opened extends Schema.Schema.Type<typeof Opened> {}

/** Whether a session runs, has ended, or was lost with its machine. */
export const State = Schema.Literals(["Running", "Ended", "Lost"])
export type State = Schema.Schema.Type<typeof State>

/** A session, as storage knows it. */
export const Session = Schema.Struct({
  id: Id,
  owner: SessionIdentity.Owner,
  name: SessionIdentity.Name,
  machine: MachineName,
  /** The start of the machine that holds the session. */
  incarnation: Id,
  state: State,
  /** When it was opened, ms since 1970 by the database's clock. */
  openedAt: Millis,
  /** When it ended or its machine was last seen; `null` while it runs. */
  endedAt: Schema.NullOr(Millis),
  /** How it ended, as a phrase for the user; `null` while it runs. */
  ending: Schema.NullOr(Text)
})
export interface Session extends Schema.Schema.Type<typeof Session> {}

/** A session on its machine. */
export const Activity = Schema.Struct({
  /** How many clients are attached. */
  clients: Count,
  /** How long it has had a client or none, ms. */
  since: Millis
})
export interface Activity extends Schema.Schema.Type<typeof Activity> {}

/** A session, and what its machine reports of it; `activity` is absent unless it runs and the machine answers. */
export const Status = Schema.Struct({ session: Session, activity: Schema.optionalKey(Activity) })
export interface Status extends Schema.Schema.Type<typeof Status> {}

/** A machine that holds sessions. */
export const Machine = Schema.Struct({
  name: MachineName,
  incarnation: Id,
  /** Where its runner receives RPCs. */
  host: Text,
  port: Port,
  /** The UDP address that its clients reach. */
  address: Text,
  /** How many sessions it accepts, and holds. */
  capacity: Count,
  sessions: Count,
  /** Whether it accepts new sessions. */
  isDraining: Schema.Boolean,
  /** How long ago its last heartbeat was, ms by the database's clock. */
  age: Schema.Finite
})
export interface Machine extends Schema.Schema.Type<typeof Machine> {}
