/**
 * The server's part of forwarding: connects to the destinations that its client names, and listens for its client.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ConnectionHeader from "../../domain/forwarding/ConnectionHeader.ts"
import * as Endpoint from "../../domain/forwarding/Endpoint.ts"
import * as ForwardingCode from "../../domain/forwarding/ForwardingCode.ts"
import * as ForwardingPolicy from "../../domain/forwarding/ForwardingPolicy.ts"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import * as Varint from "../../domain/wire/streams/Varint.ts"
import type { ByteStream } from "../transport/ByteStream.ts"
import * as StreamHandler from "../transport/StreamHandler.ts"
import * as ConnectionRelay from "./ConnectionRelay.ts"
import * as ForwardingMetrics from "./ForwardingMetrics.ts"
import { type Socket, Sockets } from "./Sockets.ts"

/** Listeners that one client may have at the same time. */
export const MOST_LISTENERS = 64

/** Forwards for clients, as far as the policy allows. */
export const make = Effect.fnUntraced(function* (
  policy: ForwardingPolicy.ForwardingPolicy = ForwardingPolicy.ALL
): Effect.fn.Return<StreamHandler.StreamHandler, never, Sockets> {
  const sockets = yield* Sockets
  const metrics = yield* ForwardingMetrics.make("server")

  const refuse = Effect.fnUntraced(function* (
    stream: ByteStream,
    reason: ForwardingCode.ForwardingReason,
    what: "connection" | "listener"
  ) {
    metrics.connection(reason)
    yield* Effect.annotateLogs(Effect.logInfo("forwarding refused"), { what, reason })
    yield* stream.reset(ForwardingCode.codes[reason])
  })

  const connect = Effect.fnUntraced(function* (stream: ByteStream) {
    const header = ConnectionHeader.decode(stream.header)
    if (header?._tag !== "Connect") return yield* refuse(stream, "malformed", "connection")
    if (!policy.connects) return yield* refuse(stream, "prohibited", "connection")
    yield* metrics.measured(ConnectionRelay.connect(stream, header.to))
  })

  return (peer) => {
    let listeners = 0
    const listen = Effect.fnUntraced(function* (stream: ByteStream, connections: Scope.Scope) {
      const at = ConnectionHeader.decodeListener(stream.header)
      if (at === undefined) return yield* refuse(stream, "malformed", "listener")
      if (!policy.listens) return yield* refuse(stream, "prohibited", "listener")
      if (listeners >= MOST_LISTENERS) return yield* refuse(stream, "too-many", "listener")
      listeners++
      yield* Effect.addFinalizer(() => Effect.sync(() => listeners--))
      const fork = Effect.runForkWith(yield* Effect.context<never>())
      const accept = (socket: Socket): Effect.Effect<void> =>
        peer.streams
          .open(StreamKind.connection, ConnectionHeader.encode({ _tag: "Accepted", listener: stream.id }))
          .pipe(
            Effect.tapError(() => socket.reset),
            Effect.flatMap((opened) => metrics.measured(ConnectionRelay.carry(socket, opened))),
            Effect.scoped,
            Effect.ignore
          )
      const port = yield* sockets
        .listen(at, (socket) => void fork(Effect.forkIn(accept(socket), connections)))
        .pipe(Effect.tapError(({ reason }) => stream.reset(ForwardingCode.codes[reason])))
      metrics.listening(1)
      yield* Effect.addFinalizer(() => Effect.sync(() => metrics.listening(-1)))
      yield* Effect.annotateLogs(Effect.logInfo("forwarding opened"), { listen: Endpoint.format(at), port })
      yield* stream.write(portNumber(port))
      // The listener lives as long as the client's half of the stream.
      while ((yield* stream.read()) !== undefined);
      yield* stream.finish
    })
    return Effect.gen(function* () {
      const connections = yield* Effect.scope
      yield* StreamHandler.accept(StreamKind.connection, (stream) =>
        Effect.ignore(Effect.provideService(connect(stream), Sockets, sockets))
      )(peer)
      yield* StreamHandler.accept(StreamKind.listener, (stream) => Effect.ignore(listen(stream, connections)))(peer)
    })
  }
})

/** The first bytes of the answering half of a `listener` stream. */
const portNumber = (port: number): Uint8Array => {
  const cursor = { bytes: new Uint8Array(Varint.size(port)), at: 0 }
  Varint.write(cursor, port)
  return cursor.bytes
}
