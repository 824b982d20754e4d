/**
 * Receives the handover of `mosh-server` in the session process. This module must be loaded first: `mosh-server` may have
 * exited already, and Node drops unread messages when the channel closes.
 */
import * as Dgram from "node:dgram"

/** A message, not yet validated, and the session's socket. */
export interface Inheritance {
  readonly message: unknown
  /** It receives already: listen to it without delay, or the first datagrams are lost. */
  readonly socket: Dgram.Socket
}

/** `undefined` when something other than `mosh-server` started this process. */
export const inheritance: Promise<Inheritance | undefined> = new Promise((resolve) => {
  if (process.channel === undefined) return resolve(undefined)
  process.once("disconnect", () => resolve(undefined))
  process.once("message", (message, socket) => {
    resolve(socket instanceof Dgram.Socket ? { message, socket } : undefined)
    process.disconnect?.()
  })
})
