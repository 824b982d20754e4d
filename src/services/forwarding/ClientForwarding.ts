/**
 * The client's part of forwarding: the forwardings that the user asked for, which can be added and removed while the session
 * runs.
 *
 * A forwarding may be added before the session has begun: connections to its listener wait. The server can open connections
 * only for listeners that were asked for here, and cannot choose where they go, except through a proxy (`-R PORT`).
 */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Scope from "effect/Scope"
import * as ConnectionHeader from "../../domain/forwarding/ConnectionHeader.ts"
import * as Endpoint from "../../domain/forwarding/Endpoint.ts"
import * as ForwardingCode from "../../domain/forwarding/ForwardingCode.ts"
import type { Forwarding } from "../../domain/forwarding/ForwardingList.ts"
import * as ForwardSpec from "../../domain/forwarding/ForwardSpec.ts"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import * as Varint from "../../domain/wire/streams/Varint.ts"
import type { ByteStream } from "../transport/ByteStream.ts"
import { StreamError } from "../transport/StreamError.ts"
import * as StreamHandler from "../transport/StreamHandler.ts"
import type { TransportStreams } from "../transport/TransportStreams.ts"
import * as ConnectionRelay from "./ConnectionRelay.ts"
import * as ForwardingMetrics from "./ForwardingMetrics.ts"
import { type Socket, type SocketError, Sockets } from "./Sockets.ts"
import * as SocksNegotiation from "./SocksNegotiation.ts"

/** A forwarding cannot be set up. `message` is a line for the user. */
export class ForwardingError extends Data.TaggedError("ForwardingError")<{
  /** The forwarding that was asked for. */
  readonly spec: ForwardSpec.ForwardSpec
  /** Why: as the server reports it, or that it cannot forward, that the session ended, or that there is such a forwarding. */
  readonly reason: ForwardingCode.ForwardingReason | "unsupported" | "ended" | "exists"
  /** The same as a phrase for the user. */
  readonly detail: string
}> {
  override get message() {
    return `${ForwardSpec.display(this.spec)}: ${this.detail}`
  }
}

/** The forwardings of one session. */
export interface ClientForwarding {
  /** For the session that they belong to, and for no other. */
  readonly handler: StreamHandler.StreamHandler
  /** Opens a forwarding. One at the server waits until the server is known. */
  readonly add: (spec: ForwardSpec.ForwardSpec) => Effect.Effect<Forwarding, ForwardingError>
  /** Closes the listener of a forwarding. Its connections go on. Returns whether there was one. */
  readonly remove: (flag: ForwardSpec.Flag, listen: Endpoint.ListenEndpoint) => Effect.Effect<boolean>
  /** The forwardings, in the order in which they were added. */
  readonly list: () => ReadonlyArray<Forwarding>
  /** Resumes when no connection is carried. */
  readonly idle: Effect.Effect<void>
  /** Whether there was any connection. From then on, SIGPIPE can mean that one of them broke. */
  readonly hasCarried: () => boolean
}

/** How the forwardings of a session behave. */
export interface Options {
  /** Whether listeners of this end without an address are open to other hosts (ssh's `GatewayPorts`). Default: no. */
  readonly gatewayPorts?: boolean | undefined
  /** Called with a line for the user when connections fail because of the server. Must not throw. */
  readonly onNotice?: ((text: string) => void) | undefined
}

/** The notice where the server's policy allows no forwarding. */
const PROHIBITED = "forwarding is forbidden by the server (MOSH_SERVER_FORWARDING)"

/** How a forwarding fails where the server is stock mosh. */
export const UNSUPPORTED = "forwarding is unavailable: the server is not effect-mosh, or an old one"

interface Entry {
  readonly spec: ForwardSpec.ForwardSpec
  readonly scope: Scope.Closeable
  port: number
  isOpen: boolean
  connections: number
}

/** The forwardings of one session, none at first. They end with the scope. */
export const make = Effect.fnUntraced(function* (
  options: Options = {}
): Effect.fn.Return<ClientForwarding, never, Scope.Scope | Sockets> {
  const sockets = yield* Sockets
  const scope = yield* Effect.scope
  const metrics = yield* ForwardingMetrics.make("client")
  const session = yield* Deferred.make<TransportStreams>()
  const fork = Effect.runForkWith(yield* Effect.context<never>())
  const entries = new Set<Entry>()
  /** The listeners at the server, by the numbers of their streams. */
  const remote = new Map<number, Entry>()
  const idle = Latch.makeUnsafe(true)
  let isNoticed = false
  let hasCarried = false
  let carried = 0

  const notice = (text: string): void => {
    if (!isNoticed) options.onNotice?.(text)
    isNoticed = true
  }
  const observe = (error: StreamError | SocketError): void => {
    if (error._tag === "SocketError") return
    const failure = failureOf(error)
    if (failure.reason === "prohibited") notice(PROHIBITED)
    if (failure.reason === "unsupported") notice(failure.detail)
  }
  const counted = <A, E, R>(entry: Entry, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      entry.connections++
      carried++
      hasCarried = true
      idle.closeUnsafe()
      return Effect.ensuring(
        metrics.measured(effect),
        Effect.sync(() => {
          entry.connections--
          if (--carried === 0) idle.openUnsafe()
        })
      )
    })

  const open = (to: Endpoint.Endpoint): Effect.Effect<ByteStream, StreamError, Scope.Scope> =>
    Effect.flatMap(Deferred.await(session), (streams) =>
      streams.open(StreamKind.connection, ConnectionHeader.encode({ _tag: "Connect", to }))
    )

  /** Carries a connection to a listener of this end. */
  const accept = (entry: Entry, socket: Socket): Effect.Effect<void> => {
    const { target } = entry.spec
    const carried =
      target === undefined
        ? proxy(socket)
        : Effect.flatMap(
            Effect.onError(open(target), () => socket.reset),
            (stream) => ConnectionRelay.carry(socket, stream)
          )
    return counted(entry, carried).pipe(
      Effect.tapError((error) => Effect.sync(() => observe(error))),
      Effect.scoped,
      Effect.ignore
    )
  }

  /** Carries a connection to where its client asks to, by SOCKS. */
  const proxy = Effect.fnUntraced(function* (
    socket: Socket
  ): Effect.fn.Return<void, StreamError | SocketError, Scope.Scope> {
    const connect = (to: Endpoint.Endpoint) =>
      Effect.tap(open(to), ConnectionRelay.confirmed).pipe(
        Effect.tapError((error) => Effect.sync(() => observe(error))),
        Effect.mapError((error) => socksReason(failureOf(error).reason))
      )
    const client = { read: socket.read(), write: socket.write }
    const negotiated = yield* SocksNegotiation.negotiate(client, connect).pipe(Effect.onError(() => socket.reset))
    if (negotiated === undefined) return yield* socket.close
    const { connection, early } = negotiated
    yield* ConnectionRelay.relay(socket, connection, early).pipe(ConnectionRelay.ending(socket, connection))
  })

  /** Carries a connection to a listener at the server. */
  const acceptRemote = Effect.fnUntraced(function* (stream: ByteStream) {
    const header = ConnectionHeader.decode(stream.header)
    const entry = header?._tag === "Accepted" ? remote.get(header.listener) : undefined
    if (entry === undefined) return yield* stream.reset(ForwardingCode.codes.malformed)
    const { target } = entry.spec
    const carried = target === undefined ? proxyRemote(stream) : ConnectionRelay.connect(stream, target)
    yield* counted(entry, Effect.provideService(carried, Sockets, sockets))
  })

  const proxyRemote = Effect.fnUntraced(function* (
    stream: ByteStream
  ): Effect.fn.Return<void, StreamError | SocketError> {
    yield* ConnectionRelay.confirm(stream)
    const client = { read: stream.read(), write: stream.write }
    const negotiated = yield* SocksNegotiation.negotiate(client, (to) =>
      Effect.mapError(sockets.connect(to), ({ reason }) => reason)
    )
    if (negotiated === undefined) return yield* stream.finish
    const { connection, early } = negotiated
    yield* Effect.andThen(connection.write(early), ConnectionRelay.relay(connection, stream)).pipe(
      ConnectionRelay.ending(connection, stream)
    )
  })

  const listenHere = (entry: Entry): Effect.Effect<number, ForwardingError> => {
    const { listen } = entry.spec
    const isOpenToAll = listen._tag === "Tcp" && listen.host === undefined && options.gatewayPorts === true
    const at = isOpenToAll ? { ...listen, host: Endpoint.ANY } : listen
    return sockets
      .listen(at, (socket) => void fork(Effect.forkIn(accept(entry, socket), scope)))
      .pipe(
        Scope.provide(entry.scope),
        Effect.mapError(({ detail, reason }) => new ForwardingError({ spec: entry.spec, reason, detail }))
      )
  }

  const listenThere = Effect.fnUntraced(
    function* (entry: Entry): Effect.fn.Return<number, StreamError> {
      const streams = yield* Deferred.await(session)
      const header = ConnectionHeader.encodeListener(entry.spec.listen)
      const stream = yield* Scope.provide(streams.open(StreamKind.listener, header), entry.scope)
      remote.set(stream.id, entry)
      yield* Scope.addFinalizer(
        entry.scope,
        Effect.sync(() => remote.delete(stream.id))
      )
      const port = yield* readPort(stream)
      // The server ends the stream only with the listener.
      const over = Effect.andThen(Effect.exit(stream.read()), close(entry))
      yield* Effect.forkIn(over, scope)
      return port
    },
    (effect, entry) =>
      Effect.mapError(effect, (error) => new ForwardingError({ spec: entry.spec, ...failureOf(error) }))
  )

  const close = (entry: Entry): Effect.Effect<void> =>
    Effect.suspend(() => {
      entries.delete(entry)
      if (entry.isOpen && entry.spec.from === "client") metrics.listening(-1)
      entry.isOpen = false
      return Scope.close(entry.scope, Exit.void)
    })

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const { isOpen, spec } of entries) if (isOpen && spec.from === "client") metrics.listening(-1)
    })
  )

  return {
    handler: (peer) =>
      Effect.gen(function* () {
        yield* Deferred.succeed(session, peer.streams)
        yield* StreamHandler.accept(StreamKind.connection, (stream) => Effect.ignore(acceptRemote(stream)))(peer)
        yield* peer.streams.ready.pipe(
          Effect.catch((error) =>
            Effect.sync(() => {
              if (entries.size > 0) observe(error)
            })
          ),
          Effect.forkScoped
        )
      }),
    add: Effect.fn("ClientForwarding.add")(function* (spec: ForwardSpec.ForwardSpec) {
      if (find(entries, ForwardSpec.flag(spec), spec.listen) !== undefined && !isAnyPort(spec.listen))
        return yield* new ForwardingError({ spec, reason: "exists", detail: "this address is forwarded already" })
      const entry: Entry = { spec, scope: yield* Scope.fork(scope), port: 0, isOpen: false, connections: 0 }
      entries.add(entry)
      entry.port = yield* (spec.from === "client" ? listenHere(entry) : listenThere(entry)).pipe(
        Effect.onError(() => close(entry))
      )
      entry.isOpen = true
      if (spec.from === "client") metrics.listening(1)
      return statusOf(entry)
    }),
    remove: Effect.fn("ClientForwarding.remove")(function* (flag, listen) {
      const entry = find(entries, flag, listen)
      if (entry !== undefined) yield* close(entry)
      return entry !== undefined
    }),
    list: () => [...entries].map(statusOf),
    idle: idle.await,
    hasCarried: () => hasCarried
  }
})

const statusOf = ({ connections, isOpen, port, spec }: Entry): Forwarding => ({ spec, port, isOpen, connections })

const isAnyPort = (listen: Endpoint.ListenEndpoint): boolean => listen._tag === "Tcp" && listen.port === 0

/** The forwarding with a listener, which may be named by the port that the system chose. */
const find = (
  entries: ReadonlySet<Entry>,
  flag: ForwardSpec.Flag,
  listen: Endpoint.ListenEndpoint
): Entry | undefined =>
  [...entries].find(({ port, spec }) => {
    if (ForwardSpec.flag(spec) !== flag) return false
    const own = spec.listen._tag === "Tcp" && spec.listen.port === 0 ? { ...spec.listen, port } : spec.listen
    return Endpoint.format(own) === Endpoint.format(listen)
  })

const failureOf = (error: StreamError): Pick<ForwardingError, "detail" | "reason"> => {
  switch (error.reason) {
    case "Unsupported":
    case "Refused":
      return { reason: "unsupported", detail: UNSUPPORTED }
    case "Reset":
    case "Stopped": {
      const reason = ForwardingCode.reasonOf(error.code)
      return { reason, detail: ForwardingCode.words[reason] }
    }
    default:
      return { reason: "ended", detail: error.message }
  }
}

const socksReason = (reason: ForwardingError["reason"]): ForwardingCode.ForwardingReason =>
  reason === "unsupported" || reason === "ended" || reason === "exists" ? "failed" : reason

/** Reads the port of a listener at the server: at most 4 bytes. */
const readPort = Effect.fnUntraced(function* (stream: ByteStream): Effect.fn.Return<number, StreamError> {
  let bytes = new Uint8Array(0)
  for (let piece; bytes.length < 8 && (piece = yield* stream.read(1)) !== undefined;) {
    bytes = Uint8Array.of(...bytes, ...piece)
    const port = Varint.read({ bytes, at: 0 })
    if (port !== undefined && port <= 65_535) return port
  }
  yield* stream.reset(ForwardingCode.codes.malformed)
  return yield* new StreamError({ reason: "Reset", code: ForwardingCode.codes.malformed })
})
