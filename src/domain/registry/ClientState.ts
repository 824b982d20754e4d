/**
 * Whether a listed session has a client, and since when.
 */
import type { Millis } from "../Machine.ts"
import type { SessionReport } from "./SessionRecord.ts"

export type ClientState =
  /** No client has connected yet. */
  | { readonly _tag: "None" }
  /** `age`: for how long it has had one, or none, ms. */
  | { readonly _tag: "Attached" | "Detached"; readonly age: Millis }

/** Silence, ms, after which a client counts as absent; a client sends at least every 3 s. */
export const SILENCE = 30_000

/** A client that was killed, or lost its network, does not detach: the session counts as detached since its last packet. */
export const of = ({ attached, contact, since }: SessionReport): ClientState => {
  if (contact === null) return { _tag: "None" }
  // A session that has not had a client since a detach, whatever arrived after that.
  if (since?.attached === false) return { _tag: "Detached", age: since.age }
  if (!attached || contact.age >= SILENCE) return { _tag: "Detached", age: contact.age }
  return { _tag: "Attached", age: since?.age ?? contact.age }
}
