/**
 * Reports to the server what the user's terminal answered about itself.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Features } from "../../domain/ssp/SyncObject.ts"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import type { TerminalReport } from "../../domain/terminal/TerminalReport.ts"
import * as TerminalReportMessage from "../../domain/wire/streams/TerminalReportMessage.ts"
import type { StreamError } from "../transport/StreamError.ts"
import type { Peer } from "../transport/StreamHandler.ts"

/** After keystrokes, but before other streams: programs wait for it. */
const URGENCY = 0

/**
 * Sends each report, once the server is known. One is on the way at a time, so that a server on a bad path gets the newest one
 * next. Ends with the reports; at once where the server does not take them.
 */
export const send = (
  reports: Stream.Stream<TerminalReport | undefined>,
  { status, streams }: Peer
): Effect.Effect<void, StreamError> => {
  let number = 0
  const one = (report: TerminalReport): Effect.Effect<void, StreamError> =>
    Effect.gen(function* () {
      const header = TerminalReportMessage.encode({ number: ++number, report })
      const stream = yield* streams.open(StreamKind.terminal, header, { urgency: URGENCY })
      yield* stream.finish
      // The server finishes its half when it has read the report.
      yield* Stream.runDrain(stream.readable)
    }).pipe(Effect.scoped)
  return Effect.andThen(
    streams.ready,
    Effect.suspend(() =>
      (status().peerFeatures & Features.terminal) === 0
        ? Effect.void
        : Stream.runForEach(reports, (report) => (report === undefined ? Effect.void : one(report)))
    )
  )
}
