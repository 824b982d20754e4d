/**
 * A session and its client in virtual time, with only the network and the program simulated.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import type * as Lifetime from "../../../src/domain/session/Lifetime.ts"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import * as Screen from "../../../src/domain/objects/Screen.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import { RESPONSE_DELAY, MIN_DELAY_CLIENT } from "../../../src/domain/ssp/Timing.ts"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import * as XtermEmulator from "../../../src/services/node/xterm/XtermEmulator.ts"
import * as Session from "../../../src/services/server/Session.ts"
import * as SessionTransport from "../../../src/services/server/SessionTransport.ts"
import * as Transport from "../../../src/services/transport/Transport.ts"
import * as FakePty from "../../../src/testing/FakePty.ts"
import * as SimulatedNetwork from "../../../src/testing/SimulatedNetwork.ts"
import { rowText } from "./screens.ts"

const program: Session.Program = { file: "sh", arguments: [], environment: {}, directory: "/" }
const size = { columns: 40, rows: 6 }
const forEver: Lifetime.Limits = { network: Infinity, signal: 0 }

const cipher = Effect.suspend(() => {
  const key = SessionKey.fromBytes(new Uint8Array(SessionKey.BYTES).fill(7))
  return key === undefined ? Effect.die("no key") : Effect.succeed(NodePacketCipher.layer(key))
})

const serve = Effect.fnUntraced(function* (pty: FakePty.FakePty, limits = forEver, onFrame = () => {}) {
  const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 10 } })
  const session = yield* Session.make({ program, size: { columns: 80, rows: 24 } }).pipe(
    Effect.provide(Layer.mergeAll(pty.layer, XtermEmulator.layer))
  )
  const frame = () => {
    onFrame()
    return session.frame()
  }
  const server = yield* SessionTransport.attach({ ...session, frame }, limits).pipe(
    Effect.provide(yield* Layer.build(Layer.mergeAll(network.server, NodeCompression.layer, yield* cipher)))
  )
  return { network, session, server, ended: yield* Effect.forkChild(server.ended) }
})

const connect = Effect.fnUntraced(function* (
  network: SimulatedNetwork.SimulatedNetwork,
  features: Features = Features.frames
) {
  const screens: Array<Screen.Screen> = []
  const transport = yield* Transport.make<UserStream.UserStream, Screen.Screen>({
    role: "Client",
    local: { object: UserStream.object, initial: UserStream.EMPTY },
    remote: { object: Screen.object, initial: Screen.blank(size) },
    features,
    minDelay: MIN_DELAY_CLIENT,
    events: { onRemote: ({ state }) => screens.push(state), onStatus: () => undefined }
  }).pipe(Effect.provide(yield* Layer.build(Layer.mergeAll(network.client, NodeCompression.layer, yield* cipher))))
  transport.publish(UserStream.resize(transport.local(), size))
  return {
    transport,
    type: (text: string) => transport.publish(UserStream.push(transport.local(), Buffer.from(text, "latin1"))),
    resize: (to: typeof size) => transport.publish(UserStream.resize(transport.local(), to)),
    screen: () => transport.remote().state,
    top: () => rowText(transport.remote().state.frame, 0)
  }
})

/** A program that echoes. */
const echoing = () => FakePty.make({ onTyped: (text, pty) => pty.print(text) })

describe("SessionTransport", () => {
  it.effect("starts the program at the client's size, and shows it", () =>
    Effect.gen(function* () {
      const pty = echoing()
      const { network } = yield* serve(pty)
      yield* TestClock.adjust("10 seconds")
      expect(pty.started()).toBeUndefined()
      const client = yield* connect(network)
      yield* TestClock.adjust(200)
      expect(pty.sizes).toEqual([size])
      pty.print("hello")
      yield* TestClock.adjust(500)
      expect(client.top()).toBe("hello")
      expect(client.screen().frame.size).toEqual(size)
    })
  )

  it.effect("hands over keys and sizes in order, but only the last of several sizes", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      const { network } = yield* serve(pty)
      const client = yield* connect(network)
      yield* TestClock.adjust(500)
      client.type("one")
      client.resize({ columns: 50, rows: 7 })
      client.resize({ columns: 51, rows: 8 })
      client.type("\x1bOA")
      client.resize({ columns: 52, rows: 9 })
      yield* TestClock.adjust(500)
      expect(pty.typed()).toBe("one\x1b[A")
      expect(pty.sizes).toEqual([size, { columns: 51, rows: 8 }, { columns: 52, rows: 9 }])
      pty.print("\x1b[?1h")
      client.type("\x1bOA\x1bO")
      yield* TestClock.adjust(2000)
      expect(pty.typed()).toBe("one\x1b[A\x1bOA\x1bO")
    })
  )

  it.effect("reads a flooded screen when it changes and shortly before it is sent, no more often", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      let looks = 0
      const { network } = yield* serve(pty, forEver, () => {
        looks++
      })
      const client = yield* connect(network)
      yield* TestClock.adjust(1000)
      for (const delay of [10, 200]) {
        network.shape("both", { delay })
        // The round trip is known, and the pacer's tokens are used up.
        for (let ms = 0; ms < 3000; ms++) {
          pty.print(`${ms}\r\n`)
          yield* TestClock.adjust(1)
        }
        looks = 0
        const { number } = client.transport.remote()
        for (let ms = 0; ms < 2000; ms++) {
          pty.print(`${ms}\r\n`)
          yield* TestClock.adjust(1)
        }
        const shown = Number(client.transport.remote().number - number)
        expect(shown).toBeGreaterThan(2000 / 300)
        expect(looks).toBeLessThanOrEqual(3 * shown + 4)
        pty.print("last")
        yield* TestClock.adjust(1000)
        expect(rowText(client.screen().frame, size.rows - 1)).toBe("last")
      }
    })
  )

  it.effect("does not read a screen without a client, and sends all of it to a returning client", () =>
    Effect.gen(function* () {
      const pty = FakePty.make()
      let looks = 0
      const { network, server } = yield* serve(pty, forEver, () => {
        looks++
      })
      const client = yield* connect(network)
      yield* TestClock.adjust(1000)
      network.shape("both", { loss: 1 })
      for (let ms = 0; ms < 60_000; ms += 100) {
        pty.print(`${ms}\r\n`)
        yield* TestClock.adjust(100)
      }
      expect(server.status().attached).toBe(false)
      looks = 0
      for (let ms = 0; ms < 10_000; ms += 10) {
        pty.print(`${ms}\r\n`)
        yield* TestClock.adjust(10)
      }
      expect(looks).toBe(0)
      pty.print("meanwhile")
      yield* TestClock.adjust(100)
      network.shape("both", { loss: 0 })
      const { number } = client.transport.remote()
      for (let ms = 0; ms < 4000 && client.transport.remote().number === number; ms++) yield* TestClock.adjust(1)
      // Nothing older is shown first.
      expect(rowText(client.screen().frame, size.rows - 1)).toBe("meanwhile")
    })
  )

  it.effect("answers a key soon, however much the program prints, and however long the round trip", () =>
    Effect.gen(function* () {
      const pty = FakePty.make({ onTyped: (text, { print }) => print(`\x1b]2;${text}\x07`) })
      const { network } = yield* serve(pty)
      const client = yield* connect(network)
      network.shape("both", { delay: 200 })
      const flood = Effect.fnUntraced(function* (until: (ms: number) => boolean) {
        let ms = 0
        for (; !until(ms); ms++) {
          pty.print(`${ms}\r\n`)
          yield* TestClock.adjust(1)
        }
        return ms
      })
      yield* flood((ms) => ms === 5000)
      const before = network.sent.length
      const took: Array<number> = []
      for (const key of "abcdefghij") {
        yield* flood((ms) => ms === 300 + 17 * took.length)
        client.type(key)
        took.push(yield* flood((ms) => ms > 1000 || client.screen().frame.title === key))
      }
      expect(Math.max(...took)).toBeLessThanOrEqual(400 + RESPONSE_DELAY + 2)
      // It replaces a frame that would have been sent later.
      const shown = network.sent.slice(before).filter(({ direction }) => direction === "toClient").length
      expect(shown).toBeLessThan(80)
    })
  )

  it.effect("acknowledges the effect of keys 50 ms after they were typed, the first ones too", () =>
    Effect.gen(function* () {
      const { network } = yield* serve(FakePty.make({ onTyped: (_, pty) => pty.print("*") }))
      const client = yield* connect(network)
      yield* TestClock.adjust(1000)
      client.type("x")
      yield* TestClock.adjust(5)
      const { sent } = client.transport.status()
      yield* TestClock.adjust(50)
      expect(client.top()).toBe("*")
      expect(client.screen().echoAck).toBeLessThan(sent)
      yield* TestClock.adjust(100)
      expect(client.screen().echoAck).toBe(sent)
    })
  )

  it.effect("acknowledges keys with the screens that echo them, but to a stock client as others", () =>
    Effect.gen(function* () {
      const datagrams = Effect.fnUntraced(function* (features: Features, pause: number) {
        const { network } = yield* serve(echoing())
        const client = yield* connect(network, features)
        yield* TestClock.adjust(1000)
        const sent = () => network.sent.filter(({ direction }) => direction === "toClient").length
        const before = sent()
        let typed = 0n
        for (const key of "some text") {
          client.type(key)
          yield* TestClock.adjust(5)
          typed = client.transport.status().sent
          yield* TestClock.adjust(pause - 5)
        }
        yield* TestClock.adjust(300)
        expect(client.top()).toBe("some text")
        expect(client.screen().echoAck).toBe(typed)
        return sent() - before
      })
      expect(yield* datagrams(Features.stock, 100)).toBe(2 * 9)
      // The acknowledgement of the last key travels alone.
      expect(yield* datagrams(Features.frames, 100)).toBe(9 + 1)
      expect(yield* datagrams(Features.stock, 300)).toBe(2 * 9)
      expect(yield* datagrams(Features.frames, 300)).toBe(9)
    })
  )

  it.effect(
    "acknowledges a size 50 ms after it was applied, also where the program then prints the line that was typed",
    () =>
      Effect.gen(function* () {
        const pty = echoing()
        const { network } = yield* serve(pty)
        const client = yield* connect(network)
        yield* TestClock.adjust(1000)
        client.type("x")
        yield* TestClock.adjust(1000)
        client.resize({ columns: 30, rows: 6 })
        yield* TestClock.adjust(20)
        const { sent } = client.transport.status()
        pty.print("\r\x1b[Kx")
        yield* TestClock.adjust(120)
        expect(client.screen().echoAck).toBe(sent)
      })
  )

  it.effect("stops a flood at once, and sends no more frames than its pace allows", () =>
    Effect.gen(function* () {
      const interrupts: Array<string> = []
      const pty = FakePty.make({
        onTyped: (text, self) => {
          if (text === "\x03") {
            interrupts.push(text)
            self.print("\r\n^C")
          }
        }
      })
      const { network } = yield* serve(pty)
      const client = yield* connect(network)
      yield* TestClock.adjust(500)
      const before = network.sent.length
      for (let ms = 0; ms < 1000 && interrupts.length === 0; ms++) {
        for (let i = 0; i < 10; i++) pty.print(`line ${ms} ${i}\r\n`)
        if (ms === 500) client.type("\x03")
        yield* TestClock.adjust(1)
      }
      expect(interrupts.length).toBe(1)
      expect(network.sent.length - before).toBeLessThan(200)
      yield* TestClock.adjust(500)
      const text = client.screen().frame.rows.map((_, row) => rowText(client.screen().frame, row))
      expect(text).toContain("^C")
    })
  )

  it.effect("ends with its program: last output, handshake, end", () =>
    Effect.gen(function* () {
      const pty = echoing()
      const { ended, network } = yield* serve(pty)
      const client = yield* connect(network)
      yield* TestClock.adjust(500)
      pty.print("logout")
      pty.exit({ code: 0, signal: 0 })
      yield* TestClock.adjust(1000)
      expect(client.top()).toBe("logout")
      expect(yield* Fiber.join(ended)).toBe("ProgramEnded")
      expect(yield* client.transport.ended).toEqual({ _tag: "PeerShutdown" })
    })
  )

  it.effect("ends when its client does", () =>
    Effect.gen(function* () {
      const { ended, network } = yield* serve(echoing())
      const client = yield* connect(network)
      yield* TestClock.adjust(500)
      const shutdown = yield* Effect.forkChild(client.transport.shutdown)
      yield* TestClock.adjust(1000)
      expect(yield* Fiber.join(shutdown)).toEqual({ _tag: "Acknowledged" })
      expect(yield* Fiber.join(ended)).toBe("ClientLeft")
    })
  )

  it.effect("leaves after a minute without any client", () =>
    Effect.gen(function* () {
      const { ended } = yield* serve(echoing())
      yield* TestClock.adjust(59_999)
      expect(ended.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust(1)
      expect(yield* Fiber.join(ended)).toBe("NoClient")
    })
  )

  it.effect("outlives an absent client, and gives up after the network limit", () =>
    Effect.gen(function* () {
      const { ended, network, server } = yield* serve(echoing(), { ...forEver, network: 600_000 })
      const client = yield* connect(network)
      yield* TestClock.adjust(1000)
      network.shape("both", { loss: 1 })
      yield* TestClock.adjust(590_000)
      expect(server.status().attached).toBe(false)
      network.shape("both", { loss: 0 })
      client.type("back")
      yield* TestClock.adjust(30_000)
      expect(client.top()).toBe("back")
      network.shape("both", { loss: 1 })
      yield* TestClock.adjust(590_000)
      expect(ended.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust(40_000)
      expect(yield* Fiber.join(ended)).toBe("ClientSilent")
    })
  )

  it.effect("reports to a client that understands it why the session ends", () =>
    Effect.gen(function* () {
      const reported = Effect.fnUntraced(function* (features: Features) {
        const { network, server } = yield* serve(echoing())
        const client = yield* connect(network, features)
        yield* TestClock.adjust(500)
        server.terminate()
        yield* TestClock.adjust(500)
        expect(yield* client.transport.ended).toEqual({ _tag: "PeerShutdown" })
        return client.transport.remote().state.ending?.why
      })
      expect(yield* reported(Features.frames | Features.endings)).toBe("Terminated")
      expect(yield* reported(Features.frames)).toBe(undefined)
      expect(yield* reported(Features.stock)).toBe(undefined)
    })
  )

  it.effect("notifies its client on SIGTERM, and does not wait after the second", () =>
    Effect.gen(function* () {
      const { ended, network, server } = yield* serve(echoing())
      const client = yield* connect(network)
      yield* TestClock.adjust(500)
      network.shape("both", { loss: 1 })
      server.terminate()
      yield* TestClock.adjust(100)
      expect(ended.pollUnsafe()).toBeUndefined()
      expect(server.status().shuttingDown).toBe(true)
      server.terminate()
      expect(yield* Fiber.join(ended)).toBe("Terminated")
      expect(client.transport.status().shuttingDown).toBe(false)
    })
  )
})
