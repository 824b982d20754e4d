/**
 * An `expect` for mosh: a program that waits for text on the remote screen, and types.
 *
 *     npm run build && node examples/expect.ts
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Data, Effect, Layer, Stream } from "effect"
import { type ClientSession, Frame, MoshClient } from "effect-mosh"
import { NodeMoshClient, NodeMoshServer } from "effect-mosh/node"
import { serveShell } from "./embed-server.ts"

/** The session ended before its screen showed the text. */
export class EndedFirst extends Data.TaggedError("EndedFirst")<{ readonly pattern: RegExp }> {
  override get message() {
    return `the session ended before its screen showed ${this.pattern}`
  }
}

/**
 * The lines of the first screen that matches `pattern`. Fails with `EndedFirst` if the session ends first, and with
 * `TimeoutError` if no such screen arrives within 10 s.
 */
export const waitFor = (session: ClientSession, pattern: RegExp) =>
  session.screens.pipe(
    Stream.map(Frame.lines),
    Stream.filter((lines) => lines.some((line) => pattern.test(line))),
    Stream.runHead,
    Effect.flatMap((found) => Effect.fromOption(found, () => new EndedFirst({ pattern }))),
    Effect.timeout("10 seconds")
  )

/** Lets a remote shell compute a sum. */
export const askForASum = Effect.gen(function* () {
  const server = yield* serveShell(["sh"])
  const client = yield* MoshClient
  const session = yield* client.connect({ host: "127.0.0.1", port: server.port, key: server.key })
  yield* waitFor(session, /[$#] ?$/)
  yield* session.type("echo the sum is $((20 + 22))\r")
  const lines = yield* waitFor(session, /^the sum is \d+$/)
  yield* session.shutdown()
  return lines.find((line) => line.startsWith("the sum is"))
})

if (import.meta.main) {
  const runtime = Layer.merge(NodeMoshServer.layer, NodeMoshClient.layer)
  NodeRuntime.runMain(askForASum.pipe(Effect.flatMap(Console.log), Effect.scoped, Effect.provide(runtime)))
}
