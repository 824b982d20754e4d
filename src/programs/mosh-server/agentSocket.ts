/**
 * The socket at which programs of a session find the client's authentication agent. Its path is the session's, so it stays the
 * same while clients come and go.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { AgentClients } from "../../services/agent/AgentClients.ts"
import { Sockets } from "../../services/forwarding/Sockets.ts"
import * as PrivateDirectory from "../../services/node/files/PrivateDirectory.ts"

/** Maximum length of a socket's path, bytes. The system truncates longer ones; macOS has the lowest limit. */
const LONGEST_PATH = 103

/** Opens the socket. Its path; `undefined` if there is no private directory for it. */
export const open = Effect.fnUntraced(function* (
  clients: AgentClients
): Effect.fn.Return<string | undefined, never, Scope.Scope | Sockets> {
  const sockets = yield* Sockets
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const scope = yield* Effect.scope
  for (const place of PrivateDirectory.places(process.env)) {
    const directory = PrivateDirectory.open(place, true)
    if (directory === undefined) continue
    const path = Path.join(directory, `${process.pid}.agent`)
    if (Buffer.byteLength(path) > LONGEST_PATH) continue
    // An earlier process with this id may have been killed.
    remove(path)
    const listening = yield* Effect.result(
      sockets.listen({ _tag: "Unix", path }, (program) => void fork(Effect.forkIn(clients.serve(program), scope)))
    )
    if (listening._tag === "Failure") continue
    // It must also be removed if the process exits without closing the scope, as after an internal error.
    process.once("exit", () => remove(path))
    return path
  }
  return undefined
})

const remove = (path: string): void => {
  try {
    Fs.unlinkSync(path)
  } catch {
    // It does not exist.
  }
}
