/**
 * mosh servers for embedding: a session is a program and its screen; a listener shows it to one client, by one UDP port and
 * one key.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { PortRange } from "../../domain/arguments/PortRange.ts"
import type { Limits, Why } from "../../domain/session/Lifetime.ts"
import type { Size } from "../../domain/terminal/Frame.ts"
import type { Application } from "./Application.ts"
import type { BindError } from "../transport/Datagrams.ts"
import type { Program, Session } from "./Session.ts"
import type { Contact } from "./SessionTransport.ts"
import type { TransportStatus } from "../transport/Transport.ts"

/**
 * Serves sessions, to our clients and to stock's. Its layer on Node is `NodeMoshServer.layer`.
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
     * Opens a session that nobody sees yet; its program starts when a client comes, or by `start`. Closing the scope hangs
     * up on the program.
     */
    readonly open: <R = never>(options: OpenOptions<R>) => Effect.Effect<Session, never, Scope.Scope | R>
    /**
     * Lets one client see a session and type into it. Any number may listen for the same session; of their clients' sizes
     * the newest counts. Closing the scope closes the port, without telling the client. Fails with `BindError` when the
     * address cannot be bound, when every port of the range is taken, or when the range is none.
     */
    readonly listen: (session: Session, options?: ListenOptions) => Effect.Effect<Listening, BindError, Scope.Scope>
    /** Opens a session and listens for its client: a whole server, as `mosh-server` is one. */
    readonly serve: <R = never>(
      options: OpenOptions<R> & ListenOptions
    ) => Effect.Effect<Served, BindError, Scope.Scope | R>
  }
>()("effect-mosh/services/MoshServer") {}

/** What runs in a session. */
export interface OpenOptions<R = never> {
  /** A program for a pty, or an Effect of one's own. */
  readonly program: Program | Application<unknown, R>
  /** The screen's size until a client tells its own; 80×24 without it. */
  readonly size?: Size | undefined
}

/** Where a client may come to, and how long it may stay away. */
export interface ListenOptions {
  /** The local IP address to bind, numeric; without it, any. No other is bound instead when it cannot be had. */
  readonly address?: string | undefined
  /**
   * The UDP ports to try, ascending, each 1 to 65535; `{ low: 0, high: 0 }` is any. Without it, the first free port of
   * 60001–60999.
   */
  readonly ports?: PortRange | undefined
  /** When to give up on absent clients, ms; never, without them. */
  readonly limits?: Partial<Limits> | undefined
}

/** A listener for one client. Its functions are synchronous, callable from any callback, and never throw. */
export interface Listening {
  /** The UDP port. */
  readonly port: number
  /** The client's key, as 22 characters of base64: who knows it is the client. */
  readonly key: string
  /** How the connection fares: contact, round trip, loss, counters. */
  readonly status: () => TransportStatus
  /** `status`, now and whenever something in it changed that a person may want to see. Ends when this is through. */
  readonly statuses: Stream.Stream<TransportStatus>
  /** When a client was last heard, and where it was then; `undefined` while none has come. */
  readonly contact: () => Contact | undefined
  /** Ends as SIGTERM does: a client is told, and given time to answer; a second call does not wait. */
  readonly terminate: () => void
  /** Ends as SIGUSR1 does: only if no client was heard for `limits.signal`. */
  readonly hangUpIfIdle: () => void
  /** Resumes when this is through, by the client's leave, by the end of the session, or by `limits`. */
  readonly ended: Effect.Effect<Why>
}

/** A session and its one listener. */
export interface Served extends Listening {
  /** The program and its screen. */
  readonly session: Session
}
