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
  /** Sends `mosh-server` the answer that it waits for, if it waits, and closes the channel. */
  readonly close: (answer?: Answer) => void
}

/** How a session with a name begins. */
export type Answer =
  /** It has the name. */
  | { readonly _tag: "Registered" }
  /** The session `pid` has the name, and this one ends. */
  | { readonly _tag: "Taken"; readonly pid: number }
  /** Sessions cannot be found here by a name, and this one ends. */
  | { readonly _tag: "Impossible" }

/** `undefined` when something other than `mosh-server` started this process. */
export const inheritance: Promise<Inheritance | undefined> = new Promise((resolve) => {
  if (process.channel === undefined) return resolve(undefined)
  process.once("disconnect", () => resolve(undefined))
  process.once("message", (message, socket) => {
    const close = (answer?: Answer): void => {
      if (!process.connected) return
      if (answer === undefined) process.disconnect?.()
      else process.send?.(answer, () => process.connected && process.disconnect?.())
    }
    if (socket instanceof Dgram.Socket) return resolve({ message, socket, close })
    close()
    resolve(undefined)
  })
})
