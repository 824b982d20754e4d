/**
 * The identity of a session in a cluster: the user who owns it, and its name among that user's sessions.
 *
 * | part  | length | alphabet                                                                  |
 * | ----- | ------ | ------------------------------------------------------------------------- |
 * | owner | 1–64   | ASCII letters, digits, `.`, `_`, `-`, `@`, `+`; first a letter, digit, `_` |
 * | name  | 1–32   | ASCII letters, digits, `.`, `_`, `-`; first a letter; not `all`, `new`    |
 *
 * The owner comes from the user's login, never from what a client sends. Two users may have sessions of the same name.
 */
import * as Schema from "effect/Schema"
import * as SessionName from "../registry/SessionName.ts"

/** The user who owns a session. */
export const Owner = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,63}$/))

/** Whether the text has the length and the alphabet of an owner. */
export const isOwner: (text: string) => boolean = Schema.is(Owner)

/** A session's name. */
export const Name = Schema.String.check(
  Schema.isPattern(/^[A-Za-z][A-Za-z0-9._-]{0,31}$/),
  Schema.makeFilter((text: string) => SessionName.isValid(text))
)

/** A session, by its owner and its name. */
export interface SessionIdentity {
  /** The user who owns the session, as the login names them. */
  readonly owner: string
  /** The session's name among the owner's sessions. */
  readonly name: string
}

/** Whether the identity's parts have the lengths and alphabets above. */
export const isValid: (identity: SessionIdentity) => boolean = Schema.is(Schema.Struct({ owner: Owner, name: Name }))
