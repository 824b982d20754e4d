/**
 * This user's sessions on this machine: each answers, on a socket in a private directory, who asks.
 *
 * Nothing is written while a session goes on, so nothing goes stale but what a killed process leaves behind: its socket
 * refuses, and whoever notices takes it away.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import * as SessionRecord from "../../../domain/session/SessionRecord.ts"
import * as PrivateDirectory from "../files/PrivateDirectory.ts"

/** A longer path does not fit into the address of a socket, and would be cut (macOS has the least room). */
const LONGEST_PATH = 103
/** Who asks is told at once; more at the same time are turned away. */
const MOST_CALLERS = 16
/** How long a session may take to answer, ms: one that is stopped never does. */
const PATIENCE = 2000
const LONGEST_ANSWER = 65_536

/**
 * Answers for this process's session while the scope is open. Whether that can be arranged makes no difference to the
 * session: `false` if not.
 */
export const register = Effect.fnUntraced(function* (
  environment: NodeJS.ProcessEnv,
  record: () => SessionRecord.SessionRecord
): Effect.fn.Return<boolean, never, Scope.Scope> {
  for (const place of PrivateDirectory.places(environment)) {
    const directory = PrivateDirectory.open(place, true)
    if (directory === undefined) continue
    const path = Path.join(directory, String(process.pid))
    if (Buffer.byteLength(path) > LONGEST_PATH) continue
    // An earlier process had this number, and left without taking its socket away.
    if ((yield* ask(path)) === "Refused") remove(path)
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
        // An end without a scope's end, as after an internal error, is to leave nothing behind either.
        process.once("exit", () => remove(path))
        resume(Effect.succeed(server))
      })
    }),
    (server) => Effect.sync(() => server?.close())
  ).pipe(Effect.map((server) => server !== undefined))

/** The directory lets nobody else in already. */
const restrict = (path: string): void => {
  try {
    Fs.chmodSync(path, 0o600)
  } catch {
    // It is gone again: then nobody asks.
  }
}

export interface Found {
  readonly pid: number
  /** `undefined` when it does not answer. */
  readonly record: SessionRecord.SessionRecord | undefined
}

/** All who answer, or ought to. `onLost` is told of those whose process ended without taking its socket away. */
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
          if (remove(path)) onLost(pid)
          return []
        }
        return [{ pid, record: reply === "Silent" || reply.pid !== pid ? undefined : reply }]
      }),
    { concurrency: MOST_CALLERS }
  ).pipe(Effect.map((found) => found.flat()))
}

const sockets = (directory: string): ReadonlyArray<string> => {
  try {
    return Fs.readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isSocket() && /^[1-9]\d{0,9}$/.test(entry.name))
      .map((entry) => Path.join(directory, entry.name))
  } catch {
    return []
  }
}

/** `Refused`: nobody listens there any more, or nothing is there. */
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

/** Whether there was something to remove. */
const remove = (path: string): boolean => {
  try {
    Fs.unlinkSync(path)
    return true
  } catch {
    return false
  }
}
