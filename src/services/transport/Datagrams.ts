/**
 * UDP as a session needs it: numbered sockets that can be opened and closed while datagrams go out and come in.
 *
 * Everything here is synchronous, because it happens inside the step of a protocol machine. A send never fails in the
 * caller's face: what became of it is told to the handlers.
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { Datagrams } from "effect-mosh"
 *
 * // Counts the bytes that leave.
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
    /** The sockets' address family; the size of a datagram depends on it (spec 2.10). */
    readonly family: Family
    /** Where a client sends, always; `undefined` on a server, which learns it. */
    readonly peer: Address | undefined
    /** The local port that socket 0 is bound to. */
    readonly port: number
    /** Delivers to `handlers` while the scope is open. What arrives while nobody receives is lost. */
    readonly receive: (handlers: DatagramHandlers) => Effect.Effect<void, never, Scope.Scope>
    /** Sends on an open socket. The bytes must not change afterwards. */
    readonly send: (socket: number, to: Address, datagram: Uint8Array) => void
    /** Opens a further socket with a port of its own. Socket 0 is open from the start. */
    readonly open: (socket: number) => void
    /** Closes a socket; unknown numbers are ignored. */
    readonly close: (socket: number) => void
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

/** Whether two endpoints are the same. */
export const sameAddress = (a: Address, b: Address): boolean => a.port === b.port && a.host === b.host

/** `host:port`, or `[host]:port` for IPv6. */
export const formatAddress = (address: Address): string =>
  address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`

/** Called from the network's own callbacks. None may throw. */
export interface DatagramHandlers {
  /**
   * `congested`: a router on the way marked the datagram (spec 2.8); `false` where the platform cannot tell. Gives `true`
   * when it is news of the peer's, and not a stranger's or a replay: then the network is there.
   */
  readonly onDatagram: (datagram: Uint8Array, source: Address, socket: number, congested: boolean) => boolean | void
  /** A datagram left this host. */
  readonly onSent: () => void
  /** A socket could not send, receive, or be opened. It stays usable, unless that is what failed. */
  readonly onTrouble: (trouble: SocketTrouble) => void
  /** The host slept, or has other addresses: a client is to look for its server. */
  readonly onDisrupted?: () => void
}

/** What went wrong on a socket. */
export interface SocketTrouble {
  /** What kind of trouble it is. */
  readonly kind: TroubleKind
  /** In words for a person, such as `sendto: Network is unreachable`. */
  readonly text: string
}

/**
 * Why a datagram did not leave: it is larger than the way allows; there is no way; the peer's host refuses it; this host
 * forbids it.
 */
export type TroubleKind = "MessageTooLarge" | "Unreachable" | "ConnectionRefused" | "PermissionDenied" | "Unknown"

/**
 * No UDP socket could be had: the address or the ports are none, or the system refuses them. `reason` says which, in words
 * for a user.
 */
export class BindError extends Schema.TaggedError<BindError>()("BindError", {
  /** The address asked for. */
  address: Schema.String,
  /** The port or `low:high` range asked for; 0 is any. */
  ports: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return PortRange.explain(this)
  }
}
