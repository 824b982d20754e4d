/**
 * A session's control socket: takes requests of this user's other processes, such as `mosh-server attach`.
 *
 * The socket has mode 0600, in a directory of mode 0700, so that only processes of this user and of root can connect. Node
 * has no access to peer credentials, which would repeat that check.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as ControlMessage from "../../../domain/registry/ControlMessage.ts"

/** How long a caller may take for its request, and a session for its reply, ms. */
const PATIENCE = 3000
const MOST_CALLERS = 8

/** The path of the control socket, next to the socket that answers queries. */
export const pathOf = (path: string): string => `${path}.control`

/**
 * Answers requests while the scope is open. `handle` gets valid requests only; others are closed without a reply. Returns
 * `false` if the socket cannot be made.
 */
export const serve = Effect.fnUntraced(function* (
  path: string,
  handle: (request: ControlMessage.Request) => Effect.Effect<ControlMessage.Reply>
): Effect.fn.Return<boolean, never, Scope.Scope> {
  const runFork = Effect.runForkWith(yield* Effect.context<never>())
  remove(path)
  const onExit = (): void => remove(path)
  const server = yield* Effect.acquireRelease(
    Effect.callback<Net.Server | undefined>((resume) => {
      const listener = Net.createServer((caller) => {
        readLine(caller, (line) => {
          const request = line === undefined ? undefined : ControlMessage.decodeRequest(line)
          if (request === undefined) return void caller.destroy()
          runFork(Effect.map(handle(request), (reply) => void caller.end(ControlMessage.encode(reply))))
        })
      })
      listener.maxConnections = MOST_CALLERS
      listener.on("error", () => resume(Effect.undefined))
      // The socket is never open to others, not even between its creation and a change of its mode.
      const mask = process.umask(0o177)
      try {
        listener.listen(path, () => {
          listener.unref()
          process.once("exit", onExit)
          resume(Effect.succeed(listener))
        })
      } finally {
        process.umask(mask)
      }
    }),
    (listener) =>
      Effect.sync(() => {
        process.removeListener("exit", onExit)
        listener?.close()
      })
  )
  return server !== undefined
})

/** Whether a process listens on the control socket, even if it does not reply. */
export const isAlive = (path: string): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const socket = Net.connect({ path })
    const finish = (alive: boolean) => {
      socket.destroy()
      resume(Effect.succeed(alive))
    }
    socket.on("connect", () => finish(true))
    socket.on("error", (error) => finish(!isRefusal(error)))
    return Effect.sync(() => socket.destroy())
  })

/** Whether an error of a connection shows that no process listens. */
export const isRefusal = (error: NodeJS.ErrnoException): boolean =>
  error.code === "ECONNREFUSED" || error.code === "ENOENT"

/** Sends a request to a session. `undefined`: there was no valid reply in time. */
export const ask = (path: string, request: ControlMessage.Request): Effect.Effect<ControlMessage.Reply | undefined> =>
  Effect.callback((resume) => {
    const socket = Net.connect({ path })
    readLine(socket, (line) => {
      socket.destroy()
      resume(Effect.succeed(line === undefined ? undefined : ControlMessage.decodeReply(line)))
    })
    socket.write(ControlMessage.encode(request))
    return Effect.sync(() => socket.destroy())
  })

/** Passes on the first line of a socket, without its line feed; `undefined` if it is too long, too late, or never complete. */
const readLine = (socket: Net.Socket, onLine: (line: string | undefined) => void): void => {
  let text = ""
  let isDone = false
  const finish = (line: string | undefined): void => {
    if (isDone) return
    isDone = true
    clearTimeout(timer)
    onLine(line)
  }
  const timer = setTimeout(() => {
    finish(undefined)
    socket.destroy()
  }, PATIENCE)
  socket.setEncoding("utf8")
  socket.on("data", (more: string) => {
    if (isDone) return
    text += more
    const end = text.indexOf("\n")
    if (end >= 0) finish(text.slice(0, end))
    else if (text.length > ControlMessage.LONGEST) finish(undefined)
  })
  for (const event of ["end", "error", "close"]) socket.on(event, () => finish(undefined))
}

const remove = (path: string): void => {
  try {
    Fs.unlinkSync(path)
  } catch {
    // There is none.
  }
}
