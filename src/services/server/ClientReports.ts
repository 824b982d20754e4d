/**
 * Reports to one client which clients its session has.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import * as AttachedClients from "../../domain/wire/streams/AttachedClients.ts"
import type { StreamError, TransportStreams } from "../transport/Transport.ts"

/** After keystrokes, screens and other streams, but before rows of the history. */
const URGENCY = 6

/**
 * Sends each list that differs from the one before, beginning with the first of more than one client. One report is on the way
 * at a time, so that a client on a bad path gets the newest one next. Ends with the lists; fails where the client does not
 * take reports.
 */
export const send = (
  lists: Stream.Stream<ReadonlyArray<AttachedClients.AttachedClient>>,
  streams: TransportStreams
): Effect.Effect<void, StreamError> => {
  let number = 0
  let last = ""
  return Stream.runForEach(lists, (clients) => {
    const text = JSON.stringify(clients)
    if (text === last || (number === 0 && clients.length < 2)) return Effect.void
    last = text
    return Effect.gen(function* () {
      const header = AttachedClients.encode({ number: ++number, clients })
      const stream = yield* streams.open(StreamKind.attachments, header, { urgency: URGENCY })
      yield* stream.finish
      // The client finishes its half when it has read the report.
      yield* Stream.runDrain(stream.readable)
    }).pipe(Effect.scoped)
  })
}
