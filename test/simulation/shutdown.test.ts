import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as EchoSession from "./EchoSession.ts"
import { seedOr } from "../support/seed.ts"

const seed = seedOr(51)

for (const initiator of ["client", "server"] as const) {
  const other = initiator === "client" ? "server" : "client"

  it.effect(`the ${initiator} ends the session, and both know (seed ${seed})`, () =>
    Effect.gen(function* () {
      const session = yield* EchoSession.make({ seed, path: { delay: 30 } })
      session.client.say("hello")
      yield* TestClock.adjust(1000)
      const ended = yield* Effect.forkChild(session[initiator].transport.shutdown)
      const peerEnded = yield* Effect.forkChild(session[other].transport.ended)
      yield* TestClock.adjust(500)
      expect(yield* Fiber.join(ended)).toEqual({ _tag: "Acknowledged" })
      expect(yield* Fiber.join(peerEnded)).toEqual({ _tag: "PeerShutdown" })
      const sent = session.network.sent.length
      session.client.say("anyone?")
      yield* TestClock.adjust("1 minute")
      expect(session.network.sent.length).toBe(sent)
    })
  )

  it.effect(`the ${initiator} ends the session over a network that loses half (seed ${seed})`, () =>
    Effect.gen(function* () {
      const session = yield* EchoSession.make({ seed, path: { delay: 30 } })
      session.client.say("hello")
      yield* TestClock.adjust(1000)
      session.network.shape(initiator === "client" ? "toServer" : "toClient", { loss: 0.5 })
      const ended = yield* Effect.forkChild(session[initiator].transport.shutdown)
      const peerEnded = yield* Effect.forkChild(session[other].transport.ended)
      yield* TestClock.adjust(5000)
      expect(yield* Fiber.join(ended)).toEqual({ _tag: "Acknowledged" })
      expect(yield* Fiber.join(peerEnded)).toEqual({ _tag: "PeerShutdown" })
    })
  )

  it.effect(`when the one acknowledgement is lost, the ${initiator} gives up in time (seed ${seed})`, () =>
    Effect.gen(function* () {
      const session = yield* EchoSession.make({ seed, path: { delay: 30 } })
      session.client.say("hello")
      yield* TestClock.adjust(1000)
      session.network.shape(initiator === "client" ? "toClient" : "toServer", { loss: 1 })
      const ended = yield* Effect.forkChild(session[initiator].transport.shutdown)
      const peerEnded = yield* Effect.forkChild(session[other].transport.ended)
      yield* TestClock.adjust(10_100)
      expect(yield* Fiber.join(ended)).toEqual({ _tag: "TimedOut" })
      expect(yield* Fiber.join(peerEnded)).toEqual({ _tag: "PeerShutdown" })
    })
  )
}

it.effect(`what was typed just before the end still arrives (seed ${seed})`, () =>
  Effect.gen(function* () {
    const { client, server } = yield* EchoSession.make({ seed, path: { delay: 30, loss: 0.2 } })
    client.say("hello")
    yield* TestClock.adjust(1000)
    client.say(", and this")
    const ended = yield* Effect.forkChild(client.transport.shutdown, { startImmediately: true })
    client.say(", but not that")
    yield* TestClock.adjust(10_100)
    expect(server.heard()).toBe("hello, and this")
    expect((yield* Fiber.join(ended))._tag).toMatch(/Acknowledged|TimedOut/)
  })
)

it.effect(`both ends may end the session at once (seed ${seed})`, () =>
  Effect.gen(function* () {
    const { client, server } = yield* EchoSession.make({ seed, path: { delay: 30 } })
    client.say("hello")
    yield* TestClock.adjust(1000)
    const one = yield* Effect.forkChild(client.transport.shutdown)
    const two = yield* Effect.forkChild(server.transport.shutdown)
    yield* TestClock.adjust(10_100)
    expect((yield* Fiber.join(one))._tag).toMatch(/Acknowledged|PeerShutdown/)
    expect((yield* Fiber.join(two))._tag).toMatch(/Acknowledged|PeerShutdown/)
  })
)
