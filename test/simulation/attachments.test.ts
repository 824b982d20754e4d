/**
 * Several clients of one session, each over a network of its own, in virtual time.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import type { Mode } from "../../src/domain/session/Attachments.ts"
import * as Frame from "../../src/domain/terminal/Frame.ts"
import * as NodeMoshClient from "../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../src/services/node/NodeMoshServer.ts"
import * as XtermEmulator from "../../src/services/node/xterm/XtermEmulator.ts"
import { MoshClient } from "../../src/services/client/MoshClient.ts"
import { Predictor } from "../../src/services/client/Predictor.ts"
import { millis } from "../../src/services/runtime/Actor.ts"
import { MoshServer } from "../../src/services/server/MoshServer.ts"
import * as FakePty from "../../src/testing/FakePty.ts"
import * as SimulatedNetwork from "../../src/testing/SimulatedNetwork.ts"
import { seedOr } from "../support/seed.ts"

const seed = seedOr(17)
const program = { file: "sh", arguments: [], environment: {}, directory: "/" }

/** A session of a program that echoes, and clients that are admitted to it over networks of their own. */
const serve = Effect.gen(function* () {
  const pty = FakePty.make({ onTyped: (text, own) => own.print(text.replaceAll("\r", "\r\n")) })
  let next: SimulatedNetwork.SimulatedNetwork | undefined
  const server = yield* Layer.build(
    NodeMoshServer.layerOver(() => next?.server ?? (Layer.empty as never)).pipe(
      Layer.provide(Layer.merge(pty.layer, XtermEmulator.layer))
    )
  )
  const mosh = yield* Effect.provideContext(MoshServer, server)
  const session = yield* mosh.open({ program })
  const attachments = yield* mosh.attachments(session)
  const join = Effect.fnUntraced(function* (mode: Mode, path: SimulatedNetwork.NetworkOptions["path"]) {
    const network = yield* SimulatedNetwork.make({ seed, path })
    next = network
    const { key } = yield* attachments.admit({ mode })
    const client = Layer.provide(
      NodeMoshClient.layerOver(() => network.client),
      Predictor.off
    )
    const context = yield* Layer.build(client)
    const pictures: Array<readonly [number, string]> = []
    const now = yield* millis
    const { connect } = yield* Effect.provideContext(MoshClient, context)
    const joined = yield* connect({
      host: "198.51.100.1",
      port: 60001,
      key,
      notifications: false,
      onPicture: (frame) => pictures.push([now(), Frame.lines(frame).join("|")])
    })
    return { client: joined, network, pictures }
  })
  return { attachments, join, pty }
})

/** What a client is shown and when, while its user types and the program prints, beside a viewer or alone. */
const shown = Effect.fnUntraced(function* (viewer: SimulatedNetwork.NetworkOptions["path"] | undefined) {
  const { join, pty } = yield* serve
  const typist = yield* join("TakeOver", { delay: 20 })
  yield* TestClock.adjust(500)
  const watching = viewer === undefined ? undefined : yield* join("View", viewer)
  // Both runs begin at the same time, also if a viewer connects.
  yield* TestClock.adjust(9500)
  typist.pictures.length = 0
  const start = (yield* millis)()
  for (let i = 0; i < 30; i++) {
    yield* typist.client.type("a")
    yield* TestClock.adjust(100)
    if (i % 10 === 0) pty.print("flood\r\n".repeat(500))
  }
  yield* TestClock.adjust(2000)
  return { watching, pictures: typist.pictures.map(([at, text]) => [at - start, text] as const) }
}, Effect.scoped)

it.effect(`a viewer on a bad link delays nobody (seed ${seed})`, () =>
  Effect.gen(function* () {
    const alone = yield* shown(undefined)
    expect(alone.pictures.length).toBeGreaterThan(30)
    const { pictures, watching } = yield* shown({ delay: 600, loss: 0.5, bandwidth: 16_000 })
    expect(pictures).toEqual(alone.pictures)
    expect(watching?.client.status().lastHeard).toBeGreaterThan(-Infinity)
  })
)

it.effect("the listener of a client that vanished ends within 10 s after another took over", () =>
  Effect.gen(function* () {
    const { attachments, join } = yield* serve
    const first = yield* join("TakeOver", { delay: 20 })
    yield* TestClock.adjust(500)
    yield* first.client.type("typed before\r")
    yield* TestClock.adjust(500)
    first.network.filter = () => false
    const second = yield* join("TakeOver", { delay: 20 })
    yield* TestClock.adjust(100)
    expect(attachments.list().map(({ phase }) => phase)).toEqual(["Closing", "Attached"])
    yield* TestClock.adjust(400)
    expect(Frame.lines(second.client.screen())).toContain("typed before")
    yield* TestClock.adjust(10_000)
    expect(attachments.list().map(({ phase }) => phase)).toEqual(["Attached"])
  }).pipe(Effect.scoped)
)
