/**
 * mosh servers to embed in a program. A session is a program and its screen; a listener shows the session to one
 * client, through one UDP port and one key. Listeners may share a port.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { PortRange } from "../../domain/arguments/PortRange.ts"
import type { CloseReason, EndReason, Limits } from "../../domain/session/Lifetime.ts"
import type { Size } from "../../domain/terminal/Frame.ts"
import type { Application } from "./Application.ts"
import type { Attachments, AttachmentsOptions } from "./Attachments.ts"
import type { OptionError } from "../runtime/OptionError.ts"
import type { BindError } from "../transport/Datagrams.ts"
import type { Program, Session } from "./Session.ts"
import type { Contact } from "./SessionTransport.ts"
import type { StreamHandler } from "../transport/StreamHandler.ts"
import type { SharedPort } from "../transport/SharedPort.ts"
import type { TransportStatus, TransportStreams } from "../transport/Transport.ts"

/**
 * Serves sessions to mosh clients, effect-mosh's or stock. Its layer on Node is `NodeMoshServer.layer`.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { MoshServer } from "effect-mosh"
 * import { NodeLogin } from "effect-mosh/node"
 *
 * export const serveShell = Effect.gen(function* () {
 *   const mosh = yield* MoshServer
 *   const server = yield* mosh.serve({ program: NodeLogin.program(), address: "127.0.0.1" })
 *   yield* Effect.log(`MOSH CONNECT ${server.port} ${server.key}`)
 *   return yield* server.ended
 * })
 * ```
 */
export class MoshServer extends Context.Service<
  MoshServer,
  {
    /**
     * Opens a session without a listener. Its program starts when the first client connects, or when `start` is called.
     * Closing the scope hangs up on the program.
     */
    readonly open: <R = never>(options: OpenOptions<R>) => Effect.Effect<Session, never, Scope.Scope | R>
    /**
     * Lets one client show a session and type into it. A session may have several listeners; the size most recently
     * received from any of their clients applies. Closing the scope closes the port without notifying the client. Fails
     * with `BindError` if the address cannot be bound, if every port of the range is in use, or if the range is
     * invalid; with `OptionError` if a limit is invalid.
     */
    readonly listen: (
      session: Session,
      options?: ListenOptions
    ) => Effect.Effect<Listening, BindError | OptionError, Scope.Scope>
    /**
     * Binds a UDP port for any number of listeners, of any sessions: give it to `listen`, `serve` or `attachments` as
     * `sharedPort`. A datagram belongs to the listener whose key opens it. Clients may be stock, and may change their address.
     * Closing the scope closes the port for all listeners. Fails with `BindError` as `listen` does.
     *
     * ```ts
     * import { Effect } from "effect"
     * import { type Application, MoshServer } from "effect-mosh"
     *
     * // Two sessions on one port, each with its key.
     * export const two = (application: Application) =>
     *   Effect.gen(function* () {
     *     const mosh = yield* MoshServer
     *     const sharedPort = yield* mosh.sharePort({ address: "127.0.0.1" })
     *     const first = yield* mosh.serve({ program: application, sharedPort })
     *     const second = yield* mosh.serve({ program: application, sharedPort })
     *     return [first.key, second.key]
     *   })
     * ```
     */
    readonly sharePort: (options?: SharePortOptions) => Effect.Effect<SharedPort, BindError, Scope.Scope>
    /**
     * The attachments of a session, none at first: listeners that are admitted and closed while the session runs. A new client
     * replaces those before, types beside them, or watches. Closing the scope closes their ports. Fails if a limit is invalid.
     */
    readonly attachments: (
      session: Session,
      options?: AttachmentsOptions
    ) => Effect.Effect<Attachments, OptionError, Scope.Scope>
    /** Opens a session and listens for its client: a complete server, equivalent to `mosh-server`. */
    readonly serve: <R = never>(
      options: OpenOptions<R> & ListenOptions
    ) => Effect.Effect<Served, BindError | OptionError, Scope.Scope | R>
  }
>()("effect-mosh/services/MoshServer") {}

/** What a session runs, and its initial size. */
export interface OpenOptions<R = never> {
  /** A program to run on a pty, or an `Application`. */
  readonly program: Program | Application<unknown, R>
  /** The screen's size until a client reports its own. Default: 80×24. */
  readonly size?: Size | undefined
  /**
   * How many rows that scrolled off the screen the session keeps (`Session.history`), reduced to whole numbers from 0 to
   * 1,000,000. With 0, clients show no scrollback. Default: 10,000, which take about 1 MB; rows never take more than 1 KiB
   * each on average, so fewer of long ones are kept.
   */
  readonly scrollback?: number | undefined
}

/** Where listeners that share a port accept their clients. */
export interface SharePortOptions {
  /**
   * The numeric local IP address to bind. Default: all addresses, of IPv4 and IPv6. If it cannot be bound, `sharePort`
   * fails.
   */
  readonly address?: string | undefined
  /** The UDP ports to try, as in `ListenOptions`. */
  readonly ports?: PortRange | undefined
}

/** Where a listener accepts its client, and how long it waits for an absent one. */
export interface ListenOptions {
  /** The numeric local IP address to bind. Default: all addresses. If it cannot be bound, `listen` fails. */
  readonly address?: string | undefined
  /**
   * Whether to listen on the port at all other addresses of this host, too, of IPv4 and IPv6, as far as they are free: then a
   * client reaches the server when either's address changes, also to the other family. Default: no.
   */
  readonly everywhere?: boolean | undefined
  /**
   * The UDP ports to try, in ascending order, each 1 to 65535; `{ low: 0, high: 0 }` lets the kernel choose. Default:
   * 60001–60999.
   */
  readonly ports?: PortRange | undefined
  /**
   * The port of `sharePort` to listen on, instead of `address` and `ports`. Default: a port of the listener's own, which has a
   * receive buffer of its own in the kernel.
   */
  readonly sharedPort?: SharedPort | undefined
  /**
   * How long to wait for absent clients, ms. `network` is above 0, and `Infinity` by default: no limit. `signal` is 0 or
   * more, and 0 by default.
   */
  readonly limits?: Partial<Limits> | undefined
  /** What to do with streams that the client opens. Default: refuse them. */
  readonly streamHandlers?: ReadonlyArray<StreamHandler> | undefined
  /**
   * What the session is called, for the users of clients that end while it continues: a name or a process id for
   * `mosh --attach`. Default: nothing.
   */
  readonly name?: string | undefined
}

/** A listener for one client. Its functions are synchronous, callable from any callback, and never throw. */
export interface Listening {
  /** The UDP port that the listener is bound to. */
  readonly port: number
  /** The session key, as 22 characters of base64. Anyone with it can act as the client. */
  readonly key: string
  /** The current state of the connection: contact, round trip, loss, counters. */
  readonly status: () => TransportStatus
  /** The current `status`, then the newest after each change. Ends with the listener. */
  readonly statuses: Stream.Stream<TransportStatus>
  /** Reliable byte streams to and from the client, if it is effect-mosh. Otherwise they fail with `Unsupported`. */
  readonly streams: TransportStreams
  /**
   * How long ago the client's newest state arrived, and from which address; `undefined` until the first. Derived from
   * `status`, so `statuses` emits when it changes.
   */
  readonly contact: () => Contact | undefined
  /**
   * Ends the listener as SIGTERM ends `mosh-server`: the client is notified, and has time to acknowledge. A second call
   * ends it without waiting.
   */
  readonly terminate: () => void
  /**
   * Ends the listener, and lets the session continue: the client is notified, and has time to acknowledge. From this call
   * on, nothing that the client sends has an effect. `from` is reported to the client with `TakenOver`: the address of the
   * client that took over.
   */
  readonly close: (because: CloseReason, from?: string) => void
  /** Ends the listener as SIGUSR1 ends `mosh-server`: only if no new client state arrived for `limits.signal`. */
  readonly hangUpIfIdle: () => void
  /** Resumes with the reason when the listener has ended. */
  readonly ended: Effect.Effect<EndReason>
}

/** A session and its only listener. */
export interface Served extends Listening {
  /** The program and its screen. */
  readonly session: Session
}
