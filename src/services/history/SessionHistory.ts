/**
 * The rows that scrolled off the top of a session's primary screen, or were erased with all of it, as a value and as a stream.
 *
 * Rows are numbered from 0 in the order in which they left. A session keeps the newest 10,000 unless `OpenOptions.scrollback`
 * sets another number. Collection begins with the session, before its first client.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as CompactRow from "../../domain/history/CompactRow.ts"
import * as History from "../../domain/history/History.ts"
import * as HistoryReader from "../../domain/history/HistoryReader.ts"
import type { Row } from "../../domain/terminal/Row.ts"
import type { HistoryRecord, Received } from "../../domain/wire/streams/HistoryRecord.ts"

/** A row that left the screen, or what happened to rows before they could be read. */
export type HistoryEvent = Received

/**
 * The history of one session. Its functions are synchronous and never throw.
 *
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Row, type Session } from "effect-mosh"
 *
 * // Logs each line once it has left the screen.
 * export const logged = (session: Session) =>
 *   Stream.runForEach(session.history.changes(), (event) =>
 *     event._tag === "Row" ? Effect.log(Row.line(event.row)) : Effect.void
 *   )
 * ```
 */
export interface SessionHistory {
  /** The number of the oldest row that is kept; equal to `end` if there is none. */
  readonly first: () => number
  /** How many rows have left the screen since the session began: the number that the next one will have. */
  readonly end: () => number
  /** The row with a number; `undefined` if it is not kept. */
  readonly row: (number: number) => Row | undefined
  /** The kept rows from a number on, oldest first; all of them without it. */
  readonly rows: (from?: number) => ReadonlyArray<Row>
  /**
   * The kept rows from a number on (all of them without it), then each row after it has left the screen. The stream ends
   * after the session has ended. A reader that is slower than the program misses rows that are no longer kept, and receives
   * their number in a `Missing` event; `CSI 3 J` gives `Cleared`.
   */
  readonly changes: (from?: number) => Stream.Stream<HistoryEvent>
}

/** Calls `onChange` after changes of a session's screen. */
export type Watch = (onChange: () => void) => Effect.Effect<void, never, Scope.Scope>

/** Rows that a reader of `changes` is ahead of its consumer. */
const AHEAD = 64

/** The history of a session that keeps none. */
export const none: SessionHistory = {
  first: () => 0,
  end: () => 0,
  row: () => undefined,
  rows: () => [],
  changes: () => Stream.empty
}

/** The public view of `history`. `ended` resumes when it will not change any more. */
export const make = (history: History.History, watch: Watch, ended: Effect.Effect<unknown>): SessionHistory => ({
  first: () => history.first,
  end: () => history.end,
  row: (number) => History.row(history, number),
  rows: (from = 0) => [...History.rows(history, from)],
  changes: (from = 0) =>
    Stream.callback<HistoryEvent>((queue) => feed(history, HistoryReader.make(history, from), queue, watch, ended), {
      bufferSize: AHEAD,
      strategy: "suspend"
    })
})

const feed = Effect.fnUntraced(function* (
  history: History.History,
  reader: HistoryReader.HistoryReader,
  queue: Queue.Queue<HistoryEvent, Cause.Done>,
  watch: Watch,
  ended: Effect.Effect<unknown>
): Effect.fn.Return<void, never, Scope.Scope> {
  const changed = yield* Latch.make(true)
  let isOver = false
  yield* watch(() => void changed.openUnsafe())
  yield* Effect.forkScoped(
    Effect.andThen(
      ended,
      Effect.sync(() => {
        isOver = true
        changed.openUnsafe()
      })
    )
  )
  for (;;) {
    const number = reader.next
    const record = HistoryReader.read(history, reader)
    if (record !== undefined) yield* Queue.offer(queue, eventOf(record, number))
    else if (isOver) return void (yield* Queue.end(queue))
    else {
      changed.closeUnsafe()
      yield* changed.await
    }
  }
})

/** A record as an event. `number`: that of the row which was expected. */
const eventOf = (record: HistoryRecord, number: number): HistoryEvent => {
  switch (record._tag) {
    case "Row":
      return { _tag: "Row", number, row: Result.getOrThrow(CompactRow.decode(record.bytes)) }
    case "Missing":
      return { _tag: "Missing", number, count: record.count }
    case "Cleared":
      return { _tag: "Cleared", number: number + record.count }
  }
}
