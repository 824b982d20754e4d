/**
 * Tests a property of an embedding program over simulated networks, in virtual time: minutes of a bad link take moments.
 *
 *     npx vitest run examples/bad-network.test.ts
 */
import { expect, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { type Application, Frame, MoshClient, MoshServer, Predictor } from "effect-mosh"
import { NodeMoshClient, NodeMoshServer, XtermEmulator } from "effect-mosh/node"
import { FakePty, SimulatedNetwork } from "effect-mosh/testing"

/** The program under test: it echoes all input. */
const echo: Application = (terminal) => Stream.runForEach(terminal.keys, terminal.write)

const between = (minimum: number, maximum: number) => Schema.Finite.check(Schema.isBetween({ minimum, maximum }))

it.effect.prop(
  "what is typed is on the screen, in order, whatever the network does",
  {
    words: Schema.Array(Schema.Literals(["the ", "quick ", "brown ", "fox "])).check(Schema.isMaxLength(12)),
    path: Schema.Struct({
      delay: between(0, 300),
      jitter: between(0, 200),
      loss: between(0, 0.3),
      duplicate: between(0, 0.2),
      reorder: between(0, 0.2)
    }),
    seed: Schema.Int
  },
  ({ path, seed, words }) =>
    Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make({ seed, path })
      const programs = Layer.merge(FakePty.make().layer, XtermEmulator.layer)
      const runtime = Layer.merge(
        Layer.provide(
          NodeMoshServer.layerOver(() => network.server),
          programs
        ),
        Layer.provide(
          NodeMoshClient.layerOver(() => network.client),
          Predictor.layer
        )
      )
      const session = yield* Effect.gen(function* () {
        const server = yield* (yield* MoshServer).serve({ program: echo })
        return yield* (yield* MoshClient).connect({ host: "198.51.100.1", port: server.port, key: server.key })
      }).pipe(Effect.provide(runtime))
      for (const word of words) {
        yield* session.type(word)
        yield* TestClock.adjust("50 millis")
      }
      yield* TestClock.adjust("1 minute")
      expect(Frame.lines(session.screen()).join(" ").replaceAll(/ +/g, " ").trim()).toBe(words.join("").trim())
    }).pipe(Effect.scoped),
  { arbitrary: { runs: 10 } }
)
