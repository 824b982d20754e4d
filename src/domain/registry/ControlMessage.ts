/**
 * The messages on a session's control socket: one request, one reply, each a line of JSON.
 *
 * Only processes of the session's user can open the socket. Messages are validated nevertheless, and bounded.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** The longest message, in UTF-16 units. */
export const LONGEST = 4096

const Port = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 }))
const Text = Schema.String.check(Schema.isMaxLength(200))

/** Asks for a listener for one more client, with a port and a key of its own. */
export const Request = Schema.TaggedStruct("Attach", {
  /** The numeric local address to bind; `null` for any. If it cannot be bound, any is. */
  address: Schema.NullOr(Text),
  /** Whether to listen at all other addresses, too. */
  everywhere: Schema.optionalKey(Schema.Boolean),
  /** The UDP ports to try. */
  ports: Schema.Struct({ low: Port, high: Port }),
  /** What the client may do. */
  mode: Schema.Literals(["TakeOver", "Share", "View"]),
  /** The user who asks, and the address of their ssh client, for the log only. */
  by: Schema.optionalKey(Text)
})
export type Request = Schema.Schema.Type<typeof Request>

export const Reply = Schema.Union([
  /** The listener, and why it is bound to any address instead of the requested one. */
  Schema.TaggedStruct("Attached", {
    port: Port,
    key: Schema.String.check(Schema.isMaxLength(22)),
    warning: Schema.optionalKey(Text)
  }),
  /** No listener was made; `reason` is a phrase for the user. */
  Schema.TaggedStruct("Refused", { reason: Text })
])
export type Reply = Schema.Schema.Type<typeof Reply>

/** Parses a request; `undefined` if it is malformed or too long. */
export const decodeRequest = (text: string): Request | undefined =>
  text.length > LONGEST ? undefined : Option.getOrUndefined(requestOf(text))

/** Parses a reply; `undefined` if it is malformed or too long. */
export const decodeReply = (text: string): Reply | undefined =>
  text.length > LONGEST ? undefined : Option.getOrUndefined(replyOf(text))

/** A message as a line, with its line feed. */
export const encode = (message: Request | Reply): string => JSON.stringify(message) + "\n"

const requestOf = Schema.decodeUnknownOption(Schema.fromJsonString(Request))
const replyOf = Schema.decodeUnknownOption(Schema.fromJsonString(Reply))
