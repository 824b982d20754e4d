/**
 * Receives the server's reports on which clients the session has.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import * as AttachedClients from "../../domain/wire/streams/AttachedClients.ts"
import type { TransportStreams } from "../transport/TransportStreams.ts"

/** Passes reports on, except those that arrive after a newer one, and malformed ones. `onReport` must not throw. */
export const receive = (
  streams: TransportStreams,
  onReport: (clients: ReadonlyArray<AttachedClients.AttachedClient>) => void
): Effect.Effect<void, never, Scope.Scope> => {
  let newest = 0
  return streams.accept(StreamKind.attachments).pipe(
    Stream.runForEach(({ finish, header, readable }) => {
      const report = AttachedClients.decode(header)
      if (report !== undefined && report.number > newest) {
        newest = report.number
        onReport(report.clients)
      }
      return Effect.andThen(finish, Stream.runDrain(readable))
    }),
    Effect.ignore,
    Effect.forkScoped,
    Effect.asVoid
  )
}
