/**
 * A program that reaches a port of another host through a session, as `mosh -L` does, without a terminal.
 *
 *     npm run build && MOSH_KEY=<the key> node examples/forward-port.ts 127.0.0.1 60001 0:localhost:80
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import { ClientForwarding, ForwardSpec, MoshClient, MoshServer, ServerForwarding } from "effect-mosh"
import { NodeMoshClient, NodeSockets } from "effect-mosh/node"

/** Serves a session that forwards connections for its client, and allows no listeners on this host. */
export const serveForwarding = Effect.gen(function* () {
  const forwarding = yield* ServerForwarding.make({ connects: true, listens: false })
  return yield* (yield* MoshServer).serve({
    program: () => Effect.never,
    address: "127.0.0.1",
    streamHandlers: [forwarding]
  })
})

/** Joins a session, and forwards as long as the scope is open. `spec` is an argument of `-L`; gives the port of the listener. */
export const forward = Effect.fn("forward")(function* (host: string, port: number, key: string, spec: string) {
  const forwarding = yield* ClientForwarding.make()
  yield* (yield* MoshClient).connect({ host, port, key, streamHandlers: [forwarding.handler] })
  const opened = yield* forwarding.add(yield* Effect.fromResult(ForwardSpec.parse("L", spec)))
  return opened.port
})

if (import.meta.main) {
  const [host = "127.0.0.1", port = "60001", spec = "0:localhost:80"] = process.argv.slice(2)
  const program = Effect.gen(function* () {
    const listener = yield* forward(host, Number(port), process.env["MOSH_KEY"] ?? "", spec)
    yield* Console.log(`listening on 127.0.0.1:${listener}`)
    return yield* Effect.never
  })
  const layers = Layer.mergeAll(NodeMoshClient.layer, NodeSockets.layer)
  NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(layers)))
}
