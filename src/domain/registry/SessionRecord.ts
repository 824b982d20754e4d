/**
 * A running session's report about itself, for the user's other processes. It does not contain the key.
 *
 * Times are ages, in ms before the report was made, so they are valid without synchronised clocks.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const Age = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))
export const Pid = Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 2 ** 31 - 1 }))

/** What a session reports about itself. */
export const SessionReport = Schema.Struct({
  /** The UDP port of its newest listener; 0 if it has none. */
  port: Schema.Int,
  /** Its name; absent if it has none. */
  name: Schema.optionalKey(Schema.String),
  /** For how long it has had a client, or none; absent in reports of earlier versions. */
  since: Schema.optionalKey(Schema.Struct({ attached: Schema.Boolean, age: Age })),
  /** The command line, or a description of a login shell. */
  program: Schema.String,
  /** The command line of the terminal's foreground process; absent if the system does not show it. */
  foreground: Schema.optionalKey(Schema.String),
  /** That process's working directory; `~` is the user's home. */
  directory: Schema.optionalKey(Schema.String),
  /** The window title, if a program has set one. */
  title: Schema.optionalKey(Schema.String),
  /** Whether a client's address is known: a packet arrived within about the last 40 s. */
  attached: Schema.Boolean,
  /** How long ago a client state arrived, and from where; `null` before the first. */
  contact: Schema.NullOr(Schema.Struct({ age: Age, from: Schema.String }))
})
export interface SessionReport extends Schema.Schema.Type<typeof SessionReport> {}

/** A session's report, with its process id and age. The key `told` is part of the format that other versions read. */
export const SessionRecord = Schema.Struct({ pid: Pid, age: Age, told: SessionReport })
export interface SessionRecord extends Schema.Schema.Type<typeof SessionRecord> {}

/** A listed session. Of some sessions only the process is known. */
export const Listed = Schema.Struct({
  pid: Pid,
  /** Time since its process started, ms; `null` if unknown. */
  age: Schema.NullOr(Age),
  details: Schema.Union([
    Schema.TaggedStruct("Told", { told: SessionReport }),
    /** An effect-mosh session that does not answer; `name` is absent if it has none. */
    Schema.TaggedStruct("Silent", { name: Schema.optionalKey(Schema.String) }),
    /** A stock session, which cannot be queried. */
    Schema.TaggedStruct("Stock", {}),
    /** A process on a host without effect-mosh's `mosh-server`: stock or unresponsive. */
    Schema.TaggedStruct("Unknown", {})
  ])
})
export interface Listed extends Schema.Schema.Type<typeof Listed> {}

/** Parses a session's report; `undefined` if it is malformed. */
export const decode = (text: string): SessionRecord | undefined => Option.getOrUndefined(decodeRecord(text))

/** The report as JSON, which `decode` reads. */
export const encode = (record: SessionRecord): string => JSON.stringify(record)

const decodeRecord = Schema.decodeUnknownOption(Schema.fromJsonString(SessionRecord))

/** Parses a listed session; `undefined` if it is malformed. */
export const decodeListed = (text: string): Listed | undefined => Option.getOrUndefined(decodeOne(text))

const decodeOne = Schema.decodeUnknownOption(Schema.fromJsonString(Listed))
