/**
 * A live session on a web page.
 *
 *     npm run build && node examples/web/server.ts
 *
 * The page's address contains a secret: anyone who has it has the shell.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import { type ClientSession, MoshClient } from "effect-mosh"
import { NodeMoshClient, NodeMoshServer } from "effect-mosh/node"
import { serveShell } from "../embed-server.ts"
import * as Bridge from "./bridge.ts"

/** Serves the page until the scope closes. Returns the address to open. */
export const serve = Effect.fnUntraced(function* (session: ClientSession) {
  const token = Bridge.makeToken()
  const { "/": page, ...others } = Bridge.files
  const files = new Map(Object.entries(others))
  const origin = yield* Bridge.serve(({ connect, url }) => {
    const file = files.get(url.pathname)
    if (file !== undefined) return Effect.succeed(file)
    if (!token.matches(url.searchParams.get("token"))) return Effect.succeed(Bridge.refused)
    if (url.pathname === "/") return Effect.succeed(page)
    return url.pathname === "/session" ? connect(Effect.succeed(session)) : Effect.succeed(Bridge.refused)
  })
  return `${origin}/?token=${token.text}`
})

if (import.meta.main) {
  const program = Effect.gen(function* () {
    const server = yield* serveShell([])
    const client = yield* MoshClient
    const session = yield* client.connect({ host: "127.0.0.1", port: server.port, key: server.key })
    yield* Console.log(`Open ${yield* serve(session)}`)
    yield* session.ended
  })
  const runtime = Layer.merge(NodeMoshServer.layer, NodeMoshClient.layer)
  NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(runtime)))
}
