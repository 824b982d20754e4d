/**
 * What an embedding program observes of a session, at either end, in virtual time.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import * as TestClock from "effect/testing/TestClock"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import { type ConnectOptions, MoshClient } from "../../../src/services/client/MoshClient.ts"
import { MoshServer } from "../../../src/services/server/MoshServer.ts"
import * as NodeLogin from "../../../src/services/node/pty/NodeLogin.ts"
import * as NodeMoshClient from "../../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../../src/services/node/NodeMoshServer.ts"
import * as XtermEmulator from "../../../src/services/node/xterm/XtermEmulator.ts"
import { Predictor } from "../../../src/services/client/Predictor.ts"
import * as FakePty from "../../../src/testing/FakePty.ts"
import * as SimulatedNetwork from "../../../src/testing/SimulatedNetwork.ts"

const start = Effect.fnUntraced(function* (options?: Partial<ConnectOptions>) {
  const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 20 } })
  const pty = FakePty.make({ onTyped: (text, pty) => pty.print(`<${text}>`) })
  const runtime = Layer.merge(
    Layer.provide(
      NodeMoshServer.layerOver(() => network.server),
      Layer.merge(pty.layer, XtermEmulator.layer)
    ),
    Layer.provide(
      NodeMoshClient.layerOver(() => network.client),
      Predictor.layer
    )
  )
  return yield* Effect.gen(function* () {
    const server = yield* (yield* MoshServer).serve({ program: NodeLogin.program({ command: ["cat"] }) })
    const where = { host: SimulatedNetwork.SERVER.host, port: server.port, key: server.key }
    const client = yield* (yield* MoshClient).connect({ ...where, ...options })
    return { network, pty, server, client }
  }).pipe(Effect.provide(runtime))
})

const firstLine = (frame: Frame.Frame) => Frame.lines(frame)[0]

describe("a session that is observed", () => {
  it.effect("is opened by the key as it was printed, and by no other text", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(start({ key: "no key" }))
      expect(error).toMatchObject({ _tag: "SessionKeyError", reason: "length" })
      const { client, pty } = yield* start()
      yield* TestClock.adjust("1 second")
      yield* client.type("é")
      yield* TestClock.adjust("1 second")
      expect(pty.typed()).toBe("é")
      expect(pty.sizes).toEqual([{ columns: 80, rows: 24 }])
    })
  )

  it.effect("has a screen as the server sent it, and a picture with more", () =>
    Effect.gen(function* () {
      const { client, network, server } = yield* start({ prediction: "always" })
      const screens = yield* Effect.forkChild(Stream.runCollect(Stream.map(client.screens, firstLine)))
      yield* TestClock.adjust("1 second")
      server.session.type("a")
      yield* TestClock.adjust("1 second")
      expect(firstLine(client.screen())).toBe("<a>")
      network.shape("both", { loss: 1 })
      yield* client.type("b")
      yield* TestClock.adjust("20 seconds")
      expect(firstLine(client.picture())).toMatch(/^mosh: Last contact/)
      expect(firstLine(client.screen())).toBe("<a>")
      network.shape("both", { loss: 0 })
      yield* TestClock.adjust("20 seconds")
      expect(firstLine(client.screen())).toBe("<a><b>")
      server.terminate()
      yield* TestClock.adjust("5 seconds")
      const followed = yield* Fiber.join(screens)
      expect([...new Set(followed)]).toEqual(["", "<a>", "<a><b>"])
      expect(client.screenCount()).toBeGreaterThanOrEqual(followed.length - 1)
    })
  )

  it.effect("streams its status, at both ends, until it ends", () =>
    Effect.gen(function* () {
      const { client, server } = yield* start()
      const both = yield* Effect.forEach([client, server], ({ statuses }) =>
        Effect.forkChild(Stream.runCollect(statuses), { startImmediately: true })
      )
      yield* TestClock.adjust("10 seconds")
      const ended = yield* Effect.forkChild(client.shutdown())
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.join(ended)).toEqual({ _tag: "Acknowledged" })
      expect(yield* server.ended).toBe("ClientLeft")
      for (const fiber of both) {
        const statuses = yield* Fiber.join(fiber)
        expect(statuses[0]).toMatchObject({ lastHeard: -Infinity, srtt: undefined, shuttingDown: false })
        expect(statuses.some(({ lastHeard, srtt }) => lastHeard > -Infinity && srtt !== undefined)).toBe(true)
      }
      expect((yield* Stream.runCollect(client.statuses)).at(-1)?.shuttingDown).toBe(true)
    })
  )

  it.effect("leaves a span at each end, with the result and no secret", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.NativeSpan> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          spans.push(span)
          return span
        }
      })
      const { key } = yield* Effect.gen(function* () {
        const { client, server } = yield* start()
        yield* TestClock.adjust("1 second")
        yield* Effect.forkChild(client.shutdown())
        yield* TestClock.adjust("5 seconds")
        return server
      }).pipe(Effect.scoped, Effect.withTracer(tracer))
      const transports = spans.filter(({ name }) => name === "mosh.transport")
      expect(
        transports.map(({ attributes, kind }) => [kind, attributes.get("ended"), attributes.get("roams")])
      ).toEqual([
        ["server", "PeerShutdown", 0],
        ["client", "Acknowledged", 0]
      ])
      for (const { attributes, status } of transports) {
        expect(status._tag).toBe("Ended")
        expect(attributes.get("datagrams")).toBeGreaterThan(5)
      }
      expect(JSON.stringify(spans.map(({ attributes }) => [...attributes]))).not.toContain(key)
    })
  )
})
