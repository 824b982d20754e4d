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
import type * as ControlMessage from "../../../domain/registry/ControlMessage.ts"
import type { Selector } from "../../../domain/registry/SessionName.ts"
import * as NameClaim from "../../../domain/registry/NameClaim.ts"
import * as SessionRecord from "../../../domain/registry/SessionRecord.ts"
import * as PrivateDirectory from "../files/PrivateDirectory.ts"
import * as ControlSocket from "./ControlSocket.ts"
import * as SessionNames from "./SessionNames.ts"

/** Maximum length of a socket's path, bytes. The system truncates longer ones; macOS has the lowest limit. */
const LONGEST_PATH = 103
/** Maximum number of simultaneous queries; further ones are rejected. */
const MOST_CALLERS = 16
/** How long to wait for a session's answer, ms. A stopped process never answers. */
const PATIENCE = 2000
const LONGEST_ANSWER = 65_536

/** What a session registers. */
export interface Registered {
  /** What the session reports when it is asked. */
  readonly record: () => SessionRecord.SessionRecord
  /** Handles requests to the session. Default: it takes none. */
  readonly control?: ((request: ControlMessage.Request) => Effect.Effect<ControlMessage.Reply>) | undefined
  /** The session's name. Default: none. */
  readonly name?: string | undefined
}

export type Registration =
  /** The session can be found while the scope is open. */
  | { readonly _tag: "Registered" }
  /** The session `pid` has the name. */
  | { readonly _tag: "Taken"; readonly pid: number }
  /** There is no private directory, or no socket can be made in it. The session can run nevertheless, but has no name. */
  | { readonly _tag: "Impossible" }

/**
 * Registers this process's session while the scope is open. Of sessions that register one name at the same time, one gets it
 * (`NameClaim`).
 */
export const register = Effect.fn("SessionRegistry.register")(function* (
  environment: NodeJS.ProcessEnv,
  { control, name, record }: Registered
): Effect.fn.Return<Registration, never, Scope.Scope> {
  for (const place of PrivateDirectory.places(environment)) {
    const directory = PrivateDirectory.open(place, true)
    if (directory === undefined) continue
    const path = Path.join(directory, String(process.pid))
    if (Buffer.byteLength(ControlSocket.pathOf(path)) > LONGEST_PATH) continue
    // An earlier process with this id exited without removing its socket.
    if ((yield* ask(path)) === "Refused") forget(path)
    // The control socket exists before the session can be found.
    if (control !== undefined && !(yield* ControlSocket.serve(ControlSocket.pathOf(path), control))) continue
    if (name !== undefined) {
      const claimed = yield* claim(environment, path, name)
      if (claimed._tag === "Taken") return claimed
      if (claimed._tag === "Impossible") continue
    }
    if (yield* answer(path, record)) return { _tag: "Registered" }
  }
  return { _tag: "Impossible" }
})

/** Claims a name for the session with this socket, until the scope closes. */
const claim = Effect.fnUntraced(function* (
  environment: NodeJS.ProcessEnv,
  path: string,
  name: string
): Effect.fn.Return<Registration, never, Scope.Scope> {
  const withdraw = () => SessionNames.withdraw(path)
  process.once("exit", withdraw)
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      withdraw()
      process.removeListener("exit", withdraw)
    })
  )
  let isPublished = false
  for (;;) {
    const others = (yield* claimsOf(environment, name)).filter(({ pid }) => pid !== process.pid)
    const verdict = NameClaim.decide({ pid: process.pid, isPublished }, others)
    switch (verdict._tag) {
      case "Take":
        return { _tag: "Registered" }
      case "Taken":
        withdraw()
        return verdict
      case "Publish":
        isPublished = SessionNames.publish(path, name)
        if (!isPublished) return { _tag: "Impossible" }
        break
      case "Withdraw":
        withdraw()
        isPublished = false
        break
      case "Wait":
        yield* Effect.sleep(CLAIM_POLL)
    }
  }
})

/** How often a session reads the claims of others while it waits for them, ms. */
const CLAIM_POLL = 10

/** The claims of running sessions to a name. Removes those of processes that ended. */
const claimsOf = (environment: NodeJS.ProcessEnv, name: string): Effect.Effect<ReadonlyArray<NameClaim.Claim>> =>
  Effect.forEach(SessionNames.claims(environment, name), ({ path, pid }) =>
    Effect.map(ControlSocket.isAlive(ControlSocket.pathOf(path)), (alive): ReadonlyArray<NameClaim.Claim> => {
      // Only the claim: the query socket is left for `list`, which records that the session ended.
      if (!alive) SessionNames.withdraw(path)
      return alive ? [{ pid, isHeld: Fs.existsSync(path) }] : []
    })
  ).pipe(Effect.map((found) => found.flat()))

/** A running session, which may not answer. */
export interface Located {
  readonly pid: number
  readonly name: string | undefined
}

/**
 * The session with this name or process id; `undefined` if there is none. Waits for a session that is registering the name just now.
 */
export const locate = (environment: NodeJS.ProcessEnv, which: Selector): Effect.Effect<Located | undefined> =>
  typeof which === "number" ? locateProcess(environment, which) : locateName(environment, which)

const locateName = Effect.fnUntraced(function* (
  environment: NodeJS.ProcessEnv,
  name: string
): Effect.fn.Return<Located | undefined> {
  for (let waited = 0; ; waited += CLAIM_POLL) {
    const claims = yield* claimsOf(environment, name)
    const holder = claims.find(({ isHeld }) => isHeld)
    if (holder !== undefined) return { pid: holder.pid, name }
    if (claims.length === 0 || waited >= PATIENCE) return undefined
    yield* Effect.sleep(CLAIM_POLL)
  }
})

const locateProcess = Effect.fnUntraced(function* (
  environment: NodeJS.ProcessEnv,
  pid: number
): Effect.fn.Return<Located | undefined> {
  for (const place of PrivateDirectory.places(environment)) {
    const directory = PrivateDirectory.open(place, false)
    if (directory === undefined) continue
    const path = Path.join(directory, String(pid))
    if (yield* ControlSocket.isAlive(path)) return { pid, name: SessionNames.nameOf(path) }
  }
  return undefined
})

const answer = (path: string, record: () => SessionRecord.SessionRecord) => {
  const onExit = (): void => void remove(path)
  return Effect.acquireRelease(
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
        process.once("exit", onExit)
        resume(Effect.succeed(server))
      })
    }),
    (server) =>
      Effect.sync(() => {
        process.removeListener("exit", onExit)
        server?.close()
      })
  ).pipe(Effect.map((server) => server !== undefined))
}

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
  /** Its name, known even without an answer; `undefined` if it has none. */
  readonly name: string | undefined
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
          if (forget(path)) onLost(pid)
          return []
        }
        const name = SessionNames.nameOf(path)
        return [{ pid, name, record: reply === "Silent" || reply.pid !== pid ? undefined : reply }]
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
      finish(ControlSocket.isRefusal(error) ? "Refused" : "Silent")
    })
    socket.on("close", () => clearTimeout(timer))
    return Effect.sync(() => socket.destroy())
  })

/** Removes everything of a session whose process has ended, and returns whether its socket for queries existed. */
const forget = (path: string): boolean => {
  remove(ControlSocket.pathOf(path))
  SessionNames.withdraw(path)
  return remove(path)
}

/** Removes a socket, and returns whether it existed. */
const remove = (path: string): boolean => {
  try {
    Fs.unlinkSync(path)
    return true
  } catch {
    return false
  }
}
