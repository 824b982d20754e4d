/**
 * Receives the rows that scrolled off the server's screen, from streams of kind `history`.
 *
 * What a server sends is not trusted: a stream that is malformed, repeats rows or runs far ahead of the screen is reset, and
 * the session goes on without its rows. Memory is bounded by `History`, and by the caller, which may let the server wait.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import * as History from "../../domain/history/History.ts"
import * as HistoryRecord from "../../domain/wire/streams/HistoryRecord.ts"
import type { ByteStream } from "../transport/ByteStream.ts"
import type { TransportStreams } from "../transport/TransportStreams.ts"
import * as SessionHistory from "./SessionHistory.ts"

/** The code of RESET_STREAM and STOP_SENDING for a stream that is no history. */
export const REFUSED = 2

/** Rows by which a stream may be ahead of the newest screen. A server sends both as they come. */
const MAX_AHEAD = 1_000_000

/** Bytes that are read at once: they may be many times as many cells. */
const PIECE = 4096

export interface Options {
  readonly streams: TransportStreams
  /** How many rows to keep. */
  readonly rows: number
  /** The number of the row at the top of the newest screen. */
  readonly top: () => number
  /** Called with what arrived. Returns what to wait for before more is read. Must not throw. */
  readonly onReceived: ((entries: ReadonlyArray<HistoryRecord.Received>) => Effect.Effect<void>) | undefined
  /** Resumes when the session has ended. */
  readonly ended: Effect.Effect<unknown>
}

/** Starts to receive. Lives as long as the scope. */
export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<SessionHistory.SessionHistory, never, Scope.Scope> {
  const { onReceived, streams, top } = options
  const history = History.make(options.rows)
  const changes = new Set<() => void>()

  const take = (entry: HistoryRecord.Received): boolean => {
    if (entry.number < history.end || entry.number > top() + MAX_AHEAD) return false
    if (entry._tag === "Row") History.push(history, entry.row)
    else if (entry._tag === "Cleared") History.clearTo(history, entry.number)
    else History.skipTo(history, entry.number + entry.count)
    return true
  }

  const read = Effect.fnUntraced(function* (stream: ByteStream) {
    const first = HistoryRecord.decodeHeader(stream.header)
    if (Result.isFailure(first) || first.success < history.end) return yield* stream.reset(REFUSED)
    const decoder = HistoryRecord.decoder(first.success)
    if (first.success > history.end) History.skipTo(history, first.success)
    for (;;) {
      const piece = yield* stream.read(PIECE)
      if (piece === undefined) return yield* stream.finish
      const entries = HistoryRecord.read(decoder, piece)
      if (Result.isFailure(entries) || !entries.success.every(take)) return yield* stream.reset(REFUSED)
      for (const changed of changes) changed()
      if (onReceived !== undefined) yield* onReceived(entries.success)
    }
  })

  yield* streams.accept(StreamKind.history).pipe(
    // One after another: the next stream waits, and its opener with it.
    Stream.runForEach((stream) => Effect.ignore(read(stream))),
    Effect.ignore,
    Effect.forkScoped({ startImmediately: true })
  )
  const watch: SessionHistory.Watch = (onChange) =>
    Effect.acquireRelease(
      Effect.sync(() => void changes.add(onChange)),
      () => Effect.sync(() => void changes.delete(onChange))
    )
  return SessionHistory.make(history, watch, options.ended)
})
