/**
 * The life of a `Connection`: datagrams go out sealed, and are opened as they come in.
 *
 * What arrives goes through the machine and on to `onDeliver` inside the socket's own callback.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Nonce from "../domain/crypto/Nonce.ts"
import type { Millis } from "../domain/Machine.ts"
import * as Machine from "../domain/sync/Connection.ts"
import type { DropReason } from "../domain/sync/DropReason.ts"
import type { Link } from "../domain/sync/Repeats.ts"
import type { Role } from "../domain/sync/Role.ts"
import * as Actor from "./Actor.ts"
import { type Address, Datagrams, sameAddress, type SocketTrouble } from "./Datagrams.ts"
import { type OpenedPacket, OVERHEAD, PacketCipher } from "./PacketCipher.ts"

export interface Connection {
  /** Sends a compressed instruction, in as many datagrams as it takes. Does nothing while no peer address is known. */
  readonly transmit: (contents: Uint8Array) => void
  /** Says when the newest state was sent that the peer is known to have. */
  readonly roundTripSuccess: (sentAt: Millis) => void
  readonly state: () => Machine.State<Address>
  /** Receives while the scope is open. */
  readonly listen: Effect.Effect<void, never, Scope.Scope>
}

export interface ConnectionOptions {
  readonly role: Role
  readonly events: ConnectionEvents
}

/** Called, synchronously and in order, as things happen. None may throw. */
export interface ConnectionEvents {
  /** A whole compressed instruction arrived. */
  readonly onDeliver: (contents: Uint8Array) => void
  /** The peer was heard: comes before what it said is delivered. */
  readonly onHeard: () => void
  readonly onRoundTrip: (link: Link) => void
  /** The peer's address became known, changed, or was forgotten. */
  readonly onAttached: (attached: boolean) => void
  /** The peer's address changed (server), or our own port (client). */
  readonly onRoamed: () => void
  /** A datagram arrived, whatever becomes of it. */
  readonly onReceived: () => void
  readonly onDropped: (reason: DropReason) => void
  readonly onSent: () => void
  readonly onTrouble: (trouble: SocketTrouble) => void
  /** The host slept, or has other addresses. */
  readonly onDisrupted: () => void
  readonly onKeyExhausted: () => void
}

export const make = Effect.fnUntraced(function* (
  options: ConnectionOptions
): Effect.fn.Return<Connection, never, Datagrams | PacketCipher | Scope.Scope> {
  const { role, events } = options
  const datagrams = yield* Datagrams
  const cipher = yield* PacketCipher
  const now = yield* Actor.millis

  /** Whether the datagram in hand is news of the peer's. */
  let heard = false

  const perform = (output: Machine.Output<Address>): void => {
    switch (output._tag) {
      case "Datagram": {
        const to = output.to ?? datagrams.peer
        if (to !== undefined) datagrams.send(output.socket, to, cipher.seal(output.nonce, output.plaintext))
        return
      }
      case "Heard":
        heard = true
        return events.onHeard()
      case "Deliver":
        return events.onDeliver(output.contents)
      case "OpenSocket":
        datagrams.open(output.socket)
        return events.onRoamed()
      case "CloseSocket":
        return datagrams.close(output.socket)
      case "RoundTrip":
        return events.onRoundTrip(output.link)
      case "Roamed":
        return events.onRoamed()
      case "Attached":
        return events.onAttached(output.attached)
      case "Dropped":
        return events.onDropped(output.reason)
      case "KeyExhausted":
        return events.onKeyExhausted()
    }
  }

  const actor = yield* Actor.spawn<Machine.State<Address>, Machine.Input<Address>, Machine.Output<Address>>({
    machine: Machine.machine({ role, addressEquals: sameAddress }),
    initial: Machine.init({ family: datagrams.family, now: now() }),
    tick: { _tag: "Tick" },
    perform
  })

  const onDatagram = (datagram: Uint8Array, source: Address, socket: number, congested: boolean): boolean => {
    events.onReceived()
    heard = false
    const opened = open(datagram)
    if (typeof opened === "string") events.onDropped(opened)
    else actor.offer({ _tag: "Arrived", ...opened, source, socket, congested })
    return heard
  }

  const open = (datagram: Uint8Array): OpenedPacket | DropReason => {
    if (datagram.length > Machine.MAX_DATAGRAM) return "oversize"
    if (datagram.length < OVERHEAD) return "short"
    if (!Nonce.isReachable(datagram)) return "unauthentic"
    return cipher.open(datagram) ?? "unauthentic"
  }

  const onTrouble = (trouble: SocketTrouble): void => {
    if (trouble.kind === "MessageTooLarge") actor.offer({ _tag: "TooLarge" })
    events.onTrouble(trouble)
  }

  return {
    transmit: (contents) => actor.offer({ _tag: "Transmit", contents }),
    roundTripSuccess: (sentAt) => actor.offer({ _tag: "RoundTripSuccess", sentAt }),
    state: actor.state,
    listen: datagrams.receive({ onDatagram, onSent: events.onSent, onTrouble, onDisrupted: events.onDisrupted })
  }
})
