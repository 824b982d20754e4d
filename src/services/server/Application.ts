/**
 * Programs written as Effects that run in a session: they read keys, and write bytes or show frames. They need no
 * process and no pty.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { Frame, Size } from "../../domain/terminal/Frame.ts"
import * as ByteQueue from "./ByteQueue.ts"
import * as LatestValue from "../runtime/LatestValue.ts"

/**
 * A session's program, written as an Effect. The session ends when the effect does; if the session ends first, the
 * effect is interrupted.
 *
 * ```ts
 * import { Effect, Stream } from "effect"
 * import type { Application } from "effect-mosh"
 *
 * export const pause: Application = (terminal) =>
 *   terminal.write("\x1b[2J\x1b[Hany key leaves\r\n").pipe(Effect.andThen(Stream.runHead(terminal.keys)), Effect.asVoid)
 * ```
 */
export type Application<E = never, R = never> = (terminal: Terminal) => Effect.Effect<void, E, R>

/**
 * The terminal that an application runs in. It is in raw mode: what the application reads and writes passes through
 * unchanged.
 */
export interface Terminal {
  /**
   * Typed input, encoded as a terminal sends it: UTF-8, CR for Enter, escape sequences for other keys. Supports one
   * reader. Each element holds all input that is queued, so it may contain many keys, or part of one; `Keys.decode`
   * turns the chunks into keys.
   */
  readonly keys: Stream.Stream<Uint8Array>
  /** The current size. */
  readonly size: () => Size
  /** The current size, then the newest size after each change. */
  readonly sizes: Stream.Stream<Size>
  /**
   * Prints text or bytes, which a terminal emulator interprets; lines end in CR LF. More than 64 KiB are printed in several
   * turns of the event loop, so that other sessions of the process are served in between. Outputs are not mixed.
   */
  readonly write: (output: string | Uint8Array) => Effect.Effect<void>
  /**
   * Shows a frame instead of the written output, until `write` is called again. A frame whose size differs from the
   * terminal's is cropped, or padded with blanks.
   */
  readonly show: (frame: Frame) => Effect.Effect<void>
}

/** A running program, as its session sees it: an application, or a process on a pty. */
export interface Running {
  readonly write: (bytes: Uint8Array) => void
  /** Number of typed bytes that the application has not read yet. */
  readonly pending: () => number
  readonly resize: (size: Size) => void
}

/**
 * What a session gives an application: the initial size, and callbacks for its output and its end. They must not throw.
 */
export interface ApplicationHost {
  readonly size: Size
  readonly onOutput: (bytes: Uint8Array) => void
  readonly onFrame: (frame: Frame) => void
  /** Called once, unless the scope was closed before. */
  readonly onEnd: (exit: Exit.Exit<void, unknown>) => void
}

const encoder = new TextEncoder()

/** Bytes that are printed in one turn of the event loop. They take about a millisecond. */
export const TURN = 65_536

/** Runs an application until it ends or the scope closes. */
export const run = Effect.fnUntraced(function* <E, R>(
  application: Application<E, R>,
  host: ApplicationHost
): Effect.fn.Return<Running, never, R | Scope.Scope> {
  const input = ByteQueue.make()
  const readable = yield* Latch.make(false)
  const scope = yield* Effect.scope
  const services = yield* Effect.context<R>()
  const fork = Effect.runForkWith(services)
  let current = host.size
  const sizes = LatestValue.make<Size>(() => current)
  const take = Effect.sync(() => {
    const bytes = input.head().slice()
    input.drop(bytes.length)
    if (input.length() === 0) readable.closeUnsafe()
    return bytes
  })

  /** Outputs that wait, or are being printed in several turns. */
  let unprinted = 0
  const printing = Semaphore.makeUnsafe(1)
  const queued = (output: Effect.Effect<void>): Effect.Effect<void> =>
    Effect.acquireUseRelease(
      Effect.sync(() => unprinted++),
      () => printing.withPermit(output),
      () => Effect.sync(() => unprinted--)
    )
  const inOrder = (output: Effect.Effect<void>): Effect.Effect<void> =>
    Effect.suspend(() => (unprinted === 0 ? output : queued(output)))
  const inTurns = Effect.fnUntraced(function* (bytes: Uint8Array) {
    for (let at = 0; at < bytes.length; at += TURN) {
      if (at > 0) yield* Effect.yieldNow
      host.onOutput(bytes.subarray(at, at + TURN))
    }
  })

  let fiber: Fiber.Fiber<void, unknown> | undefined
  let closing = false
  yield* Scope.addFinalizer(
    scope,
    Effect.suspend(() => {
      closing = true
      return fiber === undefined ? Effect.void : Fiber.interrupt(fiber)
    })
  )
  fiber = fork(
    application({
      keys: Stream.fromEffectRepeat(Effect.andThen(readable.await, take)),
      size: () => current,
      sizes: sizes.stream,
      write: (output) =>
        Effect.suspend(() => {
          const bytes = typeof output === "string" ? encoder.encode(output) : output
          return bytes.length > TURN ? queued(inTurns(bytes)) : inOrder(Effect.sync(() => host.onOutput(bytes)))
        }),
      show: (frame) => inOrder(Effect.sync(() => host.onFrame(frame)))
    })
  )
  // The first thing that an application does may close the scope: it runs within `fork`.
  if (closing) fiber.interruptUnsafe()
  fiber.addObserver((exit) => {
    if (!closing) host.onEnd(exit)
  })
  return {
    write: (bytes) => {
      if (bytes.length === 0) return
      input.push(bytes)
      readable.openUnsafe()
    },
    pending: () => input.length(),
    resize: (to) => {
      if (to.columns === current.columns && to.rows === current.rows) return
      current = to
      sizes.changed()
    }
  }
})
