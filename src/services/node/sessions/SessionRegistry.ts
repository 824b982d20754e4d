/**
 * Registers this user's sessions on this machine: each session answers queries on a socket in a private directory.
 *
 * No state is stored while a session runs, so nothing becomes outdated, except the socket that a killed process leaves
 * behind: it refuses connections, and the next query removes it.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import type * as ControlMessage from "../../../domain/session/ControlMessage.ts"
import * as SessionRecord from "../../../domain/session/SessionRecord.ts"
import * as PrivateDirectory from "../files/PrivateDirectory.ts"
import * as ControlSocket from "./ControlSocket.ts"

/** Maximum length of a socket's path, bytes. The system truncates longer ones; macOS has the lowest limit. */
const LONGEST_PATH = 103
/** Maximum number of simultaneous queries; further ones are rejected. */
const MOST_CALLERS = 16
/** How long to wait for a session's answer, ms. A stopped process never answers. */
const PATIENCE = 2000
const LONGEST_ANSWER = 65_536

/**
 * Answers queries about this process's session while the scope is open, and with `control` requests to it. Returns `false` if that is impossible; the
 * session can run nevertheless.
 */
export const register = Effect.fn("SessionRegistry.register")(function* (
  environment: NodeJS.ProcessEnv,
  record: () => SessionRecord.SessionRecord,
  control?: (request: ControlMessage.Request) => Effect.Effect<ControlMessage.Reply>
): Effect.fn.Return<boolean, never, Scope.Scope> {
  for (const place of PrivateDirectory.places(environment)) {
    const directory = PrivateDirectory.open(place, true)
    if (directory === undefined) continue
    const path = Path.join(directory, String(process.pid))
    if (Buffer.byteLength(ControlSocket.pathOf(path)) > LONGEST_PATH) continue
    // An earlier process with this id exited without removing its socket.
    if ((yield* ask(path)) === "Refused") remove(path)
    // The control socket exists before the session can be found.
    if (control !== undefined && !(yield* ControlSocket.serve(ControlSocket.pathOf(path), control))) continue
    if (yield* answer(path, record)) return true
  }
  return false
})

const answer = (path: string, record: () => SessionRecord.SessionRecord) =>
  Effect.acquireRelease(
    Effect.callback<Net.Server | undefined>((resume) => {
      const server = Net.createServer((caller) => {
        caller.on("error", () => undefined)
        caller.setTimeout(PATIENCE, () => caller.destroy())
        caller.resume()
        caller.end(SessionRecord.encode(record()) + "\n")
      })
      server.maxConnections = MOST_CALLERS
      server.on("error", () => resume(Effect.undefined))
      server.listen(path, () => {
        server.unref()
        restrict(path)
        // The socket must also be removed if the process exits without closing the scope, as after an internal error.
        process.once("exit", () => remove(path))
        resume(Effect.succeed(server))
      })
    }),
    (server) => Effect.sync(() => server?.close())
  ).pipe(Effect.map((server) => server !== undefined))

/** Restricts the socket to this user. The directory does so already. */
const restrict = (path: string): void => {
  try {
    Fs.chmodSync(path, 0o600)
  } catch {
    // The socket has been removed, so nothing needs protection.
  }
}

/** A session's socket, and its answer. */
export interface Found {
  readonly pid: number
  /** The session's answer; `undefined` if there is none. */
  readonly record: SessionRecord.SessionRecord | undefined
}

/**
 * Queries all registered sessions. `onLost` is called for each session whose process exited without removing its
 * socket.
 */
export const list = (
  environment: NodeJS.ProcessEnv,
  onLost: (pid: number) => void
): Effect.Effect<ReadonlyArray<Found>> => {
  const paths = PrivateDirectory.places(environment).flatMap((place) => {
    const directory = PrivateDirectory.open(place, false)
    return directory === undefined ? [] : sockets(directory)
  })
  return Effect.forEach(
    paths,
    (path) =>
      Effect.map(ask(path), (reply): ReadonlyArray<Found> => {
        const pid = Number(Path.basename(path))
        if (reply === "Refused") {
          remove(ControlSocket.pathOf(path))
          if (remove(path)) onLost(pid)
          return []
        }
        return [{ pid, record: reply === "Silent" || reply.pid !== pid ? undefined : reply }]
      }),
    { concurrency: MOST_CALLERS }
  ).pipe(Effect.map((found) => found.flat()))
}

/** Sends a request to the session of a process. `undefined`: it does not reply. */
export const request = Effect.fn("SessionRegistry.request")(function* (
  environment: NodeJS.ProcessEnv,
  pid: number,
  message: ControlMessage.Request
) {
  for (const place of PrivateDirectory.places(environment)) {
    const directory = PrivateDirectory.open(place, false)
    if (directory === undefined) continue
    const reply = yield* ControlSocket.ask(ControlSocket.pathOf(Path.join(directory, String(pid))), message)
    if (reply !== undefined) return reply
  }
  return undefined
})

const sockets = (directory: string): ReadonlyArray<string> => {
  try {
    return Fs.readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isSocket() && /^[1-9]\d{0,9}$/.test(entry.name))
      .map((entry) => Path.join(directory, entry.name))
  } catch {
    return []
  }
}

/** Queries one session. `Refused`: no process listens on the socket any more, or it does not exist. */
const ask = (path: string): Effect.Effect<SessionRecord.SessionRecord | "Refused" | "Silent"> =>
  Effect.callback((resume) => {
    const socket = Net.connect({ path })
    let text = ""
    const finish = (reply: SessionRecord.SessionRecord | "Refused" | "Silent") => {
      socket.destroy()
      resume(Effect.succeed(reply))
    }
    const timer = setTimeout(finish, PATIENCE, "Silent")
    socket.setEncoding("utf8")
    socket.on("data", (more: string) => {
      text += more
      if (text.length > LONGEST_ANSWER) finish("Silent")
    })
    socket.on("end", () => finish(SessionRecord.decode(text) ?? "Silent"))
    socket.on("error", (error) => {
      const code = "code" in error ? error.code : undefined
      finish(code === "ECONNREFUSED" || code === "ENOENT" ? "Refused" : "Silent")
    })
    socket.on("close", () => clearTimeout(timer))
    return Effect.sync(() => socket.destroy())
  })

/** Removes a socket, and returns whether it existed. */
const remove = (path: string): boolean => {
  try {
    Fs.unlinkSync(path)
    return true
  } catch {
    return false
  }
}
