import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import * as XtermEmulator from "../../../src/services/node/xterm/XtermEmulator.ts"
import type { Terminal } from "../../../src/services/server/Application.ts"
import * as Session from "../../../src/services/server/Session.ts"
import type { HistoryEvent } from "../../../src/services/history/SessionHistory.ts"
import * as FakePty from "../../../src/testing/FakePty.ts"

const program: Session.Program = { file: "sh", arguments: [], environment: {}, directory: "/" }
const size = { columns: 20, rows: 5 }

/** A session whose program has started; `options` change it. */
const open = (pty: FakePty.FakePty, options: Partial<Session.SessionOptions> = {}) =>
  Effect.tap(
    Session.make({ program, size, ...options }).pipe(Effect.provide(Layer.mergeAll(pty.layer, XtermEmulator.layer))),
    (session) => Effect.andThen(Effect.sync(session.start), TestClock.adjust(0))
  )

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\r\n`).join("")

const told = (event: HistoryEvent): string =>
  event._tag === "Row"
    ? `${event.number}: ${Row.line(event.row)}`
    : event._tag === "Missing"
      ? `${event.number}: ${event.count} missing`
      : `${event.number}: cleared`

describe("the history of a session", () => {
  it.effect("collects rows from the greeting on, before a client is there", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const session = yield* open(pty, { program: { ...program, greeting: "1\n2\n3\n" } })
      pty.print("4\r\n5\r\n6\r\n$ ")
      expect(session.history.rows().map(Row.line)).toEqual(["1", "2"])
      expect([session.history.first(), session.history.end()]).toEqual([0, 2])
      expect(session.position()).toEqual({ top: 2, first: 0, alternate: false })
      expect(Frame.lines(session.frame())).toEqual(["3", "4", "5", "6", "$"])
      expect(Row.line(session.history.row(1) as Row.Row)).toBe("2")
      expect(session.history.row(2)).toBeUndefined()
      expect(session.history.rows(1).map(Row.line)).toEqual(["2"])
      pty.print("\x1b[?1049h\x1b[3J")
      expect(session.position()).toEqual({ top: 2, first: 2, alternate: true })
    })
  )

  it.effect("streams the kept rows, then each that leaves, and ends with the session", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const session = yield* open(pty)
      pty.print(lines(1, 6))
      const events: Array<string> = []
      const reading = yield* Effect.forkScoped(
        Stream.runForEach(session.history.changes(), (event) => Effect.sync(() => events.push(told(event))))
      )
      const received = Effect.fnUntraced(function* (count: number) {
        while (events.length < count) yield* TestClock.adjust(1)
      })
      yield* received(2)
      pty.print(lines(7, 8))
      yield* received(4)
      pty.print("\x1b[3J")
      yield* received(5)
      pty.print(lines(9, 9))
      pty.exit({ code: 0, signal: 0 })
      while (reading.pollUnsafe() === undefined) yield* TestClock.adjust(1)
      expect(events).toEqual(["0: line 1", "1: line 2", "2: line 3", "3: line 4", "4: cleared", "4: line 5"])
    })
  )

  it.effect("reports how many rows a slow reader missed, and gives it all that are kept", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const session = yield* open(pty, { scrollback: 100 })
      pty.print(lines(1, 10))
      const events: Array<string> = []
      const reading = yield* Effect.forkScoped(
        Stream.runForEach(session.history.changes(2), (event) =>
          Effect.andThen(
            Effect.sync(() => events.push(told(event))),
            events.length < 3 ? Effect.sleep(1000) : Effect.void
          )
        )
      )
      yield* TestClock.adjust(100)
      pty.print(lines(11, 5000))
      pty.exit({ code: 0, signal: 0 })
      yield* TestClock.adjust(10_000)
      yield* Fiber.join(reading)
      expect(events[0]).toBe("2: line 3")
      expect(events.filter((event) => event.endsWith("missing"))).toEqual(["6: 4890 missing"])
      expect(events.slice(-100)).toEqual(Array.from({ length: 100 }, (_, i) => `${4896 + i}: line ${4897 + i}`))
    })
  )

  it.effect("is empty, and has no position, if none is kept", () =>
    Effect.gen(function* () {
      for (const scrollback of [0, -1, Number.NaN]) {
        const pty = FakePty.make()
        const session = yield* open(pty, { scrollback })
        pty.print(lines(1, 100))
        expect([session.history.first(), session.history.end(), session.history.rows()]).toEqual([0, 0, []])
        expect(session.position()).toBeUndefined()
        expect([...(yield* Stream.runCollect(session.history.changes()))]).toEqual([])
      }
    })
  )

  it.effect("has no rows of the frames that an application shows, which count as an alternate screen", () =>
    Effect.gen(function* () {
      const application = (terminal: Terminal) =>
        terminal
          .show(Frame.blank(size))
          .pipe(
            Effect.andThen(Effect.sleep(10)),
            Effect.andThen(terminal.write(lines(1, 5))),
            Effect.andThen(Effect.never)
          )
      const session = yield* open(FakePty.make(), { program: application })
      expect(session.position()).toEqual({ top: 0, first: 0, alternate: true })
      yield* TestClock.adjust(10)
      expect(session.position()).toEqual({ top: 1, first: 0, alternate: false })
    })
  )
})
