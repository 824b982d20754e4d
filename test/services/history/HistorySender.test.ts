/**
 * How the rows of a session reach a client, in virtual time.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import * as Screen from "../../../src/domain/objects/Screen.ts"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import { StreamKind } from "../../../src/domain/streams/StreamKind.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import * as HistoryRecord from "../../../src/domain/wire/streams/HistoryRecord.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import * as XtermEmulator from "../../../src/services/node/xterm/XtermEmulator.ts"
import * as HistorySender from "../../../src/services/history/HistorySender.ts"
import * as Session from "../../../src/services/server/Session.ts"
import * as SessionTransport from "../../../src/services/server/SessionTransport.ts"
import * as Transport from "../../../src/services/transport/Transport.ts"
import * as FakePty from "../../../src/testing/FakePty.ts"
import * as SimulatedNetwork from "../../../src/testing/SimulatedNetwork.ts"

const program: Session.Program = { file: "sh", arguments: [], environment: {}, directory: "/" }
const size = { columns: 40, rows: 6 }
const OURS = Features.frames | Features.copies | Features.endings | Features.streams | Features.history

const cipher = () =>
  NodePacketCipher.layer(SessionKey.fromBytes(new Uint8Array(SessionKey.BYTES).fill(7)) as SessionKey.SessionKey)

interface Options {
  readonly path?: Partial<SimulatedNetwork.Path>
  readonly scrollback?: number
  /** What the client announces. */
  readonly features?: Features
  /** Printed before the client attaches. */
  readonly before?: string
  /** Whether the server reads the screen only when the client attaches and types. */
  readonly isBusy?: boolean
  /** The time that the client takes for 4 KiB, ms. */
  readonly pause?: number
  /** How many bytes the client reads of the stream; then it stops. */
  readonly reads?: number
}

/** A session and a client that collects rows. */
const start = Effect.fnUntraced(function* (options: Options = {}) {
  const pty = FakePty.make()
  const network = yield* SimulatedNetwork.make({ seed: 3, path: { delay: 50, ...options.path } })
  const session = yield* Session.make({ program, size, scrollback: options.scrollback }).pipe(
    Effect.provide(Layer.mergeAll(pty.layer, XtermEmulator.layer))
  )
  session.start()
  yield* TestClock.adjust(1)
  pty.print(options.before ?? "")
  const watch = options.isBusy === true ? () => Effect.void : session.watch
  const server = yield* SessionTransport.attach({ ...session, watch }, { network: Infinity, signal: 0 }).pipe(
    Effect.provide(yield* Layer.build(Layer.mergeAll(network.server, NodeCompression.layer, cipher())))
  )
  const states: Array<Screen.Screen> = []
  const client = yield* Transport.make<UserStream.UserStream, Screen.Screen>({
    role: "Client",
    local: { object: UserStream.object, initial: UserStream.EMPTY },
    remote: { object: Screen.object, initial: Screen.blank(size) },
    features: options.features ?? OURS,
    events: { onRemote: ({ state }) => void states.push(state), onStatus: () => undefined }
  }).pipe(Effect.provide(yield* Layer.build(Layer.mergeAll(network.client, NodeCompression.layer, cipher()))))
  client.publish(UserStream.resize(client.local(), size))
  const received: Array<HistoryRecord.Received> = []
  let opened = 0
  yield* client.streams.accept(StreamKind.history).pipe(
    Stream.runForEach((stream) =>
      Effect.gen(function* () {
        opened++
        const decoder = HistoryRecord.decoder(yield* Effect.fromResult(HistoryRecord.decodeHeader(stream.header)))
        let read = 0
        for (;;) {
          if (options.pause !== undefined) yield* Effect.sleep(options.pause)
          const piece = yield* stream.read(4096)
          if (piece === undefined) break
          received.push(...(yield* Effect.fromResult(HistoryRecord.read(decoder, piece))))
          read += piece.length
          if (read > (options.reads ?? Infinity)) return yield* stream.reset(0)
        }
        yield* stream.finish
      })
    ),
    Effect.exit,
    Effect.forkScoped
  )
  const screen = () => client.remote().state
  const until = Effect.fnUntraced(function* (isDone: () => boolean, limit = 120_000) {
    let passed = 0
    for (; !isDone() && passed < limit; passed += 10) yield* TestClock.adjust(10)
    expect(isDone()).toBe(true)
    return passed
  })
  return {
    pty,
    network,
    session,
    server,
    client,
    received,
    /** All states that the client received. */
    states,
    screen,
    until,
    opened: () => opened,
    /** The rows that arrived, and then the screen. */
    all: () => [...received.map(text), ...Frame.lines(screen().frame)].filter((line) => line !== ""),
    /** Whether the client has all rows above the screen that the server shows. */
    isComplete: () =>
      Frame.equals(screen().frame, session.frame()) &&
      screen().position?.top === session.history.end() &&
      numberAfter(received.at(-1)) === session.history.end()
  }
})

const numberAfter = (record: HistoryRecord.Received | undefined): number => {
  if (record === undefined) return 0
  return record.number + (record._tag === "Row" ? 1 : record._tag === "Missing" ? record.count : 0)
}

const text = (record: HistoryRecord.Received): string =>
  record._tag === "Row" ? Row.line(record.row) : record._tag === "Missing" ? `${record.count} missing` : "cleared"

const lines = (from: number, to: number): string => named(from, to).join("\r\n") + "\r\n"

const named = (from: number, to: number): ReadonlyArray<string> =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i))

describe("the rows that leave a session's screen", () => {
  it.effect("arrive each once, in order, with loss and delay", () =>
    Effect.gen(function* () {
      const { all, isComplete, pty, received, until } = yield* start({ path: { delay: 50, loss: 0.1 } })
      yield* TestClock.adjust(500)
      pty.print(lines(1, 3000) + "$ ")
      yield* until(isComplete)
      expect(all()).toEqual([...named(1, 3000), "$"])
      expect(received.every((record, i) => record._tag === "Row" && record.number === i)).toBe(true)
    })
  )

  it.effect("come with positions from the first state on, by which the client decides how to show the session", () =>
    Effect.gen(function* () {
      const { states } = yield* start({ isBusy: true, before: lines(1, 20) })
      yield* TestClock.adjust(500)
      expect(states.length).toBeGreaterThan(0)
      expect(states.filter(({ position }) => position === undefined)).toEqual([])
    })
  )

  it.effect("arrive while a program prints slowly, with the screen that follows them", () =>
    Effect.gen(function* () {
      const { isComplete, pty, received, until } = yield* start()
      yield* TestClock.adjust(500)
      for (let i = 1; i <= 100; i++) {
        pty.print(`${i}\r\n`)
        yield* until(isComplete, 1000)
      }
      expect(received.map(text)).toEqual(named(1, 95))
    })
  )

  it.effect(
    "are the newest 10,000 after a flood of 200,000 with pauses, below one count of those that are missing",
    () =>
      Effect.gen(function* () {
        const { isComplete, network, pty, received, until } = yield* start({ path: { delay: 50, loss: 0.1 } })
        yield* TestClock.adjust(500)
        const bytes = () =>
          network.sent
            .filter(({ direction }) => direction === "toClient")
            .reduce((sum, { datagram }) => sum + datagram.length, 0)
        const before = bytes()
        for (let i = 0; i < 40; i++) {
          pty.print(lines(i * 5000 + 1, i * 5000 + 5000))
          yield* TestClock.adjust(i % 8 === 7 ? 400 : 10)
        }
        // Screens and their repetitions; the rows are sent afterwards.
        expect(received.length).toBe(0)
        expect(bytes() - before).toBeLessThan(60_000)
        yield* until(isComplete)
        expect(received.map(text)).toEqual(["189995 missing", ...named(189_996, 199_995)])
        expect(bytes() - before).toBeLessThan(300_000)
      })
  )

  it.effect("wait for the screen on a slow path, and neither delay it nor overtake it", () =>
    Effect.gen(function* () {
      const { isComplete, pty, received, screen, until } = yield* start({ path: { delay: 100, bandwidth: 64_000 } })
      yield* TestClock.adjust(1000)
      pty.print(lines(1, 9000) + "$ ")
      const prompt = yield* until(() => Frame.lines(screen().frame).includes("$"))
      expect(prompt).toBeLessThan(1500)
      expect(received.length).toBeLessThan(1000)
      const position = screen().position?.top
      expect(position).toBe(8995)
      pty.print("typed")
      const echo = yield* until(() => Frame.lines(screen().frame).includes("$ typed"))
      expect(echo).toBeLessThan(2000)
      expect(received.length).toBeLessThan(8000)
      yield* until(isComplete)
      expect(received.map(text)).toEqual(named(1, 8995))
    })
  )

  it.effect("begin with the oldest one that is kept when a client attaches late", () =>
    Effect.gen(function* () {
      const { isComplete, received, until } = yield* start({ before: lines(1, 300), scrollback: 100 })
      yield* until(isComplete)
      expect(received.map(text)).toEqual(named(196, 295))
      expect(received[0]?.number).toBe(195)
    })
  )

  it.effect("are not sent at the beginning of a flood either", () =>
    Effect.gen(function* () {
      const { isComplete, pty, received, until } = yield* start({ scrollback: 500 })
      yield* TestClock.adjust(500)
      for (let from = 1; from <= 3001; from += 60) {
        pty.print(lines(from, from + 59))
        yield* TestClock.adjust(4)
      }
      yield* until(isComplete)
      expect(received.map(text)).toEqual(["2555 missing", ...named(2556, 3055)])
    })
  )

  it.effect("are erased at the client by CSI 3 J, together with its frame", () =>
    Effect.gen(function* () {
      const { isComplete, pty, received, screen, until } = yield* start()
      yield* TestClock.adjust(500)
      pty.print(lines(1, 20))
      yield* until(isComplete)
      pty.print("\x1b[H\x1b[2J\x1b[3J$ ")
      yield* until(() => isComplete() && received.at(-1)?._tag === "Cleared")
      expect(screen().position).toEqual({ top: 20, first: 20, alternate: false })
      expect(received.at(-1)).toEqual({ _tag: "Cleared", number: 20 })
      pty.print("\x1b[?1049h")
      yield* until(() => screen().position?.alternate === true)
    })
  )

  it.effect("arrive when a client returns that was away while they left", () =>
    Effect.gen(function* () {
      const { all, isComplete, network, pty, server, until } = yield* start()
      yield* TestClock.adjust(500)
      pty.print(lines(1, 20))
      yield* until(isComplete)
      network.filter = () => false
      yield* until(() => !server.status().attached, 3_600_000)
      pty.print(lines(21, 200) + "$ ")
      yield* TestClock.adjust(1000)
      network.filter = () => true
      yield* until(isComplete)
      expect(all()).toEqual([...named(1, 200), "$"])
    })
  )

  it.effect("all arrive before the session ends", () =>
    Effect.gen(function* () {
      const { all, client, pty, until } = yield* start({ path: { delay: 50, loss: 0.1, bandwidth: 1_000_000 } })
      yield* TestClock.adjust(500)
      pty.print(lines(1, 5000))
      pty.exit({ code: 0, signal: 0 })
      let isOver = false
      yield* Effect.forkScoped(
        Effect.andThen(
          client.ended,
          Effect.sync(() => void (isOver = true))
        )
      )
      yield* until(() => isOver)
      expect(all()).toEqual(named(1, 5000))
    })
  )

  it.effect("are all read before the session ends by a client that draws slowly", () =>
    Effect.gen(function* () {
      const { all, client, pty, until } = yield* start({ pause: 200 })
      yield* TestClock.adjust(500)
      pty.print(lines(1, 3000))
      pty.exit({ code: 0, signal: 0 })
      let isOver = false
      yield* Effect.forkScoped(
        Effect.andThen(
          client.ended,
          Effect.sync(() => void (isOver = true))
        )
      )
      yield* until(() => isOver)
      expect(all()).toEqual(named(1, 3000))
    })
  )

  it.effect("do not hold up the end of a session for longer than their limit", () =>
    Effect.gen(function* () {
      const { client, pty, until } = yield* start({ path: { delay: 50, bandwidth: 20_000 } })
      yield* TestClock.adjust(500)
      pty.print(lines(1, 9000))
      pty.exit({ code: 0, signal: 0 })
      let isOver = false
      yield* Effect.forkScoped(
        Effect.andThen(
          client.ended,
          Effect.sync(() => void (isOver = true))
        )
      )
      expect(yield* until(() => isOver)).toBeLessThan(HistorySender.LAST_ROWS + 5000)
    })
  )

  it.effect("are not sent to clients that do not ask for them, nor are positions", () =>
    Effect.gen(function* () {
      for (const features of [Features.stock, Features.frames | Features.streams]) {
        const { client, opened, pty, screen, session, until } = yield* start({ features })
        yield* TestClock.adjust(500)
        pty.print(lines(1, 100))
        yield* until(() => Frame.lines(screen().frame).join() === Frame.lines(session.frame()).join())
        expect(screen().position).toBeUndefined()
        expect(opened()).toBe(0)
        // The server publishes nothing that differs in the position alone.
        const before = client.status().counters.received
        pty.print("\r\n".repeat(6))
        yield* TestClock.adjust(1000)
        const between = client.status().counters.received
        pty.print("\r\n".repeat(6))
        yield* TestClock.adjust(1000)
        expect(client.status().counters.received - between).toBeLessThan(between - before)
      }
    })
  )

  it.effect("are not sent by a server without a history, which does not announce the feature", () =>
    Effect.gen(function* () {
      const { client, opened, pty, screen } = yield* start({ scrollback: 0 })
      yield* TestClock.adjust(500)
      pty.print(lines(1, 100))
      yield* TestClock.adjust(1000)
      expect(client.status().peerFeatures & Features.history).toBe(0)
      expect(client.status().peerFeatures & Features.streams).not.toBe(0)
      expect(screen().position).toBeUndefined()
      expect(opened()).toBe(0)
    })
  )

  it.effect("do not reach a client that stops reading, whose session goes on", () =>
    Effect.gen(function* () {
      const { pty, received, screen, until } = yield* start({ reads: 1000 })
      yield* TestClock.adjust(500)
      for (let i = 0; i < 50; i++) {
        pty.print(lines(i * 50 + 1, i * 50 + 50))
        yield* TestClock.adjust(100)
      }
      pty.print("$ ")
      yield* until(() => Frame.lines(screen().frame).includes("$"))
      expect(received.length).toBeLessThan(1000)
      expect(screen().position?.top).toBe(2495)
    })
  )
})
