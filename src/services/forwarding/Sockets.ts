/**
 * TCP and unix sockets, as forwardings use them. Their layer on Node is `NodeSockets.layer`.
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Endpoint, ListenEndpoint } from "../../domain/forwarding/Endpoint.ts"
import type { ForwardingReason } from "../../domain/forwarding/ForwardingCode.ts"

/** Listens and connects. */
export class Sockets extends Context.Service<
  Sockets,
  {
    /**
     * Listens until the scope closes, and passes each connection to `onConnection`, which owns it and must not throw. Without
     * a host, listens on the loopback addresses. Returns the TCP port, 0 for a unix socket.
     */
    readonly listen: (
      at: ListenEndpoint,
      onConnection: (socket: Socket) => void
    ) => Effect.Effect<number, SocketError, Scope.Scope>
    /** Connects; gives up after a minute. Interruption closes the connection. */
    readonly connect: (to: Endpoint) => Effect.Effect<Socket, SocketError>
  }
>()("effect-mosh/services/Sockets") {}

/** One connection. Whoever has it ends it, by `finish` and reading to the end, or by `reset`. */
export interface Socket {
  /**
   * The next piece, of at most `max` bytes (default: 64 KiB; at least 1); `undefined` at the end. At most 128 KiB are read ahead:
   * the rest stays with the system, and its sender waits.
   */
  readonly read: (max?: number) => Effect.Effect<Uint8Array | undefined, SocketError>
  /** Writes bytes, which must not change afterwards. Waits while the other end does not read. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, SocketError>
  /** Ends the sending half. */
  readonly finish: Effect.Effect<void>
  /** Closes the connection at once, on TCP with RST. */
  readonly reset: Effect.Effect<void>
  /** Closes the connection once everything that was written is sent. What arrives until then is discarded. */
  readonly close: Effect.Effect<void>
}

/** A listener or a connection cannot be made, or a connection ended too early. `detail` is the system's phrase for it. */
export class SocketError extends Data.TaggedError("SocketError")<{
  /** Whose fault it is, for the peer. */
  readonly reason: ForwardingReason
  /** The system's phrase for it. */
  readonly detail: string
}> {
  override get message() {
    return this.detail
  }
}
