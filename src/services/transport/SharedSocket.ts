/**
 * UDP for many sessions: one port, whose sockets stay open.
 */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Address, Datagrams, Family, SocketTrouble } from "./Datagrams.ts"

/** The sockets of a port. All functions are synchronous and never throw. */
export interface SharedSocket {
  /** The family on which the maximum size of datagrams depends: IPv6 if there is a socket of it. */
  readonly family: Family
  /** The local port. */
  readonly port: number
  /** Delivers datagrams while the scope is open. */
  readonly receive: (
    onDatagram: (datagram: Uint8Array, source: Address, socket: number) => void
  ) => Effect.Effect<void, never, Scope.Scope>
  /** Sends from a socket, and reports the result to `sender`. The bytes must not change afterwards. */
  readonly send: (socket: number, to: Address, datagram: Uint8Array, sender: Sender) => void
}

/** Called with the result of a send. */
export interface Sender {
  readonly onSent: (to: Address) => void
  readonly onTrouble: (trouble: SocketTrouble) => void
}

/** Shares the socket 0 of any network. Errors of the socket are not reported. */
export const ofDatagrams = (datagrams: Datagrams["Service"]): SharedSocket => ({
  family: datagrams.family,
  port: datagrams.port,
  receive: (onDatagram) => datagrams.receive({ onDatagram, onSent: () => undefined, onTrouble: () => undefined }),
  send: (socket, to, datagram, sender) => {
    datagrams.send(socket, to, datagram)
    sender.onSent(to)
  }
})
