/**
 * Messages between programs and an authentication agent: `ssh-agent`, `gpg-agent`, a password manager
 * (draft-miller-ssh-agent, section 3).
 *
 * ```
 * length     u32, big-endian: bytes of type and body, 1 to MAX_LENGTH
 * type       1 byte
 * body       length - 1 bytes
 * ```
 *
 * A program sends a request and waits for the response before it sends the next. `Splitter` cuts a stream of bytes into
 * messages, so that only whole and well-formed messages are passed on.
 */
import * as Data from "effect/Data"
import * as Result from "effect/Result"

/** The longest message without its length, bytes: OpenSSH's limit for responses of an agent. */
export const MAX_LENGTH = 262_144

/** Types of messages. */
export const REQUEST_IDENTITIES = 11
export const SIGN_REQUEST = 13
export const FAILURE = 5
export const SIGN_RESPONSE = 14

/** The response to a request that was not served: `SSH_AGENT_FAILURE`, with its length. */
export const failure = (): Uint8Array<ArrayBuffer> => Uint8Array.of(0, 0, 0, 1, FAILURE)

/** The bytes are no messages. */
export class MalformedAgentMessage extends Data.TaggedError("MalformedAgentMessage")<{ readonly length: number }> {
  override get message(): string {
    return `a message of an authentication agent cannot have ${this.length} bytes`
  }
}

/** Cuts a stream into messages. It belongs to `read`, which changes it in place. */
export interface Splitter {
  /** The beginning of an incomplete message, with room for all of it once its length is known. */
  pending: Uint8Array
  length: number
}

const NOTHING = new Uint8Array()
const HEAD = 4

export const splitter = (): Splitter => ({ pending: NOTHING, length: 0 })

/** Reads the next bytes; the messages that they complete, each with its length. Nothing may be read after a failure. */
export const read = (
  self: Splitter,
  piece: Uint8Array
): Result.Result<ReadonlyArray<Uint8Array>, MalformedAgentMessage> => {
  const messages: Array<Uint8Array> = []
  let at = 0
  while (at < piece.length) {
    const wanted = self.length < HEAD ? HEAD : HEAD + lengthOf(self.pending)
    const part = piece.subarray(at, at + wanted - self.length)
    at += part.length
    keep(self, part)
    if (self.length < HEAD) break
    const length = lengthOf(self.pending)
    if (length < 1 || length > MAX_LENGTH) return Result.fail(new MalformedAgentMessage({ length }))
    if (self.length < HEAD + length) continue
    messages.push(self.pending.slice(0, self.length))
    self.pending = NOTHING
    self.length = 0
  }
  return Result.succeed(messages)
}

/** Keeps bytes of an incomplete message. Room grows with what arrives, not with what a length promises. */
const keep = (self: Splitter, bytes: Uint8Array): void => {
  const length = self.length + bytes.length
  if (length > self.pending.length) {
    const grown = new Uint8Array(Math.max(length, Math.min(2 * self.pending.length, HEAD + MAX_LENGTH), HEAD))
    grown.set(self.pending.subarray(0, self.length))
    self.pending = grown
  }
  self.pending.set(bytes, self.length)
  self.length = length
}

const lengthOf = (bytes: Uint8Array): number =>
  (bytes[0] ?? 0) * 0x100_0000 + ((bytes[1] ?? 0) << 16) + ((bytes[2] ?? 0) << 8) + (bytes[3] ?? 0)

/** Whether a response serves its request. */
export const isAnswer = (response: Uint8Array): boolean => typeOf(response) !== FAILURE

/** The type of a message; `undefined` if it is incomplete. */
export const typeOf = (message: Uint8Array): number | undefined => message[HEAD]

/**
 * What a signature is requested with, as far as it can be shown: the type of the key, such as `ssh-ed25519`; `undefined` if the
 * message is no well-formed request for a signature.
 */
export const signingKey = (message: Uint8Array): string | undefined => {
  if (typeOf(message) !== SIGN_REQUEST) return undefined
  const key = stringAt(message, HEAD + 1)
  const name = key && stringAt(key, 0)
  if (name === undefined || name.length > LONGEST_NAME) return undefined
  const text = new TextDecoder().decode(name)
  return /^[\w.@+-]+$/.test(text) ? text : undefined
}

const LONGEST_NAME = 64

/** The string (u32 length, bytes) at a position; `undefined` if it is cut short. */
const stringAt = (bytes: Uint8Array, at: number): Uint8Array | undefined => {
  if (at + HEAD > bytes.length) return undefined
  const end = at + HEAD + lengthOf(bytes.subarray(at))
  return end > bytes.length ? undefined : bytes.subarray(at + HEAD, end)
}
