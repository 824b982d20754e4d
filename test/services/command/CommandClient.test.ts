/**
 * Commands without a terminal over two transports and a simulated network, in virtual time.
 */
import { describe, expect, it } from "@effect/vitest"
import type * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import type { CommandEnding } from "../../../src/domain/command/CommandFrame.ts"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as CommandClient from "../../../src/services/command/CommandClient.ts"
import { CommandMetricNames } from "../../../src/services/command/CommandMetrics.ts"
import * as CommandServer from "../../../src/services/command/CommandServer.ts"
import { CommandNotStarted, Commands, OutputClosed } from "../../../src/services/command/Commands.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import * as Transport from "../../../src/services/transport/Transport.ts"
import * as SimulatedNetwork from "../../../src/testing/SimulatedNetwork.ts"
import * as Note from "../../domain/ssp/Note.ts"
import { expected } from "../../domain/streams/transfer.ts"

const end = Effect.fnUntraced(function* (
  role: Role,
  network: SimulatedNetwork.SimulatedNetwork,
  features: Features = Features.streams
) {
  const layer = Layer.mergeAll(
    role === "Client" ? network.client : network.server,
    NodeCompression.layer,
    NodePacketCipher.layer(Redacted.make(new Uint8Array(16).fill(7)))
  )
  const object = { object: Note.object, initial: "" }
  return yield* Transport.make<string, string>({ role, local: object, remote: object, features }).pipe(
    Effect.provide(yield* Layer.build(layer))
  )
})

/**
 * Commands of their own: `cat` copies its input, says `done` on standard error, and exits with 3; `flood` writes output without
 * end; `missing` cannot be started. A signal ends any of them.
 */
const fakeCommands = () => {
  const events: Array<string> = []
  const layer = Layer.succeed(Commands, {
    start: ({ text }) =>
      Effect.gen(function* () {
        if (text === "missing") return yield* new CommandNotStarted({ reason: "there is no shell" })
        const output = yield* Queue.bounded<Uint8Array, Cause.Done>(2)
        const errors = yield* Queue.unbounded<Uint8Array, Cause.Done>()
        const ended = yield* Deferred.make<CommandEnding>()
        const exit = (ending: CommandEnding) => {
          Deferred.doneUnsafe(ended, Effect.succeed(ending))
          Queue.endUnsafe(output)
          Queue.endUnsafe(errors)
        }
        yield* Effect.addFinalizer(() => Effect.sync(() => void events.push(`${text} released`)))
        if (text === "flood") {
          Queue.offerUnsafe(errors, Buffer.from("flooding"))
          yield* Effect.forkScoped(Effect.forever(Queue.offer(output, new Uint8Array(65_536))))
        }
        const closed = Effect.sync(() => {
          events.push(`${text} has no output`)
          exit({ _tag: "Killed", signal: "PIPE" })
        })
        return {
          write: (bytes: Uint8Array) => Effect.asVoid(Queue.offer(output, bytes)),
          endInput: Effect.sync(() => {
            Queue.offerUnsafe(errors, Buffer.from("done"))
            exit({ _tag: "Exited", status: 3 })
          }),
          output: Stream.ensuring(
            Stream.fromQueue(output),
            Effect.suspend(() => (Deferred.isDoneUnsafe(ended) ? Effect.void : closed))
          ),
          errors: Stream.fromQueue(errors),
          signal: (signal: string) => exit({ _tag: "Killed", signal }),
          ended: Deferred.await(ended)
        }
      })
  })
  return { layer, events }
}

const start = Effect.fnUntraced(function* (options: { readonly server?: Features; readonly serves?: boolean } = {}) {
  const network = yield* SimulatedNetwork.make({ seed: 5, path: { delay: 20, loss: 0.05, bandwidth: 5_000_000 } })
  const server = yield* end("Server", network, options.server)
  const client = yield* end("Client", network)
  const fake = fakeCommands()
  if (options.serves !== false) {
    const handler = yield* Effect.provide(CommandServer.handler(), fake.layer)
    yield* handler({ streams: server.streams, status: server.status })
  }
  const commands = yield* CommandClient.make(client.streams)
  return { network, server, client, commands, events: fake.events }
})

/** Runs an effect while virtual time passes. */
const inTime = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect)
  while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("10 millis")
  return yield* Fiber.join(fiber)
})

const until = Effect.fnUntraced(function* (isDone: () => boolean) {
  while (!isDone()) yield* TestClock.adjust("10 millis")
})

describe("a command without a terminal", () => {
  it.effect("keeps its input, output and status through loss, another address and a blackout", () =>
    Effect.gen(function* () {
      const { commands, events, network } = yield* start()
      const size = 600_000
      const output: Array<Uint8Array> = []
      let errors = ""
      let received = 0
      const running = yield* Effect.forkChild(
        commands.run({
          what: "command",
          text: "cat",
          input: Stream.make(expected(1, 0, size / 2), expected(1, size / 2, size / 2)),
          onOutput: (bytes) =>
            Effect.sync(() => {
              output.push(bytes)
              received += bytes.length
            }),
          onErrors: (bytes) => Effect.sync(() => void (errors += Buffer.from(bytes).toString()))
        })
      )
      yield* until(() => received > size / 10)
      network.moveClient("192.0.2.77")
      yield* until(() => received > size / 5)
      network.filter = () => false
      yield* TestClock.adjust("10 seconds")
      expect(received).toBeLessThan(size)
      network.filter = () => true
      expect(yield* inTime(Fiber.join(running))).toEqual({ _tag: "Exited", status: 3 })
      expect(Buffer.compare(Buffer.concat(output), expected(1, 0, size))).toBe(0)
      expect(errors).toBe("done")
      yield* TestClock.adjust("1 second")
      expect(events).toEqual(["cat released"])
    })
  )

  it.effect("receives signals, also while its input waits and its output is not read", () =>
    Effect.gen(function* () {
      const { commands } = yield* start()
      let errors = ""
      const signals = yield* Queue.unbounded<CommandClient.CommandSignal>()
      const blocked = yield* Deferred.make<void>()
      const running = yield* Effect.forkChild(
        commands.run({
          what: "command",
          text: "flood",
          input: Stream.make(new Uint8Array(4_000_000)),
          onOutput: () => Deferred.await(blocked),
          onErrors: (bytes) => Effect.sync(() => void (errors += Buffer.from(bytes).toString())),
          signals: Stream.fromQueue(signals)
        })
      )
      yield* TestClock.adjust("3 seconds")
      expect(errors).toBe("flooding")
      Queue.offerUnsafe(signals, "TERM")
      yield* TestClock.adjust("1 second")
      yield* Deferred.succeed(blocked, undefined)
      expect(yield* inTime(Fiber.join(running))).toEqual({ _tag: "Killed", signal: "TERM" })
    })
  )

  it.effect("loses its output when that is closed at the client", () =>
    Effect.gen(function* () {
      const { commands, events } = yield* start()
      let pieces = 0
      const ending = yield* inTime(
        commands.run({
          what: "command",
          text: "flood",
          input: Stream.never,
          onOutput: () => (++pieces > 2 ? Effect.fail(new OutputClosed()) : Effect.void)
        })
      )
      expect([ending, events[0], pieces]).toEqual([{ _tag: "Killed", signal: "PIPE" }, "flood has no output", 3])
    })
  )

  it.effect("is released when its client leaves, or is interrupted", () =>
    Effect.gen(function* () {
      const { client, commands, events } = yield* start()
      const input = Stream.never
      const first = yield* Effect.forkChild(commands.run({ what: "command", text: "cat", input }))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("1 second")
      expect(events).toEqual(["cat has no output", "cat released"])
      const second = yield* Effect.forkChild(Effect.flip(commands.run({ what: "command", text: "cat", input })))
      yield* TestClock.adjust("1 second")
      yield* inTime(client.shutdown)
      expect(yield* inTime(Fiber.join(second))).toMatchObject({ _tag: "StreamError", reason: "SessionEnded" })
      yield* TestClock.adjust("1 second")
      expect(events.slice(2)).toEqual(["cat has no output", "cat released"])
    })
  )

  it.effect("counts as ended when its client leaves with the end, and as abandoned when it leaves before", () =>
    Effect.gen(function* () {
      const counts = Effect.map(Metric.snapshot, (metrics) =>
        ["Exited", "Abandoned"].map((how) => {
          const found = metrics.find(
            ({ attributes, id }) => id === CommandMetricNames.ended && attributes?.["how"] === how
          )
          return found?.type === "Counter" ? Number(found.state.count) : 0
        })
      )
      const [exited = 0, abandoned = 0] = yield* counts
      const { client, commands } = yield* start()
      yield* Effect.forkChild(commands.run({ what: "command", text: "cat", input: Stream.never }))
      const ended = commands.run({ what: "command", text: "cat", input: Stream.empty })
      yield* inTime(Effect.andThen(ended, client.shutdown))
      yield* TestClock.adjust("1 second")
      expect(yield* counts).toEqual([exited + 1, abandoned + 1])
    })
  )

  it.effect("is reported if it cannot be started, sent, or is not accepted", () =>
    Effect.gen(function* () {
      const { commands } = yield* start()
      expect(yield* inTime(commands.run({ what: "command", text: "missing" }))).toEqual({
        _tag: "Failed",
        reason: "there is no shell"
      })
      expect(yield* Effect.flip(commands.run({ what: "command", text: "a\0b" }))).toMatchObject({
        _tag: "InvalidCommand"
      })
      const older = yield* start({ serves: false })
      const refusal = yield* inTime(Effect.flip(older.commands.run({ what: "command", text: "cat" })))
      expect(refusal).toMatchObject({ _tag: "StreamError", reason: "Refused" })
      const stock = yield* start({ server: Features.stock })
      const none = yield* inTime(Effect.flip(stock.commands.run({ what: "command", text: "cat" })))
      expect(none).toMatchObject({ _tag: "StreamError", reason: "Unsupported" })
    })
  )
})
