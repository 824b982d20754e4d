/**
 * Many sessions on one UDP port: a firewall admits one port, however many users there are. Each session has its own
 * key, and only that key decrypts its datagrams. So the port needs nothing new from clients, and stock's work too.
 *
 *     npm run build && node examples/many-sessions.ts
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Stream } from "effect"
import { type Application, MoshServer } from "effect-mosh"
import { NodeMoshServer } from "effect-mosh/node"

/** Greets a user, and shows what they type. */
const greet =
  (user: string): Application =>
  (terminal) =>
    Effect.andThen(terminal.write(`hello ${user}\r\n`), Stream.runForEach(terminal.keys, terminal.write))

/** Opens a session for each user, all on one port. They end with the scope. */
export const serveUsers = (users: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const mosh = yield* MoshServer
    const sharedPort = yield* mosh.sharePort({ address: "127.0.0.1" })
    const servers = yield* Effect.forEach(users, (user) => mosh.serve({ program: greet(user), sharedPort }))
    for (const { key, port } of servers) yield* Console.log(`MOSH_KEY=${key} mosh-client 127.0.0.1 ${port}`)
    return { servers, sharedPort }
  })

if (import.meta.main) {
  const program = Effect.andThen(serveUsers(["ada", "grace", "barbara"]), Effect.never)
  NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(NodeMoshServer.layer)))
}
