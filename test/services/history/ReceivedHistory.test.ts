import { it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import { describe, expect } from "vitest"
import * as CompactRow from "../../../src/domain/history/CompactRow.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import * as HistoryRecord from "../../../src/domain/wire/streams/HistoryRecord.ts"
import * as ReceivedHistory from "../../../src/services/history/ReceivedHistory.ts"
import type { ByteStream } from "../../../src/services/transport/ByteStream.ts"
import type { TransportStreams } from "../../../src/services/transport/TransportStreams.ts"

const rowOf = (text: string): Row.Row =>
  FramePatch.patch(Frame.blank({ columns: 20, rows: 1 }), text).rows[0] as Row.Row

const row = (text: string): Uint8Array => HistoryRecord.encode({ _tag: "Row", bytes: CompactRow.encode(rowOf(text)) })
const missing = (count: number): Uint8Array => HistoryRecord.encode({ _tag: "Missing", count })
const cleared = (count: number): Uint8Array => HistoryRecord.encode({ _tag: "Cleared", count })

/** A stream from a server: the number of its first row, and its pieces. */
const streamOf = (first: number, pieces: ReadonlyArray<Uint8Array>, resets: Array<number>): ByteStream => {
  const left = [...pieces]
  const unused = Effect.die("not used")
  return {
    id: 0,
    kind: 1,
    header: HistoryRecord.encodeHeader(first),
    readable: Stream.empty,
    read: () => Effect.sync(() => left.shift()),
    write: () => unused,
    writeUnsafe: () => 0,
    writable: unused,
    room: unused,
    sink: Sink.drain,
    release: unused,
    finish: Effect.sync(() => void resets.push(-1)),
    reset: (code) => Effect.sync(() => void resets.push(code)),
    stopReading: () => unused,
    closed: unused
  }
}

/** A client's history after streams from a server, and the codes with which the streams ended (-1 if without one). */
const receive = Effect.fnUntraced(function* (
  streams: ReadonlyArray<{ readonly first: number; readonly pieces: ReadonlyArray<Uint8Array> }>,
  top = 1000
) {
  const resets: Array<number> = []
  const received: Array<HistoryRecord.Received> = []
  const done = yield* Latch.make()
  const ended = yield* Deferred.make<void>()
  const transport: TransportStreams = {
    open: () => Effect.die("not used"),
    accept: () =>
      Stream.fromIterable(streams.map(({ first, pieces }) => streamOf(first, pieces, resets))).pipe(
        Stream.ensuring(Effect.sync(() => void done.openUnsafe()))
      ),
    ready: Effect.void
  }
  const history = yield* ReceivedHistory.make({
    streams: transport,
    rows: 100,
    top: () => top,
    onReceived: (entries) => Effect.sync(() => void received.push(...entries)),
    ended: Deferred.await(ended)
  })
  yield* done.await
  return { history, received, resets, ended }
})

describe("a server's history", () => {
  it.effect("is kept under the server's numbers, however it arrives", () =>
    Effect.gen(function* () {
      const bytes = Buffer.concat([row("one"), row("two"), row("three")])
      const pieces = [bytes.subarray(0, 3), bytes.subarray(3, 4), bytes.subarray(4)]
      const { ended, history, received, resets } = yield* receive([{ first: 7, pieces }])
      expect([history.first(), history.end()]).toEqual([7, 10])
      expect(history.rows().map(Row.line)).toEqual(["one", "two", "three"])
      expect(received.map((entry) => entry.number)).toEqual([7, 8, 9])
      expect(resets).toEqual([-1])
      yield* Deferred.succeed(ended, undefined)
      const changes = yield* Stream.runCollect(history.changes(7))
      expect([...changes].map(({ _tag, number }) => [_tag, number])).toEqual([
        ["Row", 7],
        ["Row", 8],
        ["Row", 9]
      ])
    })
  )

  it.effect("has gaps where rows are missing, and is empty after it was erased", () =>
    Effect.gen(function* () {
      const gap = yield* receive([{ first: 0, pieces: [row("one"), missing(5), row("two")] }])
      expect([gap.history.first(), gap.history.end()]).toEqual([6, 7])
      const erased = yield* receive([{ first: 0, pieces: [row("one"), cleared(2), row("two")] }])
      expect([erased.history.first(), erased.history.end()]).toEqual([3, 4])
    })
  )

  it.effect(
    "is refused where it is malformed, repeats rows, or is far ahead of the screen, and the next one is read",
    () =>
      Effect.gen(function* () {
        const { REFUSED } = ReceivedHistory
        const malformed = yield* receive([
          { first: 0, pieces: [Uint8Array.of(9, 9, 9)] },
          { first: 0, pieces: [row("fine")] }
        ])
        expect(malformed.resets).toEqual([REFUSED, -1])
        expect(malformed.history.rows().map(Row.line)).toEqual(["fine"])

        const repeated = yield* receive([
          { first: 0, pieces: [row("one"), row("two")] },
          { first: 1, pieces: [row("again")] }
        ])
        expect(repeated.resets).toEqual([-1, REFUSED])
        expect(repeated.history.rows().map(Row.line)).toEqual(["one", "two"])

        const ahead = yield* receive([{ first: 5_000_000, pieces: [row("one")] }])
        expect(ahead.resets).toEqual([REFUSED])
        expect(ahead.received).toEqual([])
      })
  )
})
