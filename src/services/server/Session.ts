/**
 * A server's session: a program, on a pty or of one's own, and the screen it draws.
 *
 * A session is a scoped value that knows nothing of connections. Whoever shows it to a client types into it, resizes it
 * and watches its frames; that may be one, several, or for a while nobody.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as FramePatch from "../../domain/display/FramePatch.ts"
import type { Millis } from "../../domain/Machine.ts"
import type { Frame, Size } from "../../domain/terminal/Frame.ts"
import * as Application from "./Application.ts"
import * as ByteQueue from "./ByteQueue.ts"
import { Emulator, sizeWithin } from "./Emulator.ts"
import { Pty, type PtyError, type PtyExit } from "./Pty.ts"

/** A program of the operating system, to be run on a pty. */
export interface Program {
  /** An absolute path, or a name to be found on `PATH`. */
  readonly file: string
  /** What follows the program's name. */
  readonly arguments: ReadonlyArray<string>
  /** Whether the program is a shell that should behave as a login shell. */
  readonly login?: boolean | undefined
  /** The soft limit of core dumps that the program is to have, as `ulimit -c` takes it; without it, this process's. */
  readonly coreLimit?: string | undefined
  /** The whole environment of the program. */
  readonly environment: Readonly<Record<string, string>>
  /** Where the program starts; `/` when it cannot be entered. */
  readonly directory: string
  /**
   * Shown before the program's own output: the message of the day, as a rule. Lines end in LF or CR LF. An effect is run
   * when the program is to start, which waits for it.
   */
  readonly greeting?: string | Effect.Effect<string> | undefined
}

export interface SessionOptions<R = never> {
  readonly program: Program | Application.Application<unknown, R>
  /** The size of the screen until somebody resizes it. */
  readonly size: Size
}

/** How a session ended. */
export type SessionEnd =
  | { readonly _tag: "Exited"; readonly exit: PtyExit }
  /** An application ended. */
  | { readonly _tag: "Finished"; readonly exit: Exit.Exit<void, unknown> }
  | { readonly _tag: "NotStarted"; readonly error: PtyError }

/**
 * A program and its screen. The functions that give no `Effect` are synchronous, callable from any callback, and never
 * throw.
 */
export interface Session {
  /** Starts the program, at the screen's present size. More calls do nothing. */
  readonly start: () => void
  /**
   * Types text or bytes, as a terminal sends them (CR for Enter). What is typed before the program runs waits for it. A
   * program that reads nothing while more than 16 MiB wait for it loses the rest, and the screen says so.
   */
  readonly type: (input: string | Uint8Array) => void
  /** Sets the screen's size; the program is told. Sizes that no screen has are cut to ones that some have. */
  readonly resize: (size: Size) => void
  /** The screen now. */
  readonly frame: () => Frame
  /** Whether the program asked for application cursor keys. */
  readonly applicationCursorKeys: () => boolean
  /**
   * Calls `onChange` when the screen may have changed: soon after, and then at most every 4 ms, however much the program
   * prints, or not before as many ms are over as `onChange` gives. Lasts as long as the scope.
   */
  readonly watch: (onChange: () => Millis | void) => Effect.Effect<void, never, Scope.Scope>
  /** The present screen, and then the newest one after each change. */
  readonly frames: Stream.Stream<Frame>
  /** The program's process number; `undefined` before its start, and for an application. */
  readonly pid: () => number | undefined
  /** Resumes when the program has ended and its last output is on the screen. */
  readonly ended: Effect.Effect<SessionEnd>
}

/** The least time between two calls of one watcher, ms. Below the shortest pause between two frames on the wire. */
export const PACE = 4

/** Typed bytes that may wait for a program to read them. */
export const UNREAD_INPUT = 16 * 1_048_576

/** Bytes of input that may wait while the terminal still answers a program's questions. */
const UNREAD_BEFORE_REPLIES = 65_536

/** How long the reason stays on the screen when the program cannot be started, ms. */
export const NOT_STARTED_NOTICE = 3000

const CR = "\r"
const LF = "\n"

/** Opens a session. Closing the scope hangs up on the program. */
export const make = Effect.fnUntraced(function* <R = never>(
  options: SessionOptions<R>
): Effect.fn.Return<Session, never, Scope.Scope | Pty | Emulator | R> {
  const { program } = options
  const pty = yield* Pty
  const emulator = yield* Emulator
  const released = yield* Latch.make(false)
  const ended = yield* Deferred.make<SessionEnd>()
  const watchers = new Set<Latch.Latch>()
  /** Typed before there is a program. */
  const waiting = ByteQueue.make()
  let running: Application.Running | undefined
  let pid: number | undefined
  /** What an application shows in place of the emulator's screen. */
  let own: Frame | undefined
  let over = false
  let size = sizeWithin(options.size)

  const pending = (): number => running?.pending() ?? waiting.length()
  let overflowing = false

  const type = (input: string | Uint8Array): void => {
    const bytes = typeof input === "string" ? encoder.encode(input) : input
    if (over || bytes.length === 0) return
    if (pending() + bytes.length > UNREAD_INPUT) {
      if (!overflowing) show(printed("\nmosh-server: the program does not read; what is typed now is lost.\n"))
      overflowing = true
      return
    }
    overflowing = false
    if (running !== undefined) return running.write(bytes)
    waiting.push(bytes)
  }

  // A program that asks and never reads the answers is not to fill the memory with them.
  const reply = (bytes: Uint8Array): void => {
    if (pending() < UNREAD_BEFORE_REPLIES) type(bytes)
  }

  const screen = yield* emulator.make({ size, onReply: reply })

  const changed = (): void => {
    for (const watcher of watchers) watcher.openUnsafe()
  }

  const show = (bytes: Uint8Array): void => {
    own = undefined
    screen.write(bytes)
    changed()
  }

  const showFrame = (frame: Frame): void => {
    own = frame
    changed()
  }

  const end = (how: SessionEnd): void => {
    over = true
    waiting.clear()
    Deferred.doneUnsafe(ended, Effect.succeed(how))
  }

  const startApplication = (application: Application.Application<unknown, R>) =>
    Application.run(application, {
      size,
      onOutput: show,
      onFrame: showFrame,
      onEnd: (exit) => end({ _tag: "Finished", exit })
    })

  const startProgram = Effect.fnUntraced(function* (program: Program) {
    const { greeting } = program
    if (greeting !== undefined) show(printed(typeof greeting === "string" ? greeting : yield* greeting))
    const process = yield* pty.spawn({
      file: program.file,
      arguments: program.arguments,
      login: program.login ?? false,
      coreLimit: program.coreLimit,
      environment: program.environment,
      directory: program.directory,
      size,
      onOutput: show,
      onExit: (exit) => end({ _tag: "Exited", exit })
    })
    pid = process.pid
    return process
  })

  const run = Effect.gen(function* () {
    yield* released.await
    const before = size
    const started: Application.Running = yield* typeof program === "function"
      ? startApplication(program)
      : startProgram(program)
    running = started
    if (size !== before) started.resize(size)
    while (waiting.length() > 0) {
      const bytes = waiting.head()
      started.write(bytes)
      waiting.drop(bytes.length)
    }
  }).pipe(
    Effect.catchTag("PtyError", (error) =>
      Effect.gen(function* () {
        show(printed(`mosh-server: ${error.message}\n`))
        yield* Effect.sleep(NOT_STARTED_NOTICE)
        end({ _tag: "NotStarted", error })
      })
    )
  )
  yield* Effect.forkScoped(run)

  const watch = Effect.fnUntraced(function* (
    onChange: () => Millis | void
  ): Effect.fn.Return<void, never, Scope.Scope> {
    const latch = yield* Latch.make(false)
    yield* Effect.acquireRelease(
      Effect.sync(() => watchers.add(latch)),
      () => Effect.sync(() => watchers.delete(latch))
    )
    yield* Effect.forkScoped(
      Effect.forever(
        Effect.gen(function* () {
          yield* latch.await
          // What else is readable now belongs to the same change.
          yield* Effect.yieldNow
          latch.closeUnsafe()
          yield* Effect.sleep(Math.max(PACE, onChange() ?? 0))
        })
      )
    )
  })

  const frame = (): Frame => (own === undefined ? screen.frame() : FramePatch.resize(own, size))

  return {
    start: () => {
      released.openUnsafe()
    },
    type,
    resize: (to) => {
      size = sizeWithin(to)
      screen.resize(size)
      running?.resize(size)
      changed()
    },
    frame,
    applicationCursorKeys: screen.applicationCursorKeys,
    pid: () => pid,
    watch,
    frames: Stream.callback<Frame>(
      (queue) => {
        Queue.offerUnsafe(queue, frame())
        return watch(() => {
          Queue.offerUnsafe(queue, frame())
        })
      },
      { bufferSize: 1, strategy: "sliding" }
    ),
    ended: Deferred.await(ended)
  }
})

const encoder = new TextEncoder()

/** Text as a terminal's line discipline would print it. */
const printed = (text: string): Uint8Array => encoder.encode(text.replaceAll(CR + LF, LF).replaceAll(LF, CR + LF))
