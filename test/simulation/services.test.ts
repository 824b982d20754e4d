import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { Endpoint } from "../../src/services/transport/Endpoint.ts"
import { seedOr } from "../support/seed.ts"
import * as EchoSession from "./EchoSession.ts"

const seed = seedOr(81)

it.effect(`a program that provides the endpoint observes the protocol of its transports (seed ${seed})`, () =>
  Effect.gen(function* () {
    const endpoint = yield* Endpoint
    let sent = 0
    let changes = 0
    const session = yield* EchoSession.make({ seed, path: { delay: 30 } }).pipe(
      Effect.provideService(Endpoint, {
        make: (options) =>
          endpoint.make({
            ...options,
            events: {
              ...options.events,
              onSent: (isCurrent) => {
                sent++
                options.events.onSent(isCurrent)
              },
              onEvent: (event) => {
                if (event._tag === "RemoteChanged") changes++
                options.events.onEvent(event)
              }
            }
          })
      })
    )
    session.client.say("hello")
    yield* TestClock.adjust(1000)
    expect(sent).toBe(session.network.sent.length)
    expect(changes).toBeGreaterThan(1)
  })
)
