/**
 * What one end of a session does with the streams that its peer opens, kind by kind.
 *
 * ```ts
 * import { Stream } from "effect"
 * import { StreamHandler } from "effect-mosh"
 *
 * // Returns the bytes of each stream of kind 256 to their sender, and then ends the stream.
 * export const echo = StreamHandler.accept(256, (stream) => Stream.run(stream.readable, stream.sink))
 * ```
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ByteStream } from "./ByteStream.ts"
import type { StreamError } from "./StreamError.ts"
import type { TransportStatus } from "./TransportStatus.ts"
import type { TransportStreams } from "./TransportStreams.ts"

/** The other end of one connection. */
export interface Peer {
  /** Streams to and from the peer. They fail with `Unsupported` if it has none. */
  readonly streams: TransportStreams
  /** The state of the connection. */
  readonly status: () => TransportStatus
}

/**
 * Runs once for each connection, before the first packet of its peer is read. What it forks ends with the scope: with the
 * connection, or when the session no longer belongs to this peer. It accepts streams of kinds that no other handler of the
 * connection accepts. Streams of a kind without a handler are refused with code 1.
 */
export type StreamHandler = (peer: Peer) => Effect.Effect<void, never, Scope.Scope>

/**
 * Handles each stream of a kind in a fiber of its own. When the fiber ends, what it has not finished of the stream is abandoned.
 * At most 128 streams of a peer are open at the same time, of all kinds together.
 */
export const accept =
  (kind: number, handle: (stream: ByteStream) => Effect.Effect<void, StreamError, Scope.Scope>): StreamHandler =>
  ({ streams }) => {
    const accepted = streams.accept(kind)
    return Effect.gen(function* () {
      const scope = yield* Effect.scope
      const run = (stream: ByteStream): Effect.Effect<void> =>
        Effect.ensuring(Effect.ignore(Effect.scoped(handle(stream))), stream.release)
      yield* accepted.pipe(
        Stream.runForEach((stream) => Effect.forkIn(run(stream), scope)),
        Effect.ignore,
        Effect.forkScoped({ startImmediately: true })
      )
    })
  }
