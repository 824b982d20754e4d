/**
 * A program of one's own in a session: an Effect that reads keys, and writes bytes or shows frames. It needs no process and
 * no pty.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Frame, Size } from "../../domain/terminal/Frame.ts"
import * as ByteQueue from "./ByteQueue.ts"
import * as LatestValue from "../runtime/LatestValue.ts"

/**
 * A program made of an Effect. The session ends when the effect does; when the session ends first, the effect is interrupted.
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

/** The terminal that an application runs in: raw, so that nothing it reads or writes is changed on the way. */
export interface Terminal {
  /**
   * What is typed, as a terminal sends it: UTF-8, CR for Enter, escape sequences for other keys. For one reader. Each
   * element is a chunk of all that waits: it may hold many keys, or part of one. `Keys.decode` makes keys of the chunks.
   */
  readonly keys: Stream.Stream<Uint8Array>
  /** The size now. */
  readonly size: () => Size
  /** The size now, and then the newest one after each change. */
  readonly sizes: Stream.Stream<Size>
  /** Prints text or bytes, interpreted as any terminal would; lines end in CR LF. */
  readonly write: (output: string | Uint8Array) => Effect.Effect<void>
  /**
   * Shows a frame in place of what was written, until something is written again. One of another size than the terminal's
   * is cut or filled up with blanks.
   */
  readonly show: (frame: Frame) => Effect.Effect<void>
}

/** A running application, as a session sees it. */
export interface Running {
  readonly write: (bytes: Uint8Array) => void
  /** How many typed bytes the application has not taken yet. */
  readonly pending: () => number
  readonly resize: (size: Size) => void
}

export interface Stage {
  readonly size: Size
  readonly onOutput: (bytes: Uint8Array) => void
  readonly onFrame: (frame: Frame) => void
  /** Called once, unless the scope was closed before. */
  readonly onEnd: (exit: Exit.Exit<void, unknown>) => void
}

const encoder = new TextEncoder()

/** Runs an application until it ends, or the scope is closed. */
export const run = Effect.fnUntraced(function* <E, R>(
  application: Application<E, R>,
  stage: Stage
): Effect.fn.Return<Running, never, R | Scope.Scope> {
  const typed = ByteQueue.make()
  const readable = yield* Latch.make(false)
  const scope = yield* Effect.scope
  const services = yield* Effect.context<R>()
  const fork = Effect.runForkWith(services)
  let current = stage.size
  const sizes = LatestValue.make<Size>(() => current)
  const take = Effect.sync(() => {
    const bytes = typed.head().slice()
    typed.drop(bytes.length)
    if (typed.length() === 0) readable.closeUnsafe()
    return bytes
  })

  const fiber = fork(
    application({
      keys: Stream.fromEffectRepeat(Effect.andThen(readable.await, take)),
      size: () => current,
      sizes: sizes.stream,
      write: (output) =>
        Effect.sync(() => stage.onOutput(typeof output === "string" ? encoder.encode(output) : output)),
      show: (frame) => Effect.sync(() => stage.onFrame(frame))
    })
  )
  let closing = false
  fiber.addObserver((exit) => {
    if (!closing) stage.onEnd(exit)
  })
  yield* Scope.addFinalizer(
    scope,
    Effect.suspend(() => {
      closing = true
      return Fiber.interrupt(fiber)
    })
  )
  return {
    write: (bytes) => {
      if (bytes.length === 0) return
      typed.push(bytes)
      readable.openUnsafe()
    },
    pending: typed.length,
    resize: (to) => {
      if (to.columns === current.columns && to.rows === current.rows) return
      current = to
      sizes.changed()
    }
  }
})
