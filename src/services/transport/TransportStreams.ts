/**
 * The streams of a transport: it opens them, hands out those that the peer opens, and passes on what the endpoint reports.
 *
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Features, type SyncObject, Transport } from "effect-mosh"
 *
 * const KIND = 256
 *
 * // Receives files, each on a stream of its own, whose header is the file's name.
 * export const receiver = Effect.fnUntraced(function* (
 *   object: SyncObject<string>,
 *   save: (name: string, bytes: Stream.Stream<Uint8Array, Transport.StreamError>) => Effect.Effect<void>
 * ) {
 *   const end = { object, initial: "" }
 *   const transport = yield* Transport.make({ role: "Server", local: end, remote: end, features: Features.streams })
 *   const files = transport.streams.accept(KIND)
 *   yield* Stream.runForEach(files, (file) =>
 *     Effect.andThen(save(new TextDecoder().decode(file.header), file.readable), file.finish)
 *   )
 * })
 *
 * // Sends one, after everything else that the session has to send, and resumes when the peer has all of it.
 * export const send = Effect.fnUntraced(function* (
 *   transport: Transport.Transport<string, string>,
 *   name: string,
 *   bytes: Uint8Array
 * ) {
 *   const file = yield* transport.streams.open(KIND, new TextEncoder().encode(name), { urgency: 7 })
 *   yield* file.write(bytes)
 *   yield* file.finish
 *   yield* Stream.runDrain(file.readable)
 * }, Effect.scoped)
 * ```
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as Pull from "effect/Pull"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { StreamEvent } from "../../domain/ssp/Endpoint.ts"
import * as StreamKind from "../../domain/streams/StreamKind.ts"
import type { ApplicationInput } from "../../domain/streams/Streams.ts"
import * as ByteStream from "./ByteStream.ts"
import * as StreamError from "./StreamError.ts"

/**
 * Reliable byte streams beside the synchronised states, between two ends that both announce `Features.streams`. Keystrokes
 * and screens are always sent first.
 */
export interface TransportStreams {
  /**
   * Opens a stream of a kind, with a header of at most 1024 bytes, and waits until the peer is known and allows one more. The
   * peer learns of the stream with its first packet. Closing the scope resets what of it is not finished.
   */
  readonly open: (
    kind: number,
    header?: Uint8Array,
    options?: OpenOptions
  ) => Effect.Effect<ByteStream.ByteStream, StreamError.StreamError, Scope.Scope>
  /**
   * The streams of a kind that the peer opens, oldest first. From this call on, streams of the kind are accepted and wait for
   * the reader; streams of a kind for which this was never called are refused with code 1. So call it as soon as the
   * transport is made. Several readers share the streams. The reader finishes or resets each stream that it takes. Ends with
   * the session, and where the peer has no streams.
   */
  readonly accept: (kind: number) => Stream.Stream<ByteStream.ByteStream, StreamError.StreamError>
  /** Resumes when the peer is known to have streams. Fails with `Unsupported` if it has none, and if all streams ended. */
  readonly ready: Effect.Effect<void, StreamError.StreamError>
}

/** How to send a stream. */
export interface OpenOptions {
  /**
   * Among this end's streams, 0 is sent first and 7 last; those of the same urgency take turns. Other numbers count as the
   * nearest of these. Default: 3.
   */
  readonly urgency?: number | undefined
  /**
   * How many bytes may wait in the stream, unsent or unacknowledged: 16 KiB to 1 MiB, to which other values are reduced.
   * Default: 1 MiB. Less is for writers that have newer data by the time there is room.
   */
  readonly buffer?: number | undefined
}

/** The streams, and what their endpoint reports. Callable from any callback. */
export interface Streams {
  readonly streams: TransportStreams
  readonly onNegotiated: (isSupported: boolean) => void
  readonly onEvent: (event: StreamEvent) => void
  /** The session ended. */
  readonly onSessionEnd: () => void
}

export interface Options {
  /** Whether this end announces streams. */
  readonly isEnabled: boolean
  /** Steps the machine. */
  readonly offer: (input: ApplicationInput) => void
  /** How many bytes were written to a stream; 0 if it is over. */
  readonly written: (stream: number) => number
  /** How many bytes a stream takes now; 0 if it is over. */
  readonly room: (stream: number) => number
}

export const make = ({ isEnabled, offer, room, written }: Options): Streams => {
  const handles = new Map<number, ByteStream.Handle>()
  const acceptors = new Map<number, Acceptor>()
  /** Callers of `open` that wait for the machine's answer, in their order. */
  const opening: Array<(stream: number | undefined) => void> = []
  const negotiated = Latch.makeUnsafe(!isEnabled)
  const openable = Latch.makeUnsafe(true)
  /** Why no stream can be opened. */
  let failure = isEnabled ? undefined : new StreamError.StreamError({ reason: "Unsupported" })

  const add = (id: number, kind: number, header: Uint8Array, isOurs: boolean): ByteStream.Handle => {
    const counts = { written: () => written(id), room: () => room(id) }
    const handle = ByteStream.make({ id, kind, header, isOurs, offer, ...counts })
    handles.set(id, handle)
    return handle
  }

  const endAll = (error: StreamError.StreamError): void => {
    if (failure !== undefined) return
    failure = error
    for (const handle of handles.values()) handle.onEnded(error)
    handles.clear()
    for (const acceptor of acceptors.values()) acceptor.end(error)
    negotiated.openUnsafe()
    openable.openUnsafe()
    for (const answer of opening.splice(0)) answer(undefined)
  }

  const open: TransportStreams["open"] = (kind, header = new Uint8Array(0), options = {}) => {
    const opened = Effect.callback<ByteStream.Handle | undefined>((resume) => {
      opening.push((id) => resume(Effect.succeed(id === undefined ? undefined : add(id, kind, header, true))))
      openable.closeUnsafe()
      const { buffer, urgency } = options
      offer({
        _tag: "Open",
        kind,
        header,
        ...(urgency !== undefined && { urgency }),
        ...(buffer !== undefined && { buffer })
      })
    })
    const attempt: Effect.Effect<ByteStream.ByteStream, StreamError.StreamError, Scope.Scope> = Effect.suspend(() => {
      if (failure !== undefined) return failure
      return Effect.acquireRelease(opened, (handle) => Effect.sync(() => handle?.release())).pipe(
        Effect.flatMap((handle) =>
          handle === undefined ? Effect.andThen(awaitRoom, attempt) : Effect.succeed(handle.stream)
        )
      )
    })
    const awaitRoom = Effect.andThen(openable.await, Effect.yieldNow)
    if (StreamKind.encode({ kind, header }) === undefined)
      return new StreamError.StreamError({ reason: "InvalidHeader" })
    return Effect.andThen(negotiated.await, Effect.andThen(Effect.yieldNow, attempt))
  }

  const accept: TransportStreams["accept"] = (kind) => {
    let acceptor = acceptors.get(kind)
    if (acceptor === undefined) {
      acceptor = makeAcceptor()
      if (failure !== undefined) acceptor.end(failure)
      acceptors.set(kind, acceptor)
    }
    return acceptor.stream
  }

  const onPeerOpened = (id: number, kind: number, header: Uint8Array): void => {
    const acceptor = acceptors.get(kind)
    if (acceptor !== undefined) return acceptor.offer(add(id, kind, header, false).stream)
    offer({ _tag: "StopReading", stream: id, code: StreamKind.UNKNOWN_KIND })
    offer({ _tag: "ResetSending", stream: id, code: StreamKind.UNKNOWN_KIND })
  }

  const onFinished = (id: number): void => {
    const handle = handles.get(id)
    if (handle === undefined) return
    handles.delete(id)
    handle.onFinished()
    acceptors.get(handle.stream.kind)?.remove(handle.stream)
  }

  const onEvent = (event: StreamEvent): void => {
    switch (event._tag) {
      case "Opened":
        return opening.shift()?.(event.stream)
      case "OpenRefused":
        return opening.shift()?.(undefined)
      case "Openable":
        return void openable.openUnsafe()
      case "PeerOpened":
        return onPeerOpened(event.stream, event.kind, event.header)
      case "Readable":
        return handles.get(event.stream)?.onReadable()
      case "Data":
        return handles.get(event.stream)?.onData(event.bytes, event.isEnd)
      case "Written":
        return
      case "Writable":
        return handles.get(event.stream)?.onWritable()
      case "Reset":
        return handles.get(event.stream)?.onReset(event.code)
      case "Stopped":
        return handles.get(event.stream)?.onStopped(event.code)
      case "Finished":
        return onFinished(event.stream)
      case "Ended":
        return endAll(StreamError.ofEnd(event.reason))
    }
  }

  return {
    streams: {
      open,
      accept,
      ready: Effect.andThen(
        Effect.andThen(negotiated.await, Effect.yieldNow),
        Effect.suspend(() => failure ?? Effect.void)
      )
    },
    onNegotiated: (isSupported) => {
      if (!isSupported) endAll(new StreamError.StreamError({ reason: "Unsupported" }))
      negotiated.openUnsafe()
    },
    onEvent,
    onSessionEnd: () => endAll(new StreamError.StreamError({ reason: "SessionEnded" }))
  }
}

/** Streams of one kind that wait to be taken. Those that the peer gives up meanwhile are forgotten, so their number is bounded. */
interface Acceptor {
  readonly stream: Stream.Stream<ByteStream.ByteStream, StreamError.StreamError>
  readonly offer: (stream: ByteStream.ByteStream) => void
  readonly remove: (stream: ByteStream.ByteStream) => void
  readonly end: (error: StreamError.StreamError) => void
}

const makeAcceptor = (): Acceptor => {
  const waiting = new Set<ByteStream.ByteStream>()
  const arrived = Latch.makeUnsafe(false)
  let ended: StreamError.StreamError | undefined
  const pull: Pull.Pull<readonly [ByteStream.ByteStream], StreamError.StreamError> = Effect.suspend(() => {
    for (const stream of waiting) {
      waiting.delete(stream)
      return Effect.succeed([stream] as const)
    }
    if (ended !== undefined) return ended.reason === "Closed" ? ended : Cause.done()
    arrived.closeUnsafe()
    return Effect.andThen(Effect.andThen(arrived.await, Effect.yieldNow), pull)
  })
  return {
    stream: Stream.fromPull(Effect.succeed(pull)),
    offer: (stream) => {
      waiting.add(stream)
      arrived.openUnsafe()
    },
    remove: (stream) => void waiting.delete(stream),
    end: (error) => {
      ended = error
      waiting.clear()
      arrived.openUnsafe()
    }
  }
}
