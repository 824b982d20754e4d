/**
 * Sends the history of a session to one client, on a stream of kind `history` that is sent after everything else.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import * as HistoryPump from "../../domain/history/HistoryPump.ts"
import * as StreamKind from "../../domain/streams/StreamKind.ts"
import type { History } from "../../domain/history/History.ts"
import * as HistoryRecord from "../../domain/wire/streams/HistoryRecord.ts"
import * as Actor from "../runtime/Actor.ts"
import type { StreamError, TransportStreams } from "../transport/Transport.ts"

/** The sender of one client. Its functions are synchronous and never throw. */
export interface HistorySender {
  /**
   * The client is known to read histories, and what of them it understands: opens the stream. Further calls do nothing.
   */
  readonly start: (client: HistoryPump.Understanding) => void
  /** The history may have changed. */
  readonly changed: () => void
  /**
   * No more rows will come. Resumes when the client has read everything, when that takes longer than `LAST_ROWS`, or at
   * once if nothing is sent.
   */
  readonly drain: Effect.Effect<void>
}

/** After every other stream. */
const LAST_URGENCY = 7

/** Bytes that wait in the stream: a second of a slow path. Rows beyond them stay in the ring, and may be skipped there. */
const BUFFER = 131_072

/** How long the end of a session waits for rows to arrive, ms. */
export const LAST_ROWS = 5000

/** A sender for a client that can open streams. It sends nothing until `start` is called. */
export const make = Effect.fnUntraced(function* (
  history: History,
  streams: TransportStreams
): Effect.fn.Return<HistorySender, never, Scope.Scope> {
  const now = yield* Actor.millis
  const started = yield* Latch.make(false)
  const changed = yield* Latch.make(true)
  let phase: "waiting" | "sending" | "draining" | "over" = "waiting"
  let pump = HistoryPump.make(history, now())
  let client: HistoryPump.Understanding | undefined

  const send: Effect.Effect<void, StreamError, Scope.Scope> = Effect.gen(function* () {
    yield* started.await
    pump = HistoryPump.make(history, now(), client)
    const header = HistoryRecord.encodeHeader(pump.reader.next)
    const stream = yield* streams.open(StreamKind.StreamKind.history, header, {
      urgency: LAST_URGENCY,
      buffer: BUFFER
    })
    for (;;) {
      const isLast = phase === "draining"
      const batch = HistoryPump.next(history, pump, now(), isLast)
      if (batch !== undefined) yield* stream.write(batch)
      else if (isLast) break
      if (phase === "draining") continue
      changed.closeUnsafe()
      if (HistoryPump.isIdle(history, pump)) {
        yield* changed.await
        HistoryPump.resumed(pump, now())
      }
      // Also before the first rows: only after a round is it known whether they begin a flood.
      yield* Effect.sleep(HistoryPump.ROUND)
    }
    yield* stream.finish
    // The client finishes its half when it has read everything. That its host has received it is not enough: what the client
    // has not read by the end of the session is lost.
    while ((yield* stream.read()) !== undefined);
  })
  // Without the stream the session goes on without rows.
  const sending = yield* Effect.forkScoped(
    Effect.andThen(
      Effect.exit(Effect.scoped(send)),
      Effect.sync(() => {
        phase = "over"
      })
    )
  )

  return {
    start: (understanding) => {
      if (phase !== "waiting") return
      client = understanding
      phase = "sending"
      started.openUnsafe()
    },
    changed: () => {
      if (phase === "sending" && !HistoryPump.isIdle(history, pump)) changed.openUnsafe()
    },
    drain: Effect.suspend(() => {
      if (phase !== "sending") return Effect.void
      phase = "draining"
      changed.openUnsafe()
      return Effect.asVoid(Effect.timeoutOption(Fiber.await(sending), LAST_ROWS))
    })
  }
})
