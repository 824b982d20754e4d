/**
 * One session, two viewers: both see the same shell, and both can type. Each has its own port and key, and can leave and be
 * replaced while the session continues.
 *
 *     npm run build && node examples/two-viewers.ts
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { MoshServer } from "effect-mosh"
import { NodeLogin, NodeMoshServer } from "effect-mosh/node"

export const share = (command: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const mosh = yield* MoshServer
    const session = yield* mosh.open({ program: NodeLogin.program({ command }) })
    const viewers = yield* Effect.forEach(["first", "second"], () => mosh.listen(session, { address: "127.0.0.1" }))
    for (const { key, port } of viewers) yield* Console.log(`MOSH_KEY=${key} mosh-client 127.0.0.1 ${port}`)
    return { session, viewers }
  })

if (import.meta.main) {
  const program = Effect.flatMap(share([]), ({ session }) => session.ended)
  NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(NodeMoshServer.layer)))
}
