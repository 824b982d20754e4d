/**
 * A server inside a program of your own. Anyone who has its CONNECT line has a shell, as with `mosh-server`.
 *
 *     npm run build && node examples/embed-server.ts
 *     MOSH_KEY=<the key> mosh-client 127.0.0.1 <the port>
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { MoshServer } from "effect-mosh"
import { NodeLogin, NodeMoshServer } from "effect-mosh/node"

export const serveShell = (command: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const mosh = yield* MoshServer
    const program = NodeLogin.program({ command })
    const server = yield* mosh.serve({ program, address: "127.0.0.1", ports: { low: 60001, high: 60999 } })
    yield* Console.log(`MOSH CONNECT ${server.port} ${server.key}`)
    return server
  })

if (import.meta.main) {
  const program = Effect.flatMap(serveShell([]), ({ ended }) => ended)
  NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(NodeMoshServer.layer)))
}
