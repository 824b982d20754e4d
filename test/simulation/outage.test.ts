import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as EchoSession from "./EchoSession.ts"
import { seedOr } from "../support/seed.ts"

const seed = seedOr(11)

it.effect(`a blackout of a minute loses nothing, and ends as soon as the network is back (seed ${seed})`, () =>
  Effect.gen(function* () {
    const { client, network, server } = yield* EchoSession.make({ seed, path: { delay: 30, jitter: 10 } })
    client.say("before ")
    yield* TestClock.adjust(2000)
    network.shape("both", { loss: 1 })
    const sent = network.sent.length
    for (let i = 0; i < 60; i++) {
      client.say(`${i} `)
      yield* TestClock.adjust(1000)
    }
    expect(server.heard()).toBe("before ")
    // Ten seconds of trying at full rate, then heartbeats only.
    expect(network.sent.length - sent).toBeLessThan((2 * 10_000) / 20 + (2 * 60_000) / 3000 + 100)
    // The server has forgotten the address, and learns it again from the first datagram.
    expect(server.transport.status().attached).toBe(false)
    network.shape("both", { loss: 0 })
    yield* TestClock.adjust(3500)
    expect(server.heard()).toBe(client.said())
    expect(client.heard()).toBe(client.said())
    expect(server.transport.status().attached).toBe(true)
  })
)

it.effect(`a client that receives nothing tries other ports, and closes the old ones (seed ${seed})`, () =>
  Effect.gen(function* () {
    const { client, network, server } = yield* EchoSession.make({ seed, path: { delay: 30 } })
    client.say("before ")
    yield* TestClock.adjust(2000)
    expect(network.ports()).toEqual([40000])
    // The NAT has forgotten the mapping for good: this port is dead in both directions.
    network.filter = ({ source, to }) => source.port !== 40000 && to.port !== 40000
    client.say("after")
    yield* TestClock.adjust(15_000)
    expect(server.heard()).toBe("before after")
    expect(client.heard()).toBe("before after")
    expect(client.transport.status().counters.roams).toBe(1)
    expect(server.transport.status()).toMatchObject({ peer: "192.0.2.1:40001", counters: { roams: 1 } })
    expect(network.ports()).toEqual([40000, 40001])
    yield* TestClock.adjust(60_000)
    expect(network.ports()).toEqual([40001])
  })
)

it.effect(`a silent server makes a client open no more than ten ports (seed ${seed})`, () =>
  Effect.gen(function* () {
    const { client, network } = yield* EchoSession.make({ seed, path: { loss: 1 } })
    client.say("anyone?")
    yield* TestClock.adjust("10 minutes")
    expect(client.transport.status().counters.roams).toBeGreaterThan(30)
    expect(network.ports().length).toBeLessThanOrEqual(10)
    expect(client.transport.status().held.local).toBeLessThanOrEqual(32)
  })
)
