/**
 * `Sockets` on `node:net`.
 *
 * Effect's own socket has no half-close, and reads by a callback that cannot make its peer wait.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import * as Endpoint from "../../../domain/forwarding/Endpoint.ts"
import type { ForwardingReason } from "../../../domain/forwarding/ForwardingCode.ts"
import { type Socket, SocketError, Sockets } from "../../forwarding/Sockets.ts"
import { systemError, words } from "../NodeSystemError.ts"

/** How long a destination may take to answer, ms. */
const CONNECT_TIMEOUT = 60_000

/** How long the first address of a host may take before the next one is tried as well, ms. */
const NEXT_ADDRESS = 1000

/** Connections that one listener passes on and that are not over. Further ones are closed at once. */
const MOST_CONNECTIONS = 256

/**
 * Node reads a piece of at most 64 KiB when it is asked for one, and none ahead: a sender of single bytes would otherwise fill
 * memory with as many objects, and each connection that is not read would hold another piece. Writers wait until the system has
 * taken what they wrote.
 */
const HIGH_WATER_MARK = 0
const OPTIONS = { allowHalfOpen: true, readableHighWaterMark: HIGH_WATER_MARK, writableHighWaterMark: HIGH_WATER_MARK }

/** Only this user can connect to a unix socket, as to ssh's (`StreamLocalBindMask`). */
const PRIVATE = 0o177

/** Node removes the file of a unix socket when the listener closes. A file that exists is not replaced. */
const listenOn = (
  options: Net.ListenOptions,
  onConnection: (socket: Socket) => void
): Effect.Effect<Net.Server, SocketError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Net.Server, SocketError>((resume) => {
      const server = Net.createServer({ allowHalfOpen: true, highWaterMark: HIGH_WATER_MARK }, (socket) =>
        onConnection(socketOf(socket))
      )
      server.maxConnections = MOST_CONNECTIONS
      server.once("error", (error) => resume(Effect.fail(errorOf(error))))
      // `listen` creates the file before it returns: nothing else that this process creates gets the mask.
      const mask = options.path === undefined ? undefined : process.umask(PRIVATE)
      try {
        server.listen(options, () => {
          // An error of `accept`, such as too many open files, ends no listener.
          server.removeAllListeners("error").on("error", () => undefined)
          resume(Effect.succeed(server))
        })
      } finally {
        if (mask !== undefined) process.umask(mask)
      }
    }),
    (server) => Effect.sync(() => server.close())
  )

const portOf = (server: Net.Server): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

const listenTcp = Effect.fnUntraced(function* (
  host: string | undefined,
  port: number,
  onConnection: (socket: Socket) => void
): Effect.fn.Return<number, SocketError, Scope.Scope> {
  // Node's default is all interfaces, of both families where there are two.
  if (host === Endpoint.ANY) return portOf(yield* listenOn({ port }, onConnection))
  if (host !== undefined && host !== "localhost") return portOf(yield* listenOn({ host, port }, onConnection))
  const four = yield* Effect.result(listenOn({ host: "127.0.0.1", port }, onConnection))
  if (four._tag === "Failure" && four.failure.reason === "in-use") return yield* four.failure
  const chosen = four._tag === "Success" ? portOf(four.success) : port
  // One of the two families is enough: a host may have disabled the other.
  const six = yield* Effect.result(listenOn({ host: "::1", port: chosen, ipv6Only: true }, onConnection))
  if (four._tag === "Success") return chosen
  return six._tag === "Success" ? portOf(six.success) : yield* four.failure
})

const connect = (to: Endpoint.Endpoint): Effect.Effect<Socket, SocketError> =>
  Effect.callback<Socket, SocketError>((resume) => {
    const socket = Net.connect(
      to._tag === "Unix"
        ? { ...OPTIONS, path: to.path }
        : { ...OPTIONS, host: to.host, port: to.port, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS }
    )
    const timer = setTimeout(() => {
      socket.destroy()
      resume(Effect.fail(new SocketError({ reason: "timed-out", detail: "no answer" })))
    }, CONNECT_TIMEOUT)
    socket.once("connect", () => {
      clearTimeout(timer)
      socket.removeAllListeners("error")
      resume(Effect.succeed(socketOf(socket)))
    })
    socket.once("error", (error) => {
      clearTimeout(timer)
      resume(Effect.fail(errorOf(error)))
    })
    return Effect.sync(() => {
      clearTimeout(timer)
      socket.on("error", () => undefined)
      socket.destroy()
    })
  })

/** What is read at once by default, bytes. */
const PIECE = 65_536

const socketOf = (socket: Net.Socket): Socket => {
  const readable = Latch.makeUnsafe(false)
  const writable = Latch.makeUnsafe(true)
  let isEnd = false
  /** What was read beyond what was asked for. */
  let rest: Buffer | undefined
  let failure: SocketError | undefined
  const fail = (error: SocketError): void => {
    failure ??= error
    readable.openUnsafe()
    writable.openUnsafe()
  }
  socket.setNoDelay()
  socket.on("readable", () => void readable.openUnsafe())
  socket.on("drain", () => void writable.openUnsafe())
  socket.on("end", () => {
    isEnd = true
    readable.openUnsafe()
  })
  socket.on("error", (error) => fail(errorOf(error)))
  socket.on("close", () => fail(new SocketError({ reason: "reset", detail: "closed" })))

  const read: Socket["read"] = (max = PIECE) =>
    Effect.suspend(() => {
      if (failure === undefined) readable.closeUnsafe()
      // With a length, Node would read that much ahead from then on.
      const arrived = rest ?? (socket.read() as Buffer | null)
      rest = undefined
      if (arrived !== null) {
        const length = Math.max(1, Math.floor(max))
        if (arrived.length > length) rest = arrived.subarray(length)
        return Effect.succeed(arrived.subarray(0, length))
      }
      if (isEnd) return Effect.undefined
      return failure ?? Effect.andThen(readable.await, read(max))
    })
  return {
    read,
    write: (bytes) =>
      Effect.suspend(() => {
        if (failure !== undefined) return failure
        if (socket.write(bytes)) return Effect.void
        writable.closeUnsafe()
        return Effect.andThen(
          writable.await,
          Effect.suspend(() => failure ?? Effect.void)
        )
      }),
    finish: Effect.sync(() => void socket.end()),
    reset: Effect.sync(() => {
      if (socket.remoteFamily === undefined) socket.destroy()
      else socket.resetAndDestroy()
    }),
    close: Effect.sync(() => socket.destroySoon())
  }
}

const REASONS: Readonly<Record<string, ForwardingReason>> = {
  ECONNREFUSED: "refused",
  ENOENT: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ENOTFOUND: "unknown-host",
  EAI_AGAIN: "unknown-host",
  ETIMEDOUT: "timed-out",
  EADDRINUSE: "in-use",
  EACCES: "no-permission",
  EPERM: "no-permission",
  ECONNRESET: "reset",
  EPIPE: "reset",
  EMFILE: "too-many",
  ENFILE: "too-many"
}

const errorOf = (error: Error): SocketError => {
  // One error for each address of a host.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  return new SocketError({ reason: REASONS[systemError(first)?.code ?? ""] ?? "failed", detail: words(first) })
}

/** Sockets of Node: TCP and unix sockets of this machine. */
export const layer: Layer.Layer<Sockets> = Layer.succeed(Sockets, {
  listen: (at, onConnection) =>
    at._tag === "Unix"
      ? Effect.as(listenOn({ path: at.path }, onConnection), 0)
      : listenTcp(at.host, at.port, onConnection),
  connect
})
