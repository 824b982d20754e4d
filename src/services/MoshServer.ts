/**
 * mosh servers for embedding: each is a session, one UDP port and one key, for one client at a time.
 *
 * ```ts
 * const program = NodeLogin.program({ command: [], colors: 256 }, process.env)
 * const server = yield* (yield* MoshServer).serve({ program, address: "127.0.0.1" })
 * console.log(`MOSH CONNECT ${server.port} ${server.key}`)
 * yield* server.ended
 * ```
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { PortRange } from "../domain/bootstrap/PortRange.ts"
import type { Limits, Why } from "../domain/server/Lifetime.ts"
import type { Size } from "../domain/terminal/Frame.ts"
import type { BindError } from "./Datagrams.ts"
import type { Program, Session } from "./Session.ts"
import type { Contact } from "./SessionTransport.ts"
import type { TransportStatus } from "./Transport.ts"

export class MoshServer extends Context.Service<
  MoshServer,
  {
    /** Opens a server. Closing the scope hangs up on the program and closes the port, without telling the client. */
    readonly serve: (options: ServeOptions) => Effect.Effect<Served, BindError, Scope.Scope>
  }
>()("effect-mosh/services/MoshServer") {}

export interface ServeOptions {
  readonly program: Program
  /** The local IP address to bind, numeric. Without it, and when it cannot be bound, any. */
  readonly address?: string | undefined
  /** Without it, the first free port of 60001–60999. */
  readonly ports?: PortRange | undefined
  /** The screen's size until a client tells its own; 80×24 without it. */
  readonly size?: Size | undefined
  /** When to give up on absent clients; never, without them. */
  readonly limits?: Partial<Limits> | undefined
  /** Told why `address` could not be used. */
  readonly onAddressRefused?: ((error: BindError) => void) | undefined
}

export interface Served {
  /** The UDP port. */
  readonly port: number
  /** The session's key, as 22 characters of base64: who knows it is the client. */
  readonly key: string
  /** The program and its screen. */
  readonly session: Session
  readonly status: () => TransportStatus
  /** When a client was last heard, and where it was then; `undefined` while none has come. */
  readonly contact: () => Contact | undefined
  /** Ends the server as SIGTERM does: a client is told, and given time to answer; a second call does not wait. */
  readonly terminate: () => void
  /** Ends the server as SIGUSR1 does: only if no client was heard for `limits.signal`. */
  readonly hangUpIfIdle: () => void
  /** Resumes when the server is through; the scope may be closed then. */
  readonly ended: Effect.Effect<Why>
}
