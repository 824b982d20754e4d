/**
 * What the session process was handed when it was started. Loaded before all else: whoever handed it over is gone by now,
 * and with the end of the channel, Node forgets what nobody has asked for.
 */
import * as Dgram from "node:dgram"

/** A message, which is yet to be understood, and the session's socket. */
export interface Inheritance {
  readonly message: unknown
  /** It has begun to receive: who takes it must not wait before listening, or a faster client's first words are lost. */
  readonly socket: Dgram.Socket
}

/** `undefined` when this process was started by something else than `mosh-server`. */
export const inheritance: Promise<Inheritance | undefined> = new Promise((resolve) => {
  if (process.channel === undefined) return resolve(undefined)
  process.once("disconnect", () => resolve(undefined))
  process.once("message", (message, socket) => {
    resolve(socket instanceof Dgram.Socket ? { message, socket } : undefined)
    process.disconnect?.()
  })
})
