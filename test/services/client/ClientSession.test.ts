import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as Screen from "../../../src/domain/objects/Screen.ts"
import * as Timing from "../../../src/domain/ssp/Timing.ts"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import { blank, type Frame, type Size } from "../../../src/domain/terminal/Frame.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { RowEditor } from "../../../src/domain/terminal/RowEditor.ts"
import * as ClientSession from "../../../src/services/client/ClientSession.ts"
import { MAX_UNACKNOWLEDGED, type SessionOptions } from "../../../src/services/client/MoshClient.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import { Predictor } from "../../../src/services/client/Predictor.ts"
import { millis as monotonicMillis } from "../../../src/services/runtime/Actor.ts"
import * as Transport from "../../../src/services/transport/Transport.ts"
import * as SimulatedNetwork from "../../../src/testing/SimulatedNetwork.ts"
import { seedOr } from "../../support/seed.ts"

const SIZE: Size = { columns: 60, rows: 5 }
const encoder = new TextEncoder()
const decoder = new TextDecoder()

const layer = (datagrams: SimulatedNetwork.SimulatedNetwork["client"]) =>
  Layer.mergeAll(
    datagrams,
    NodeCompression.layer,
    Predictor.off,
    Layer.fresh(Layer.suspend(() => NodePacketCipher.layer(Redacted.make(new Uint8Array(16)))))
  )

/** A server whose screen shows the last typed text in the second row, and which records the sizes it receives. */
const serve = Effect.fnUntraced(function* (network: SimulatedNetwork.SimulatedNetwork) {
  const sizes: Array<Size> = []
  let typed = ""
  let seen = UserStream.EMPTY
  let shown: Frame | undefined
  const transport: Transport.Transport<Screen.Screen, UserStream.UserStream> = yield* Transport.make({
    role: "Server",
    local: { object: Screen.object, initial: Screen.blank({ columns: 80, rows: 24 }) },
    remote: { object: UserStream.object, initial: UserStream.EMPTY },
    features: Features.frames,
    minDelay: Timing.MIN_DELAY_SERVER,
    events: {
      onRemote: ({ state }) => {
        for (const event of UserStream.since(state, seen)) {
          if (event._tag === "Keys") typed += decoder.decode(event.bytes)
          else sizes.push(event.size)
        }
        seen = state
        transport.publish({ frame: shown ?? screen(sizes.at(-1) ?? SIZE, typed), echoAck: 0n })
      },
      onStatus: () => undefined
    }
  }).pipe(Effect.provide(layer(network.server)))
  /** From now on, the screen is this one. */
  const show = (frame: Frame) => {
    shown = frame
    transport.publish({ frame, echoAck: 0n })
  }
  return { transport, sizes, show, typed: () => typed }
})

const screen = (size: Size, typed: string): Frame => {
  const editor = new RowEditor(Row.blank(size.columns))
  editor.write(0, typed.slice(-20), Rendition.DEFAULT)
  const frame = blank(size)
  return { ...frame, title: "shell", rows: frame.rows.map((row, y) => (y === 1 ? editor.row() : row)) }
}

const rowText = (frame: Frame, y: number): string => {
  const row = frame.rows[y] as Row.Row
  return Array.from({ length: Row.columns(row) }, (_, column) => Row.text(row, column) || " ")
    .join("")
    .trimEnd()
}

const connect = (network: SimulatedNetwork.SimulatedNetwork, options?: Partial<SessionOptions>) =>
  ClientSession.make({ size: SIZE, quitHint: "[hint]", help: "Commands", titlePrefix: true, ...options }).pipe(
    Effect.provide(layer(network.client))
  )

const start = Effect.fnUntraced(function* (options?: Partial<SessionOptions>) {
  const network = yield* SimulatedNetwork.make({ seed: seedOr(1), path: { delay: 20 } })
  const server = yield* serve(network)
  const pictures: Array<Frame> = []
  const client = yield* connect(network, { onPicture: (picture) => pictures.push(picture), ...options })
  yield* TestClock.adjust("1 second")
  return { network, server, client, pictures }
})

describe("ClientSession", () => {
  it.effect("sends its size first, then what is typed, and shows the server's response", () =>
    Effect.gen(function* () {
      const { client, pictures, server } = yield* start()
      expect(server.sizes).toEqual([SIZE])
      yield* client.type(encoder.encode("hello"))
      client.resize({ columns: 40, rows: 4 })
      yield* TestClock.adjust("1 second")
      expect(server.sizes).toEqual([SIZE, { columns: 40, rows: 4 }])
      expect(rowText(client.picture(), 1)).toBe("hello")
      expect(client.picture().size).toEqual({ columns: 40, rows: 4 })
      expect(client.picture().title).toBe("[mosh] shell")
      expect(pictures.at(-1)).toBe(client.picture())
      expect(client.held()).toBe(0)
    })
  )

  it.effect("gives its times on the clock that monotonicMillis reads", () =>
    Effect.gen(function* () {
      const { client } = yield* start()
      const now = yield* monotonicMillis
      yield* client.type("x")
      yield* TestClock.adjust("1 second")
      const heard = client.status().lastHeard
      expect(now() - heard).toBeGreaterThan(900)
      expect(now() - heard).toBeLessThanOrEqual(1000)
      yield* TestClock.adjust(1234)
      expect(now() - heard).toBeGreaterThan(1234)
      expect(now()).toBe(Number((yield* Clock.monotonicTimeNanos) / 1_000_000n))
    })
  )

  it.effect("reduces any size to one that a screen can have", () =>
    Effect.gen(function* () {
      const { client, server } = yield* start()
      for (const side of [NaN, -3, 0, Infinity, 7.9]) {
        client.resize({ columns: side, rows: side })
        yield* TestClock.adjust("1 second")
      }
      expect(server.sizes.slice(1)).toEqual([
        { columns: 1, rows: 1 },
        { columns: 1, rows: 1 },
        { columns: 1, rows: 1 },
        { columns: 2000, rows: 524 },
        { columns: 7, rows: 7 }
      ])
    })
  )

  it.effect("gives each reader the current picture, then the newest ones, and the end", () =>
    Effect.gen(function* () {
      const { client } = yield* start()
      const reading = yield* Effect.forkChild(Stream.runCollect(client.pictures), { startImmediately: true })
      yield* client.type(encoder.encode("a"))
      yield* TestClock.adjust("1 second")
      const ended = yield* Effect.forkChild(client.shutdown("Exiting..."))
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(ended)).toEqual({ _tag: "Acknowledged" })
      const read = yield* Fiber.join(reading)
      expect(rowText(read[0] as Frame, 1)).toBe("")
      const last = read.at(-1) as Frame
      expect(rowText(last, 1)).toBe("a")
      expect(rowText(last, 0)).toBe("")
      expect(last.title).toBe("shell")
    })
  )

  it.effect("shows an error in the bar, and removes it when it is over", () =>
    Effect.gen(function* () {
      const { client, network } = yield* start()
      network.shape("both", { loss: 1 })
      yield* TestClock.adjust("8 seconds")
      expect(rowText(client.picture(), 0)).toMatch(/^mosh: Last contact [78] seconds ago\. \[hint\]$/)
      client.showHelp(true)
      expect(rowText(client.picture(), 0)).toMatch(/^mosh: Commands \([78] s without contact\.\)$/)
      client.showHelp(false)
      network.shape("both", { loss: 0 })
      yield* TestClock.adjust("4 seconds")
      expect(rowText(client.picture(), 0)).toBe("")
    })
  )

  it.effect("shows its status on request, and updates it while it is shown", () =>
    Effect.gen(function* () {
      const { client, network } = yield* start()
      const top = () => rowText(client.picture(), 0)
      client.toggleStatus()
      expect(top()).toMatch(/^mosh: 4\d ms, \d s ago, .*0\/0 wrong$/)
      network.shape("both", { loss: 1 })
      yield* TestClock.adjust("9 seconds")
      expect(top()).toMatch(/^mosh: 4\d ms, ([89]|1\d) s ago, /)
      yield* TestClock.adjust("1 second")
      expect(top()).toMatch(/^mosh: Last contact/)
      client.toggleStatus()
      expect(top()).toMatch(/^mosh: 4\d ms, /)
      client.toggleStatus()
      expect(top()).toMatch(/^mosh: Last contact/)
    })
  )

  it.effect("shows the bar in the first row that the terminal shows of a higher screen", () =>
    Effect.gen(function* () {
      const { client, server } = yield* start()
      const high = screen({ columns: 80, rows: 12 }, "")
      server.show({ ...high, cursor: { ...high.cursor, row: 11 } })
      yield* TestClock.adjust("1 second")
      client.showHelp(true)
      expect(rowText(client.picture(), 12 - SIZE.rows)).toBe("mosh: Commands")
      expect(rowText(client.picture(), 0)).toBe("")
      client.resize({ columns: 80, rows: 12 })
      expect(rowText(client.picture(), 0)).toBe("mosh: Commands")
    })
  )

  it.effect("cannot detach from a server without streams, and continues", () =>
    Effect.gen(function* () {
      const { client, server } = yield* start()
      expect(yield* Effect.flip(client.detach)).toMatchObject({ _tag: "StreamError", reason: "Unsupported" })
      expect(client.notification()).toBe(undefined)
      client.notify("Cannot.")
      expect(rowText(client.picture(), 0)).toBe("mosh: Cannot. [hint]")
      yield* client.type(encoder.encode("still here"))
      yield* TestClock.adjust("1 second")
      expect(server.typed()).toBe("still here")
    })
  )

  it.effect("gives up on a server that never answered", () =>
    Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make({ seed: 1, path: { loss: 1 } })
      const client = yield* connect(network)
      yield* TestClock.adjust("300 millis")
      expect(rowText(client.picture(), 0)).toBe("mosh: No answer on UDP port 60001; giving up in 15 s. [hint]")
      yield* TestClock.adjust("14700 millis")
      expect(rowText(client.picture(), 0)).toContain("mosh: Timed out waiting for server...")
      const ended = yield* Effect.forkChild(client.ended)
      // No shutdown handshake with a server from which nothing was received.
      yield* TestClock.adjust("750 millis")
      expect(yield* Fiber.join(ended)).toEqual({ _tag: "TimedOut" })
      expect(client.status().lastHeard).toBe(-Infinity)
    })
  )

  it.effect("gives up earlier with giveUpAfter", () =>
    Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make({ seed: 1, path: { loss: 1 } })
      const client = yield* connect(network, { giveUpAfter: 3000, notifications: false })
      yield* TestClock.adjust("2900 millis")
      expect(client.notification()).toContain("No answer on UDP port 60001; giving up in 1 s.")
      yield* TestClock.adjust("100 millis")
      expect(client.notification()).toContain("Timed out waiting for server...")
      expect(rowText(client.picture(), 0)).toBe("")
    })
  )

  it.effect("ends when the server does", () =>
    Effect.gen(function* () {
      const { client, server } = yield* start()
      yield* Effect.forkChild(server.transport.shutdown)
      yield* TestClock.adjust("1 second")
      expect(yield* client.ended).toEqual({ _tag: "PeerShutdown" })
    })
  )

  it.effect("bounds how much of a paste it holds while the server is unreachable, and loses nothing of it", () =>
    Effect.gen(function* () {
      const { client, network, server } = yield* start()
      const paste = Array.from({ length: 400_000 }, (_, i) => `${i}\n`).join("")
      const bytes = encoder.encode(paste)
      expect(bytes.length).toBeGreaterThan(2 * MAX_UNACKNOWLEDGED)
      network.shape("both", { loss: 1 })
      const pasting = yield* Effect.forkChild(
        Effect.forEach(
          Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, i) => bytes.slice(i * 65_536, (i + 1) * 65_536)),
          client.type
        ),
        { startImmediately: true }
      )
      yield* TestClock.adjust("5 seconds")
      expect(client.held()).toBeGreaterThanOrEqual(MAX_UNACKNOWLEDGED)
      expect(client.held()).toBeLessThan(MAX_UNACKNOWLEDGED + 65_536)
      network.shape("both", { loss: 0 })
      yield* TestClock.adjust("60 seconds")
      yield* Fiber.join(pasting)
      expect(client.held()).toBe(0)
      expect(server.typed() === paste).toBe(true)
    })
  )

  it.effect("is silent once its scope is closed", () =>
    Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make({ seed: 1 })
      const scope = yield* Scope.make()
      const client = yield* connect(network).pipe(Scope.provide(scope))
      yield* Scope.close(scope, Exit.void)
      const before = network.sent.length
      client.typeUnsafe(encoder.encode("x"))
      yield* TestClock.adjust("10 seconds")
      expect(network.sent.length).toBe(before)
    })
  )
})
