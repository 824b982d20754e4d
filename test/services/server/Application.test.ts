import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as ApplicationService from "../../../src/services/server/Application.ts"
import type { Application } from "../../../src/services/server/Application.ts"
import { type ClientSession, MoshClient } from "../../../src/services/client/MoshClient.ts"
import { type Listening, MoshServer } from "../../../src/services/server/MoshServer.ts"
import * as NodeMoshClient from "../../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../../src/services/node/NodeMoshServer.ts"

const runtime = Layer.mergeAll(NodeMoshServer.layer, NodeMoshClient.layer)
const LOOPBACK = { address: "127.0.0.1", ports: { low: 0, high: 0 } }
const SIZE = { columns: 40, rows: 5 }

const textOf = (frame: Frame.Frame): string => Frame.lines(frame).join("\n")

const join = (listening: Listening, size = SIZE) =>
  Effect.gen(function* () {
    const key = Result.getOrThrow(SessionKey.parse(listening.key))
    return yield* (yield* MoshClient).connect({ host: "127.0.0.1", port: listening.port, key, size })
  })

/** Resumes when the client shows the text. */
const sees = (client: ClientSession, text: string) =>
  Stream.runHead(Stream.filter(client.pictures, (picture) => textOf(picture).includes(text))).pipe(
    Effect.timeout("10 seconds")
  )

const typed = (text: string) => new TextEncoder().encode(text)

/** Prints the keys that it reads and its size, and ends at `q`. */
const parrot: Application = (terminal) =>
  Effect.gen(function* () {
    yield* Effect.forkScoped(
      Stream.runForEach(terminal.sizes, ({ columns, rows }) => terminal.write(`${columns} by ${rows}\r\n`))
    )
    yield* terminal.keys.pipe(
      Stream.decodeText,
      Stream.takeUntil((text) => text.includes("q")),
      Stream.runForEach((text) => terminal.write(`heard ${text}\r\n`))
    )
  }).pipe(Effect.scoped)

describe("long output", () => {
  /** Runs applications side by side, and lists what each prints: its name, and the text's first letter and length. */
  const printed = (applications: Readonly<Record<string, Application>>) =>
    Effect.gen(function* () {
      const pieces: Array<string> = []
      const ends = yield* Effect.forEach(Object.entries(applications), ([name, application]) =>
        Effect.gen(function* () {
          const ended = yield* Deferred.make<void>()
          yield* ApplicationService.run(application, {
            size: SIZE,
            onOutput: (bytes) => pieces.push(`${name} ${String.fromCharCode(bytes[0] ?? 0)} ${bytes.length}`),
            onFrame: () => pieces.push(`${name} frame`),
            onEnd: () => Deferred.doneUnsafe(ended, Effect.void)
          })
          return ended
        })
      )
      for (const ended of ends) yield* Deferred.await(ended)
      return pieces
    }).pipe(Effect.scoped)

  it.effect("of one program leaves turns to others", () =>
    Effect.gen(function* () {
      const pieces = yield* printed({
        long: ({ write }) => write("l".repeat(3 * ApplicationService.TURN + 5)),
        short: ({ write }) => Effect.andThen(write("a"), Effect.andThen(Effect.yieldNow, write("b")))
      })
      const turn = `long l ${ApplicationService.TURN}`
      expect(pieces).toEqual([turn, "short a 1", turn, "short b 1", turn, "long l 5"])
    })
  )

  it.effect("comes in the order of its writes, whichever fibers write", () =>
    Effect.gen(function* () {
      const pieces = yield* printed({
        one: ({ show, write }) =>
          Effect.all(
            [
              write("l".repeat(2 * ApplicationService.TURN)),
              write("a"),
              show(Frame.blank(SIZE)),
              write("m".repeat(70_000)),
              write("b")
            ],
            { concurrency: "unbounded", discard: true }
          )
      })
      const turn = ApplicationService.TURN
      expect(pieces).toEqual([
        `one l ${turn}`,
        `one l ${turn}`,
        "one a 1",
        "one frame",
        `one m ${turn}`,
        `one m ${70_000 - turn}`,
        "one b 1"
      ])
    })
  )
})

describe("an application", () => {
  it.live("reads keys and sizes, prints, and ends the session when it ends", () =>
    Effect.gen(function* () {
      const server = yield* (yield* MoshServer).serve({ program: parrot, ...LOOPBACK })
      const client = yield* join(server)
      yield* sees(client, "40 by 5")
      yield* client.type(typed("hello"))
      yield* sees(client, "heard hello")
      client.resize({ columns: 30, rows: 6 })
      yield* sees(client, "30 by 6")
      yield* client.type(typed("q"))
      expect(yield* server.session.ended).toEqual({ _tag: "Finished", exit: Exit.void })
      expect(yield* client.ended).toEqual({ _tag: "PeerShutdown" })
      expect(yield* server.ended).toBe("ProgramEnded")
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("shows frames, cut to the client's size", () =>
    Effect.gen(function* () {
      const wide = { columns: 60, rows: 8 }
      const frame = FramePatch.patch(Frame.blank(wide), `\x1b[2H漢字${"x".repeat(55)}y`)
      const program: Application = (terminal) => terminal.show(frame).pipe(Effect.andThen(Effect.never))
      const server = yield* (yield* MoshServer).serve({ program, ...LOOPBACK })
      const client = yield* join(server)
      yield* sees(client, "x".repeat(36))
      expect(textOf(client.picture())).toBe(`\n漢字${"x".repeat(36)}\n\n\n`)
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("is interrupted when its session is closed, and its failure is reported", () =>
    Effect.gen(function* () {
      const mosh = yield* MoshServer
      const started = yield* Deferred.make<void>()
      const interrupted = yield* Deferred.make<void>()
      const program = () =>
        Deferred.succeed(started, undefined).pipe(
          Effect.andThen(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
        )
      const session = yield* mosh.open({ program }).pipe(
        Effect.tap((session) => Effect.sync(session.start)),
        Effect.tap(() => Deferred.await(started)),
        Effect.scoped
      )
      yield* Deferred.await(interrupted).pipe(Effect.timeout("5 seconds"))
      expect(session.frame().size).toEqual({ columns: 80, rows: 24 })

      const failing = yield* mosh.open({ program: () => Effect.fail("no reason") })
      failing.start()
      const failed = yield* failing.ended
      const error =
        failed._tag === "Finished" && Exit.isFailure(failed.exit) ? Cause.findErrorOption(failed.exit.cause) : undefined
      expect(error).toEqual(Option.some("no reason"))
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("is shown to all its listeners' clients, and receives keys from each", () =>
    Effect.gen(function* () {
      const mosh = yield* MoshServer
      const session = yield* mosh.open({ program: parrot })
      const viewers = yield* Effect.forEach([1, 2], () => mosh.listen(session, LOOPBACK))
      const clients = yield* Effect.forEach(viewers, (viewer) => join(viewer))
      for (const [at, client] of clients.entries()) {
        yield* client.type(typed(`from ${at}`))
        for (const other of clients) yield* sees(other, `heard from ${at}`)
      }
      const [first, second] = clients
      if (first === undefined || second === undefined) return expect.unreachable()
      const left = yield* Effect.forkChild(first.shutdown("leaving"))
      expect(yield* Fiber.join(left)).toEqual({ _tag: "Acknowledged" })
      yield* second.type(typed("still here"))
      yield* sees(second, "heard still here")
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )
})
