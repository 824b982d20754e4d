import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as EchoSession from "./EchoSession.ts"
import { seedOr } from "../support/seed.ts"

const seed = seedOr(21)

it.effect(`the server follows a client that changes its address while both send (seed ${seed})`, () =>
  Effect.gen(function* () {
    const path = { delay: 50, jitter: 30, loss: 0.1 }
    const { client, network, server } = yield* EchoSession.make({ seed, path })
    for (let i = 0; i < 100; i++) {
      client.say(`${i},`)
      if (i % 20 === 10) network.moveClient(`203.0.113.${i}`)
      yield* TestClock.adjust(100)
    }
    yield* TestClock.adjust(5000)
    expect(server.heard()).toBe(client.said())
    expect(client.heard()).toBe(client.said())
    expect(server.transport.status()).toMatchObject({ peer: "203.0.113.90:40000", counters: { roams: 5 } })
  })
)

it.effect(`a straggler from the old address does not move the server back (seed ${seed})`, () =>
  Effect.gen(function* () {
    const { client, network, server } = yield* EchoSession.make({ seed, path: { delay: 50 } })
    client.say("here")
    yield* TestClock.adjust(1000)
    const straggler = network.sent.findLast(({ direction }) => direction === "toServer")
    network.moveClient("203.0.113.1")
    client.say(" and there")
    yield* TestClock.adjust(1000)
    expect(straggler).toBeDefined()
    if (straggler !== undefined) network.inject("toServer", straggler.datagram, straggler.source)
    expect(server.transport.status()).toMatchObject({ peer: "203.0.113.1:40000", counters: { roams: 1 } })
  })
)
