/**
 * UDP for a session: numbered sockets that can be opened and closed while datagrams are sent and received.
 *
 * All functions are synchronous, because they run inside the step of a protocol machine. `send` never throws; errors are
 * reported to the handlers.
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { Datagrams } from "effect-mosh"
 *
 * // Counts the sent bytes.
 * export const metered = (onSent: (bytes: number) => void) =>
 *   Layer.effect(
 *     Datagrams,
 *     Effect.map(Datagrams, (datagrams) =>
 *       Datagrams.of({
 *         ...datagrams,
 *         send: (socket, to, datagram) => {
 *           onSent(datagram.length)
 *           datagrams.send(socket, to, datagram)
 *         }
 *       })
 *     )
 *   )
 * ```
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as PortRange from "../../domain/arguments/PortRange.ts"

export class Datagrams extends Context.Service<
  Datagrams,
  {
    /** The sockets' address family, on which the maximum size of datagrams depends (spec 2.10). */
    readonly family: Family
    /**
     * On a client, the addresses at which its server may be, most preferred first, at least one. `onPeers` is called after each
     * change. Empty on a server, which learns its client's address.
     */
    readonly peers: () => ReadonlyArray<Address>
    /** The server has been silent for long: resolves its name again. Absent: its addresses are all known. */
    readonly lookUp?: (() => void) | undefined
    /** The local port of socket 0. */
    readonly port: number
    /** Delivers to `handlers` while the scope is open. Datagrams that arrive at other times are lost. */
    readonly receive: (handlers: DatagramHandlers) => Effect.Effect<void, never, Scope.Scope>
    /** Sends a datagram on an open socket. Its bytes must not change afterwards. */
    readonly send: (socket: number, to: Address, datagram: Uint8Array) => void
    /** Opens another socket, on another port. Socket 0 is open from the start. */
    readonly open: (socket: number) => void
    /** Closes a socket; unknown numbers are ignored. */
    readonly close: (socket: number) => void
    /**
     * @internal The client's newest packet is of this block: expect its connection ids and those of the next blocks. Absent: the
     * port is the session's own.
     */
    readonly blockReached?: ((block: number) => void) | undefined
  }
>()("effect-mosh/services/Datagrams") {}

/** The family of an address. */
export type Family = "IPv4" | "IPv6"

/** A UDP endpoint: a numeric IP address and a port. */
export interface Address {
  /** The numeric IP address. */
  readonly host: string
  /** The UDP port. */
  readonly port: number
}

/** The address that stands for a relay, which ssh reaches. It is not numeric. */
export const RELAY: Address = { host: "ssh", port: 0 }

/** Whether an address stands for a relay. */
export const isRelay = ({ host }: Address): boolean => host === RELAY.host

/** Whether two endpoints are the same. */
export const sameAddress = (a: Address, b: Address): boolean => a.port === b.port && a.host === b.host

/** Whether an address is on the loopback interface. */
export const isLoopback = ({ host }: Address): boolean => /^(127\.|::1$|::ffff:127\.)/.test(host)

/** The family of an address on the network. */
export const familyOf = ({ host }: Pick<Address, "host">): Family =>
  host.includes(":") && !host.startsWith("::ffff:") ? "IPv6" : "IPv4"

/** `host:port`, or `[host]:port` for IPv6; `ssh` for a relay. */
export const formatAddress = (address: Address): string =>
  isRelay(address)
    ? address.host
    : address.host.includes(":")
      ? `[${address.host}]:${address.port}`
      : `${address.host}:${address.port}`

/** Called by the network. None may throw. */
export interface DatagramHandlers {
  /**
   * A datagram arrived. `congested`: a router marked it (ECN, spec 2.8); `false` where the platform does not report marks.
   * Returns whether it is a new packet of the peer, not a stranger's or a replay: this shows that the network works.
   */
  readonly onDatagram: (datagram: Uint8Array, source: Address, socket: number, congested: boolean) => boolean | void
  /** A datagram was sent from this host to `to`. */
  readonly onSent: (to: Address) => void
  /** A socket could not send, receive, or be opened. It remains usable unless it could not be opened. */
  readonly onTrouble: (trouble: SocketTrouble) => void
  /** The host slept, or its addresses changed: a client should probe its server. */
  readonly onDisrupted?: () => void
  /** `peers()` has changed. */
  readonly onPeers?: () => void
}

/** An error of a socket. */
export interface SocketTrouble {
  /** The kind of the error. */
  readonly kind: TroubleKind
  /** A phrase for the user, such as `sendto: Network is unreachable`. */
  readonly text: string
  /** The other end of the datagram that caused it, if known. */
  readonly to?: Address | undefined
  /** The size of the datagram that could not be sent, bytes; absent if it is unknown. */
  readonly bytes?: number | undefined
}

/**
 * Why a datagram was not sent: it is too large for the path; there is no route; the peer's host refused it; this host
 * forbids it.
 */
export type TroubleKind = "MessageTooLarge" | "Unreachable" | "ConnectionRefused" | "PermissionDenied" | "Unknown"

/**
 * No UDP socket could be bound: the address or the ports are invalid, or the system refused them. `reason` is a phrase for
 * the user.
 */
export class BindError extends Schema.TaggedError<BindError>()("BindError", {
  /** The requested address. */
  address: Schema.String,
  /** The requested port or `low:high` range; 0 is any port. */
  ports: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return PortRange.explain(this)
  }
}
