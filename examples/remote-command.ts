/**
 * Runs a command at a server without a terminal, and sends a file to it: what `mosh -T` does.
 *
 *     npm run build && node examples/remote-command.ts README.md
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Stream } from "effect"
import { CommandClient, CommandServer, MoshClient, MoshServer } from "effect-mosh"
import { NodeCommands, NodeMoshClient, NodeMoshServer } from "effect-mosh/node"
import * as Fs from "node:fs"

/** A server that runs commands, on a port that the kernel chooses. */
const serve = Effect.gen(function* () {
  const environment = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" }
  const commands = NodeCommands.layer({ shell: "/bin/sh", home: "/", environment })
  const handler = yield* Effect.provide(CommandServer.handler(), commands)
  const ports = { low: 0, high: 0 }
  const program = () => Effect.never
  return yield* (yield* MoshServer).serve({ program, address: "127.0.0.1", ports, streamHandlers: [handler] })
})

/** Sends bytes to a command of the server. Returns its exit status, and what it printed. */
export const send = Effect.fnUntraced(function* (bytes: Stream.Stream<Uint8Array>, command: string) {
  const { key, port } = yield* serve
  const session = yield* (yield* MoshClient).connect({ host: "127.0.0.1", port, key })
  const commands = yield* CommandClient.make(session.streams)
  const printed: Array<Uint8Array> = []
  const print = (piece: Uint8Array) => Effect.sync(() => void printed.push(piece))
  const ending = yield* commands.run({ what: "command", text: command, input: bytes, onOutput: print, onErrors: print })
  yield* session.shutdown()
  return { status: ending._tag === "Exited" ? ending.status : 255, printed: Buffer.concat(printed).toString() }
})

if (import.meta.main) {
  const file = process.argv[2] ?? import.meta.filename
  const sent = send(Stream.fromIterable([Fs.readFileSync(file)]), "wc")
  const runtime = Layer.merge(NodeMoshServer.layer, NodeMoshClient.layer)
  NodeRuntime.runMain(sent.pipe(Effect.flatMap(Console.log), Effect.scoped, Effect.provide(runtime)))
}
