/**
 * One stream of a session, as an application reads and writes it.
 *
 * Reading and writing step the endpoint's machine at once, and wait only for bytes or for room. What is read is passed in
 * pieces of up to 64 KiB, so that the cost of an Effect is paid per piece, not per packet.
 */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as Pull from "effect/Pull"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import * as Limits from "../../domain/streams/Limits.ts"
import * as StreamKind from "../../domain/streams/StreamKind.ts"
import type { ApplicationInput } from "../../domain/streams/Streams.ts"
import { StreamError } from "./StreamError.ts"

/**
 * A reliable, ordered stream of bytes in both directions. Both halves end separately: by `finish`, or by a reset of either
 * end. It lives across roaming, sleep and outages, and fails with `SessionEnded` when the session ends.
 */
export interface ByteStream {
  /** Its number, unique in the session and the same at both ends. */
  readonly id: number
  /** What it is for. See `StreamKind` for the kinds of effect-mosh itself. */
  readonly kind: number
  /** What its opener sent with it: at most 1024 bytes, defined by the kind. */
  readonly header: Uint8Array
  /**
   * What the peer sends, in pieces of at most 64 KiB. Ends when the peer finishes. Unread bytes fill a window of 32 KiB to 1
   * MiB, and then the peer waits. For one reader at a time: a second one receives other pieces.
   */
  readonly readable: Stream.Stream<Uint8Array, StreamError>
  /** The next piece, of at most `max` bytes (default: 64 KiB; at least 1); `undefined` at the end. */
  readonly read: (max?: number) => Effect.Effect<Uint8Array | undefined, StreamError>
  /**
   * Writes a copy of `bytes`. Waits while more than 32 KiB to 1 MiB are unacknowledged, or while the peer does not read. Bytes of two calls at the same time may
   * interleave.
   */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, StreamError>
  /**
   * Writes as many of `bytes` as there is room for, and returns how many. Callable from any callback. 0 too where `write`
   * would fail. If not all were written, `writable` resumes when there is room again.
   */
  readonly writeUnsafe: (bytes: Uint8Array) => number
  /** Waits for room after `writeUnsafe` had none for all bytes. */
  readonly writable: Effect.Effect<void, StreamError>
  /**
   * Waits until there is room, and returns for how many bytes: a writer need not hold bytes that have to wait. At least 16 KiB,
   * less only after other writes at the same time.
   */
  readonly room: Effect.Effect<number, StreamError>
  /** Writes what it receives, with the back-pressure of `write`, then ends the sending half like `finish`. */
  readonly sink: Sink.Sink<void, Uint8Array, never, StreamError>
  /** Ends the sending half: the peer reads the end after everything written. Further calls do nothing. */
  readonly finish: Effect.Effect<void>
  /** Abandons both halves: what was not delivered is forgotten. The peer receives `code`. */
  readonly reset: (code: number) => Effect.Effect<void>
  /** Abandons the halves that are not over: not a sending half that was finished, nor a receiving half read to its end. */
  readonly release: Effect.Effect<void>
  /** Abandons the receiving half only. The peer can no longer write, with the error `Stopped` and `code`. */
  readonly stopReading: (code: number) => Effect.Effect<void>
  /**
   * Resumes when both halves are over, and the peer has acknowledged everything written. The receiving half is over when its
   * end was read, not before. Fails if the peer abandoned a half, or the session ended before.
   */
  readonly closed: Effect.Effect<void, StreamError>
}

/** The largest piece that is read at once, bytes. */
export const PIECE = 65_536

/** The stream, and what the transport reports of it. Callable from any callback. */
export interface Handle {
  readonly stream: ByteStream
  readonly onReadable: () => void
  readonly onData: (bytes: Uint8Array, isEnd: boolean) => void
  readonly onWritable: () => void
  readonly onReset: (code: number) => void
  readonly onStopped: (code: number) => void
  /** Both halves are over. */
  readonly onFinished: () => void
  /** The stream ended with all others. */
  readonly onEnded: (error: StreamError) => void
  /** Ends gracefully what was finished, and abandons the rest. */
  readonly release: () => void
}

export interface Options {
  readonly id: number
  readonly kind: number
  readonly header: Uint8Array
  /** Whether this end opened it. */
  readonly isOurs: boolean
  /** Steps the machine. Outputs may be reported later, if the caller runs inside such a report. */
  readonly offer: (input: ApplicationInput) => void
  /** Bytes written since the stream was opened. */
  readonly written: () => number
  /** Bytes that would be taken now. */
  readonly room: () => number
}

export const make = ({ header, id, isOurs, kind, offer, room, written }: Options): Handle => {
  /** Bytes that were read from the machine, and not yet passed on. */
  let data: Uint8Array | undefined
  let isEnd = false
  let isFinished = false
  let readFailure: StreamError | undefined
  let writeFailure: StreamError | undefined
  const arrived = Latch.makeUnsafe(false)
  const hasRoom = Latch.makeUnsafe(true)
  const closed = Deferred.makeUnsafe<void, StreamError>()
  // A waiter that resumes inside a report would step the machine before the other reports of its step.
  const awaitArrival = Effect.andThen(arrived.await, Effect.yieldNow)
  const awaitRoom = Effect.andThen(hasRoom.await, Effect.yieldNow)

  const failReading = (error: StreamError): void => {
    if (isEnd) return
    readFailure ??= error
    arrived.openUnsafe()
  }
  const failWriting = (error: StreamError): void => {
    writeFailure ??= error
    hasRoom.openUnsafe()
  }

  const read = (most: number = PIECE): Effect.Effect<Uint8Array | undefined, StreamError> =>
    Effect.suspend(() => {
      const max = most >= 1 ? Math.floor(most) : 1
      if (data === undefined && !isEnd && readFailure === undefined) {
        arrived.closeUnsafe()
        offer({ _tag: "Read", stream: id, max })
      }
      if (data !== undefined) {
        const piece = data.subarray(0, max)
        data = piece.length < data.length ? data.subarray(max) : undefined
        return Effect.succeed(piece)
      }
      if (isEnd) return Effect.undefined
      return readFailure ?? Effect.andThen(awaitArrival, () => read(most))
    })

  const writeUnsafe = (bytes: Uint8Array): number => {
    if (writeFailure !== undefined) return 0
    const before = written()
    hasRoom.closeUnsafe()
    offer({ _tag: "Write", stream: id, bytes })
    const taken = written() - before
    if (taken === bytes.length) hasRoom.openUnsafe()
    return taken
  }
  const write = (bytes: Uint8Array): Effect.Effect<void, StreamError> =>
    Effect.suspend(() => {
      const taken = writeUnsafe(bytes)
      if (taken === bytes.length && writeFailure === undefined) return Effect.void
      return writeFailure ?? Effect.andThen(awaitRoom, () => write(bytes.subarray(taken)))
    })
  const roomOf: ByteStream["room"] = Effect.suspend(() => {
    if (writeFailure !== undefined) return writeFailure
    const bytes = room()
    if (bytes >= Limits.WRITABLE) return Effect.succeed(bytes)
    hasRoom.closeUnsafe()
    offer({ _tag: "AwaitRoom", stream: id })
    return Effect.andThen(awaitRoom, roomOf)
  })

  const finish = (): void => {
    if (isFinished) return
    isFinished = true
    failWriting(new StreamError({ reason: "Finished" }))
    offer({ _tag: "Finish", stream: id })
  }
  const resetSending = (code: number): void => {
    isFinished = true
    failWriting(new StreamError({ reason: "Finished" }))
    offer({ _tag: "ResetSending", stream: id, code })
  }
  const stopReading = (code: number): void => {
    data = undefined
    failReading(new StreamError({ reason: "Finished" }))
    offer({ _tag: "StopReading", stream: id, code })
  }

  const pull: Pull.Pull<readonly [Uint8Array], StreamError> = Effect.flatMap(read(), (piece) =>
    piece === undefined ? Cause.done() : Effect.succeed([piece] as const)
  )

  const release = (): void => {
    if (!isFinished && writeFailure === undefined) resetSending(0)
    if (!isEnd && readFailure === undefined) stopReading(0)
  }

  /** The error of the half that the peer abandoned first. */
  let abandoned: StreamError | undefined
  const abandon = (reason: "Reset" | "Stopped", code: number): StreamError => {
    const error = new StreamError({ reason: isOurs && code === StreamKind.UNKNOWN_KIND ? "Refused" : reason, code })
    abandoned ??= error
    return error
  }
  return {
    stream: {
      id,
      kind,
      header,
      readable: Stream.fromPull(Effect.succeed(pull)),
      read,
      write,
      writeUnsafe,
      writable: Effect.andThen(
        awaitRoom,
        Effect.suspend(() => writeFailure ?? Effect.void)
      ),
      room: roomOf,
      sink: Sink.mapEffect(Sink.forEach(write), () => Effect.sync(finish)),
      finish: Effect.sync(finish),
      reset: (code) =>
        Effect.sync(() => {
          resetSending(code)
          stopReading(code)
        }),
      release: Effect.sync(release),
      stopReading: (code) => Effect.sync(() => stopReading(code)),
      closed: Effect.andThen(Deferred.await(closed), Effect.yieldNow)
    },
    onReadable: () => void arrived.openUnsafe(),
    onData: (bytes, isLast) => {
      if (bytes.length > 0) data = bytes
      isEnd ||= isLast
      if (bytes.length > 0 || isLast) arrived.openUnsafe()
    },
    onWritable: () => void hasRoom.openUnsafe(),
    onReset: (code) => failReading(abandon("Reset", code)),
    onStopped: (code) => failWriting(abandon("Stopped", code)),
    onFinished: () => Deferred.doneUnsafe(closed, abandoned ?? Effect.void),
    onEnded: (error) => {
      failReading(error)
      failWriting(error)
      Deferred.doneUnsafe(closed, error)
    },
    release
  }
}
