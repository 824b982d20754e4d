/**
 * What a live session tells of itself to whoever may ask. Its key is not part of it.
 *
 * Times are ages, in milliseconds before the answer, so nobody's clock has to be right.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const Age = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))
export const Pid = Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 2 ** 31 - 1 }))

export const Told = Schema.Struct({
  /** The UDP port. */
  port: Schema.Int,
  /** The command line, or a word for a login shell. */
  program: Schema.String,
  /** The program that has the terminal now; absent where the system does not show it. */
  foreground: Schema.optionalKey(Schema.String),
  /** The directory that it is in; `~` is the user's home. */
  directory: Schema.optionalKey(Schema.String),
  /** The window's title, when a program set one. */
  title: Schema.optionalKey(Schema.String),
  /** Whether a client's address is known: it was heard within the last 40 s or so. */
  attached: Schema.Boolean,
  /** When a client was last heard, and where it was then; `null` while none has come. */
  contact: Schema.NullOr(Schema.Struct({ age: Age, from: Schema.String }))
})
export interface Told extends Schema.Schema.Type<typeof Told> {}

export const SessionRecord = Schema.Struct({ pid: Pid, age: Age, told: Told })
export interface SessionRecord extends Schema.Schema.Type<typeof SessionRecord> {}

/** A session among others: of some, only the process is known. */
export const Listed = Schema.Struct({
  pid: Pid,
  /** Since the start of its process; `null` when that is not known. */
  age: Schema.NullOr(Age),
  details: Schema.Union([
    Schema.TaggedStruct("Told", { told: Told }),
    /** One of ours that does not answer. */
    Schema.TaggedStruct("Silent", {}),
    /** One of stock mosh, which answers to nobody. */
    Schema.TaggedStruct("Stock", {}),
    /** Nobody was there to ask it. */
    Schema.TaggedStruct("Unknown", {})
  ])
})
export interface Listed extends Schema.Schema.Type<typeof Listed> {}

/** Reads what a session answered; `undefined` for anything else. */
export const decode = (text: string): SessionRecord | undefined => Option.getOrUndefined(decodeRecord(text))

export const encode = (record: SessionRecord): string => JSON.stringify(record)

const decodeRecord = Schema.decodeUnknownOption(Schema.fromJsonString(SessionRecord))

export const decodeListed = (text: string): Listed | undefined => Option.getOrUndefined(decodeOne(text))

const decodeOne = Schema.decodeUnknownOption(Schema.fromJsonString(Listed))
