import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { SspReceiver } from "../../src/services/SspReceiver.ts"
import { SspSender } from "../../src/services/SspSender.ts"
import { seedOr } from "../support/seed.ts"
import * as EchoSession from "./EchoSession.ts"

const seed = seedOr(81)

it.effect(`whoever provides the halves of SSP stands between a transport and its network (seed ${seed})`, () =>
  Effect.gen(function* () {
    const sender = yield* SspSender
    const receiver = yield* SspReceiver
    let sent = 0
    let received = 0
    const session = yield* EchoSession.make({ seed, path: { delay: 30 } }).pipe(
      Effect.provideService(SspSender, {
        make: (options) =>
          sender.make({
            ...options,
            onSend: (contents) => {
              sent++
              options.onSend(contents)
            }
          })
      }),
      Effect.provideService(SspReceiver, {
        make: (options) =>
          receiver.make({
            ...options,
            onOutput: (output) => {
              if (output._tag === "Newest") received++
              options.onOutput(output)
            }
          })
      })
    )
    session.client.say("hello")
    yield* TestClock.adjust(1000)
    expect(sent).toBe(session.network.sent.length)
    expect(received).toBeGreaterThan(1)
  })
)
