/**
 * Carries the bytes of a connection through a stream of the kind `connection`, in both directions, until both are over.
 *
 * A direction ends without the other one (half-close). Where one end does not read, the other one waits, and nothing else does.
 * If one end breaks, the other one is reset, with the reason.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { Endpoint } from "../../domain/forwarding/Endpoint.ts"
import * as ForwardingCode from "../../domain/forwarding/ForwardingCode.ts"
import type { ByteStream } from "../transport/ByteStream.ts"
import { StreamError } from "../transport/StreamError.ts"
import { type Socket, SocketError, Sockets } from "./Sockets.ts"

/** The first byte of the answering half: there is a connection. */
const CONNECTED = Uint8Array.of(0)

/** Connects to an endpoint for the peer, and carries the bytes. Refuses the stream if there is no connection. */
export const connect = Effect.fnUntraced(function* (
  stream: ByteStream,
  to: Endpoint
): Effect.fn.Return<void, StreamError | SocketError, Sockets> {
  const { connect } = yield* Sockets
  const socket = yield* Effect.tapError(connect(to), ({ reason }) => stream.reset(ForwardingCode.codes[reason]))
  yield* Effect.andThen(confirm(stream), relay(socket, stream)).pipe(ending(socket, stream))
})

/** Confirms a stream of the peer: what it sends reaches its destination. */
export const confirm = (stream: ByteStream): Effect.Effect<void, StreamError> => stream.write(CONNECTED)

/** Waits until the peer confirms a stream that this end opened. */
export const confirmed = (stream: ByteStream): Effect.Effect<void, StreamError> =>
  Effect.flatMap(stream.read(1), (byte) =>
    byte?.[0] === 0 ? Effect.void : new StreamError({ reason: "Reset", code: ForwardingCode.codes.malformed })
  )

/** Carries the bytes of an accepted connection to the peer, which need not have confirmed the stream yet. */
export const carry = (socket: Socket, stream: ByteStream): Effect.Effect<void, StreamError | SocketError> =>
  Effect.all([send(socket, stream), Effect.andThen(confirmed(stream), receive(socket, stream))], TOGETHER).pipe(
    Effect.andThen(delivered(stream)),
    ending(socket, stream)
  )

/** Waits until the peer has everything: the connection lasts until then, and so does a session that waits for it. */
const delivered = (stream: ByteStream): Effect.Effect<void> => Effect.ignore(stream.closed)

/** Carries the bytes of both directions. `early`: what was read from the socket already. */
export const relay = (
  socket: Socket,
  stream: ByteStream,
  early?: Uint8Array
): Effect.Effect<void, StreamError | SocketError> =>
  Effect.andThen(Effect.all([send(socket, stream, early), receive(socket, stream)], TOGETHER), delivered(stream))

/** What a socket that is not read holds in this process, bytes. */
const PIECE = 32_768

const TOGETHER = { concurrency: 2, discard: true } as const

const send = Effect.fnUntraced(function* (
  socket: Socket,
  stream: ByteStream,
  early?: Uint8Array
): Effect.fn.Return<void, StreamError | SocketError> {
  if (early !== undefined && early.length > 0) yield* stream.write(early)
  // What the stream does not take yet is not read either: a connection that waits holds little memory.
  for (let piece; (piece = yield* socket.read(yield* stream.room)) !== undefined;) yield* stream.write(piece)
  yield* stream.finish
})

const receive = Effect.fnUntraced(function* (
  socket: Socket,
  stream: ByteStream
): Effect.fn.Return<void, StreamError | SocketError> {
  for (let piece; (piece = yield* stream.read(PIECE)) !== undefined;) yield* socket.write(piece)
  yield* socket.finish
})

/** Resets what is left of both when one of them broke, or the caller was interrupted. */
export const ending =
  (socket: Socket, stream: ByteStream) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.onExit(effect, (exit) => {
      if (Exit.isSuccess(exit)) return Effect.void
      const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
      const code = error instanceof SocketError ? ForwardingCode.codes[error.reason] : 0
      return Effect.andThen(socket.reset, stream.reset(code))
    })
