/**
 * The secret key that a client and a server share: 16 random bytes (spec 2.1).
 *
 * It is redacted: printing, logging, inspecting or serialising it reveals nothing. Only `format` and `bytes` reveal it,
 * for transferring it and for the cipher.
 *
 * ```ts
 * import { Result } from "effect"
 * import { SessionKey } from "effect-mosh"
 *
 * const key = Result.getOrThrow(SessionKey.parse("EBwzUMbRCjpKxhZZrjqXeg"))
 * export const hidden = String(key) // "<redacted:SessionKey>"
 * export const printed = SessionKey.format(key)
 * ```
 */
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** A session key, redacted. */
export type SessionKey = Redacted.Redacted<Uint8Array>

/** Size of a key, bytes. */
export const BYTES = 16
/** Length of the printable form, characters: base64 without padding. */
export const CHARACTERS = 22

/** The string is not a valid session key. The error does not contain the string, which may be nearly a key. */
export class SessionKeyError extends Schema.TaggedError<SessionKeyError>()("SessionKeyError", {
  reason: Schema.Literals(["length", "alphabet", "trailing bits"])
}) {
  override get message() {
    switch (this.reason) {
      case "length":
        return `a session key has ${CHARACTERS} characters`
      case "alphabet":
        return "a session key has only letters, digits, + and /"
      case "trailing bits":
        return "a session key ends in A, Q, g or w"
    }
  }
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/** A key from 16 random bytes, which are copied; `undefined` if there are not 16. */
export const fromBytes = (bytes: Uint8Array): SessionKey | undefined =>
  bytes.length === BYTES ? Redacted.make(new Uint8Array(bytes), { label: "SessionKey" }) : undefined

/** The 16 bytes, for the cipher. */
export const bytes = (key: SessionKey): Uint8Array => Redacted.value(key)

/** Parses the printable form. Fails with the reason why a string is no valid key; never throws. */
export const parse = (text: string): Result.Result<SessionKey, SessionKeyError> => {
  if (text.length !== CHARACTERS) return Result.fail(new SessionKeyError({ reason: "length" }))
  const key = new Uint8Array(BYTES)
  let bits = 0
  let held = 0
  let at = 0
  for (const character of text) {
    const value = ALPHABET.indexOf(character)
    if (value < 0) return Result.fail(new SessionKeyError({ reason: "alphabet" }))
    bits = ((bits << 6) | value) & 0xffff
    held += 6
    if (held >= 8) {
      held -= 8
      key[at++] = bits >>> held
    }
  }
  if ((bits & ((1 << held) - 1)) !== 0) return Result.fail(new SessionKeyError({ reason: "trailing bits" }))
  return Result.succeed(Redacted.make(key, { label: "SessionKey" }))
}

/** The printable form. Reveal it only to the user who is to connect. */
export const format = (key: SessionKey): string => {
  let text = ""
  let bits = 0
  let held = 0
  for (const byte of bytes(key)) {
    bits = ((bits << 8) | byte) & 0xffff
    held += 8
    while (held >= 6) {
      held -= 6
      text += ALPHABET.charAt((bits >>> held) & 63)
    }
  }
  return text + ALPHABET.charAt((bits << (6 - held)) & 63)
}
