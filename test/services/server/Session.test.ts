import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import type { Frame } from "../../../src/domain/terminal/Frame.ts"
import * as XtermEmulator from "../../../src/services/node/xterm/XtermEmulator.ts"
import * as ProgramInput from "../../../src/services/server/ProgramInput.ts"
import * as ScreenWatchers from "../../../src/services/server/ScreenWatchers.ts"
import * as Session from "../../../src/services/server/Session.ts"
import * as FakePty from "../../../src/testing/FakePty.ts"
import { rowText } from "./screens.ts"

const program: Session.Program = { file: "sh", arguments: ["-i"], environment: { A: "1" }, directory: "/home" }
const size = { columns: 20, rows: 5 }

const open = (pty: FakePty.FakePty, options: Partial<Session.Program> = {}) =>
  Session.make({ program: { ...program, ...options }, size }).pipe(
    Effect.provide(Layer.mergeAll(pty.layer, XtermEmulator.layer))
  )

const top = (frame: Frame) => rowText(frame, 0)

describe("Session", () => {
  it.effect("starts its program once, when start is called, at the current size", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const session = yield* open(pty)
      yield* TestClock.adjust("1 minute")
      expect(pty.started()).toBeUndefined()
      session.resize({ columns: 40, rows: 12 })
      session.resize({ columns: 50, rows: 15 })
      session.start()
      session.start()
      yield* TestClock.adjust(0)
      expect(pty.started()).toMatchObject({ ...program, size: { columns: 50, rows: 15 } })
      expect(pty.sizes).toEqual([{ columns: 50, rows: 15 }])
      session.resize({ columns: 30, rows: 9 })
      expect(pty.sizes.at(-1)).toEqual({ columns: 30, rows: 9 })
      expect(session.frame().size).toEqual({ columns: 30, rows: 9 })
    })
  )

  it.effect("keeps what is typed and resized while the program starts, in order", () =>
    Effect.gen(function* () {
      const pty = FakePty.make({ delay: 100 })
      const session = yield* open(pty)
      session.type(Buffer.from("a"))
      session.start()
      yield* TestClock.adjust(50)
      session.type(Buffer.from("b"))
      session.resize({ columns: 30, rows: 9 })
      expect(pty.typed()).toBe("")
      yield* TestClock.adjust(50)
      session.type(Buffer.from("c"))
      expect(pty.typed()).toBe("abc")
      expect(pty.sizes).toEqual([size, { columns: 30, rows: 9 }])
    })
  )

  it.effect("shows no half-drawn frame during a synchronized update, for at most a second", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const session = yield* open(pty)
      session.start()
      yield* TestClock.adjust(0)
      let changes = 0
      yield* session.watch(() => {
        changes++
      })
      pty.print("one\x1b[?2026h\x1b[2J\x1b[H")
      const { position } = session
      const before = position()
      pty.print("tw\r\n\n\n\n\n\n")
      yield* TestClock.adjust(100)
      expect(top(session.frame())).toBe("one")
      expect(position()).toEqual(before)
      expect(changes).toBe(1)
      pty.print("\x1b[Htwo\x1b[?2026l")
      expect(top(session.frame())).toBe("two")
      // The erased row, and those that scrolled off.
      expect(position()?.top).toBe(3)
      yield* TestClock.adjust(100)
      expect(changes).toBe(2)

      // Its program hangs.
      pty.print("\x1b[?2026h\x1b[Hthree")
      yield* TestClock.adjust(999)
      expect(top(session.frame())).toBe("two")
      yield* TestClock.adjust(10)
      expect(top(session.frame())).toBe("three")
      expect(changes).toBe(4)
      pty.print("\x1b[Hfour \x1b[?2026l\x1b[?2026h\x1b[Hfive ")
      expect(top(session.frame())).toBe("four")
      session.resize({ columns: 30, rows: 9 })
      expect(session.frame().size).toEqual({ columns: 30, rows: 9 })
      expect(top(session.frame())).toBe("five")
    })
  )

  it.effect("shows the greeting, then the program's output, and answers its questions", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const session = yield* open(pty, { greeting: "Welcome\nhere\r\n" })
      session.start()
      yield* TestClock.adjust(0)
      pty.print("$ \x1b[5n")
      expect([0, 1, 2].map((row) => rowText(session.frame(), row))).toEqual(["Welcome", "here", "$"])
      expect(session.frame().cursor).toMatchObject({ row: 2, column: 2 })
      expect(pty.typed()).toBe("\x1b[0n")
    })
  )

  it.effect("waits for a greeting that is not ready yet", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const session = yield* open(pty, { greeting: Effect.as(Effect.sleep(100), "Welcome\n") })
      session.start()
      yield* TestClock.adjust(99)
      expect(pty.started()).toBeUndefined()
      yield* TestClock.adjust(1)
      expect(pty.started()).toBeDefined()
      expect(top(session.frame())).toBe("Welcome")
    })
  )

  it.effect("stops answering a program that asks and never reads", () =>
    Effect.gen(function* () {
      const pty = FakePty.make({ reads: false })
      const session = yield* open(pty)
      session.start()
      yield* TestClock.adjust(0)
      pty.print("\x1b[5n".repeat(100_000))
      expect(pty.typed().length).toBeGreaterThan(60_000)
      expect(pty.typed().length).toBeLessThan(70_000)
      session.type(Buffer.from("x"))
      expect(pty.typed().at(-1)).toBe("x")
    })
  )

  it.effect("interprets outputs one after the other when a program prints while it receives a reply", () =>
    Effect.gen(function* () {
      const pty = FakePty.make({ onTyped: (_, { print }) => print("<answer>") })
      const session = yield* open(pty)
      session.start()
      yield* TestClock.adjust(0)
      pty.print("a\x1b[6nb")
      expect(pty.typed()).toBe("\x1b[1;2R")
      expect(top(session.frame())).toBe("ab<answer>")
    })
  )

  it.effect("bounds the input of a program that does not read, and reports what is lost", () =>
    Effect.gen(function* () {
      const pty = FakePty.make({ reads: false })
      const session = yield* open(pty)
      session.start()
      yield* TestClock.adjust(0)
      const piece = Buffer.alloc(1_048_576, "k")
      for (let i = 0; i < 40; i++) session.type(piece)
      expect(pty.typed().length).toBe(ProgramInput.MAX_PENDING_INPUT)
      const screen = [0, 1, 2, 3, 4].map((row) => rowText(session.frame(), row)).join("")
      expect(screen).toContain("what is typed now is lost")
    })
  )

  it.effect("limits sizes to those that a screen can have", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const session = yield* open(pty)
      session.start()
      yield* TestClock.adjust(0)
      session.resize({ columns: 4096, rows: 256 })
      expect(pty.sizes.at(-1)).toEqual({ columns: 2000, rows: 256 })
      expect(session.frame().size).toEqual({ columns: 2000, rows: 256 })
    })
  )

  it.effect("reports changes soon, and then at its pace, however much is printed", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const session = yield* open(pty)
      let calls = 0
      yield* session.watch(() => {
        calls += 1
      })
      session.start()
      yield* TestClock.adjust(100)
      calls = 0
      for (let ms = 0; ms < 400; ms++) {
        for (let i = 0; i < 20; i++) pty.print("flood\r\n")
        yield* TestClock.adjust(1)
      }
      expect(calls).toBeLessThanOrEqual(400 / ScreenWatchers.MIN_WATCH_INTERVAL + 1)
      expect(calls).toBeGreaterThan(400 / ScreenWatchers.MIN_WATCH_INTERVAL / 2)
      yield* TestClock.adjust(100)
      const before = calls
      pty.print("last")
      yield* TestClock.adjust(0)
      expect(calls).toBe(before + 1)
    })
  )

  it.effect("keeps its pace when a watcher returns no number", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const session = yield* open(pty)
      session.start()
      yield* TestClock.adjust(100)
      let calls = 0
      yield* session.watch(() => {
        calls += 1
        if (calls < 100) pty.print("more")
        return NaN
      })
      pty.print("first")
      yield* TestClock.adjust(10 * ScreenWatchers.MIN_WATCH_INTERVAL)
      expect(calls).toBeGreaterThan(5)
      expect(calls).toBeLessThanOrEqual(11)
    })
  )

  it.effect("is a stream of screens that ends on the newest", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const session = yield* open(pty)
      const seen = yield* Effect.forkChild(
        session.frames.pipe(
          Stream.map(top),
          Stream.takeUntil((text) => text === "done"),
          Stream.runCollect
        )
      )
      session.start()
      yield* TestClock.adjust(10)
      for (const text of ["a", "ab", "done"]) {
        pty.print(`\r${text}`)
        yield* TestClock.adjust(10)
      }
      expect(yield* Fiber.join(seen)).toEqual(["", "a", "ab", "done"])
    })
  )

  it.effect("ends with its program, whose last output is on the screen", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const session = yield* open(pty)
      session.start()
      yield* TestClock.adjust(0)
      pty.print("bye")
      pty.exit({ code: 3, signal: 0 })
      expect(yield* session.ended).toEqual({ _tag: "Exited", exit: { code: 3, signal: 0 } })
      expect(top(session.frame())).toBe("bye")
      session.type(Buffer.from("too late"))
      expect(pty.typed()).toBe("")
    })
  )

  it.effect("shows why its program cannot be started, and leaves time to read it", () =>
    Effect.gen(function* () {
      const pty = FakePty.make({ refusal: "no such file" })
      const session = yield* open(pty)
      const ended = yield* Effect.forkChild(session.ended)
      session.start()
      yield* TestClock.adjust(Session.NOT_STARTED_NOTICE - 1)
      expect(top(session.frame())).toContain("mosh-server: cannot")
      expect(ended.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust(1)
      expect(yield* Fiber.join(ended)).toMatchObject({ _tag: "NotStarted", error: { reason: "no such file" } })
    })
  )

  it.effect("hangs up when its scope closes", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const scope = yield* Scope.make()
      const session = yield* Scope.provide(open(pty), scope)
      session.start()
      yield* TestClock.adjust(0)
      expect(pty.hungUp()).toBe(false)
      yield* Scope.close(scope, Exit.void)
      expect(pty.hungUp()).toBe(true)
    })
  )
})
