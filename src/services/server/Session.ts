/**
 * A server's session: a program, on a pty or an `Application`, and the screen that it draws.
 *
 * A session is a scoped value, independent of connections. A listener that shows it to a client types into it, resizes
 * it and watches its frames. A session may have any number of listeners, including none.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as FramePatch from "../../domain/display/FramePatch.ts"
import * as Announcement from "../../domain/session/Announcement.ts"
import * as EchoSampling from "../../domain/session/EchoSampling.ts"
import type { ImageStore } from "../../domain/images/ImageStore.ts"
import type { Frame, Size } from "../../domain/terminal/Frame.ts"
import * as History from "../../domain/history/History.ts"
import * as InputEcho from "../../domain/terminal/InputEcho.ts"
import * as PromptMark from "../../domain/events/PromptMark.ts"
import type { ScreenPosition } from "../../domain/history/ScreenPosition.ts"
import type { ClusterRules } from "../../domain/terminal/ClusterRules.ts"
import type { TerminalReport } from "../../domain/terminal/TerminalReport.ts"
import * as SynchronizedUpdate from "../../domain/terminal/SynchronizedUpdate.ts"
import * as Application from "./Application.ts"
import { clampSize } from "../../domain/terminal/ScreenSize.ts"
import * as DeliveredEvents from "./DeliveredEvents.ts"
import { Emulator, type OpenUpdate } from "./Emulator.ts"
import * as Actor from "../runtime/Actor.ts"
import * as KnownTerminal from "./KnownTerminal.ts"
import * as ProgramInput from "./ProgramInput.ts"
import * as ScreenWatchers from "./ScreenWatchers.ts"
import { type Foreground, Pty, type PtyError, type PtyExit, type PtyProcess } from "./Pty.ts"
import * as SessionHistory from "../history/SessionHistory.ts"

/** A program of the operating system, to run on a pty. */
export interface Program {
  /** An absolute path, or a name to look up in `PATH`. */
  readonly file: string
  /** The arguments after the program's name. */
  readonly arguments: ReadonlyArray<string>
  /** Whether to start the program as a login shell. Default: no. */
  readonly login?: boolean | undefined
  /** The program's soft limit on core dumps, in the syntax of `ulimit -c`. Default: inherited from this process. */
  readonly coreLimit?: string | undefined
  /** The program's complete environment. */
  readonly environment: Readonly<Record<string, string>>
  /** The working directory; `/` if it cannot be entered. */
  readonly directory: string
  /**
   * Text to show before the program's output, usually the message of the day. Lines end in LF or CR LF. An effect runs
   * when the program is about to start, and delays the start until it succeeds.
   */
  readonly greeting?: string | Effect.Effect<string> | undefined
}

/** What to run, and the initial size of its screen. */
export interface SessionOptions<R = never> {
  readonly program: Program | Application.Application<unknown, R>
  /** The initial size of the screen. */
  readonly size: Size
  /** How many rows that scrolled off the screen are kept, see `OpenOptions.scrollback`. Default: 10,000. */
  readonly scrollback?: number | undefined
}

/** How a session ended. */
export type SessionEnd =
  /** The program on the pty exited, or was killed. */
  | { readonly _tag: "Exited"; readonly exit: PtyExit }
  /** The session's `Application` ended. */
  | { readonly _tag: "Finished"; readonly exit: Exit.Exit<void, unknown> }
  /** The program could not be started. */
  | { readonly _tag: "NotStarted"; readonly error: PtyError }

/**
 * A program and its screen. Functions that return no `Effect` are synchronous, may be called from any callback, and
 * never throw.
 */
export interface Session {
  /** Starts the program, with the screen's current size. Further calls do nothing. */
  readonly start: () => void
  /** @internal Whether `start` was called. */
  readonly isStarted: () => boolean
  /**
   * Types text or bytes, encoded as a terminal sends them (CR for Enter). Input typed before the program starts is
   * queued for it. If more than 16 MiB are queued, further input is dropped, and the screen shows a message.
   */
  readonly type: (input: string | Uint8Array) => void
  /**
   * Shows one line to the users of the session: in the top row of the screen until the program redraws it, and as a desktop
   * notification where the client supports them. Control characters are removed. An application that shows frames hides the line.
   */
  readonly announce: (text: string) => void
  /** Sets the size of the screen and of the program's terminal. Sizes beyond the supported range are reduced to it. */
  readonly resize: (size: Size) => void
  /** The current screen. */
  readonly frame: () => Frame
  /** The rows that scrolled off the top of the primary screen, or were erased with all of it. */
  readonly history: SessionHistory.SessionHistory
  /** @internal The ring behind `history`, for `HistorySender`; `undefined` if the session keeps none. */
  readonly ring: History.History | undefined
  /** Where `frame` is in `history`; `undefined` if the session keeps none. */
  readonly position: () => ScreenPosition | undefined
  /** Whether the program enabled application cursor keys. */
  readonly applicationCursorKeys: () => boolean
  /**
   * @internal Calls `onChange` soon after the screen may have changed, and no earlier than 4 ms after the previous call, however
   * much the program prints. If `onChange` returns a number, at least that many ms pass before the next call; `NaN` counts
   * as 0. Ends with the scope. `frames` is for all others than `SessionTransport`, which sets the interval.
   */
  readonly watch: ScreenWatchers.Watch
  /** The current screen, then the newest after each change. */
  readonly frames: Stream.Stream<Frame>
  /** The program's process id; `undefined` before its start, and for an `Application`. */
  readonly pid: () => number | undefined
  /**
   * The foreground program of the session's terminal: the session's own program, or a command that it runs. `undefined`
   * before the start, for an `Application`, and where the system does not show it. Reads files of the system: some 100 µs.
   */
  readonly foreground: () => Foreground | undefined
  /** @internal From now on, determines who echoes input: `echo`. A session whose clients do not use it is not sampled. */
  readonly observeEcho: () => void
  /** @internal Who echoes input, and as of which input; `undefined` where the system does not show it. */
  readonly echo: () => EchoSampling.Report | undefined
  /** @internal Where the command line begins by the shell's marks (OSC 133): a column; `undefined` if it edits none. */
  readonly lineColumn: () => number | undefined
  /** @internal A client will report its terminal soon. Until then replies to the program that depend on it wait, at most 1 s. */
  readonly expectTerminal: () => void
  /** @internal The terminal of a client, by which the program's queries are answered from now on. */
  readonly reportTerminal: (report: TerminalReport) => void
  /** @internal The images that programs have shown, whose numbers are in the cells of frames (`ImageCells`). */
  readonly images: ImageStore
  /** @internal The sequences of characters that the terminals of all clients draw as one cell. */
  readonly joinClusters: (rules: ClusterRules) => void
  /** @internal How many inputs `type` has received, by which `echo` counts. */
  readonly inputs: () => number
  /** @internal Which events of the session have reached a client. */
  readonly delivered: DeliveredEvents.DeliveredEvents
  /** Resumes when the program has ended and its last output has been drawn on the screen. */
  readonly ended: Effect.Effect<SessionEnd>
}

/** How long a message stays on the screen after the program could not be started, ms. */
export const NOT_STARTED_NOTICE = 3000

const CR = "\r"
const LF = "\n"
const LINE_FEED = 0x0a

/** Opens a session. Closing the scope hangs up on the program. */
export const make = Effect.fnUntraced(function* <R = never>(
  options: SessionOptions<R>
): Effect.fn.Return<Session, never, Scope.Scope | Pty | Emulator | R> {
  const { program } = options
  const pty = yield* Pty
  const emulator = yield* Emulator
  const released = yield* Latch.make(false)
  const ended = yield* Deferred.make<SessionEnd>()
  const { changed, watch } = ScreenWatchers.make()
  let running: Application.Running | undefined
  let process: PtyProcess | undefined
  let isEchoObserved = false
  const isSampled = (): boolean => isEchoObserved && process?.sampleEcho !== undefined
  /** The frame that an application shows instead of the emulator's screen. */
  let shownFrame: Frame | undefined
  let isStarted = false
  let over = false
  let size = clampSize(options.size)

  const input = ProgramInput.make({
    onTyped: (bytes) => sampling.offer({ _tag: "Typed", mayChange: isSampled() && EchoSampling.mayChange(bytes) }),
    onOverflow: () => show(printed("\nmosh-server: the program does not read; what is typed now is lost.\n"))
  })

  const kept = Math.floor(options.scrollback ?? History.DEFAULT_ROWS)
  const history = kept >= 1 ? History.make(kept) : undefined
  const screen = yield* emulator.make({ size, onReply: input.reply, history })

  const terminal = yield* KnownTerminal.make(screen.know)

  const show = (bytes: Uint8Array): void => {
    shownFrame = undefined
    const before = held()?.number
    input.printing(() => screen.write(bytes))
    const update = screen.update()?.number
    if (updates.state().update !== update) updates.offer({ _tag: "Printed", update })
    if (isSampled()) sampling.offer({ _tag: "Printed", newLine: bytes.includes(LINE_FEED) })
    if (before === undefined || before !== held()?.number) changed()
  }

  const updates = yield* Actor.spawn<SynchronizedUpdate.State, SynchronizedUpdate.Input, SynchronizedUpdate.Output>({
    machine: SynchronizedUpdate.machine,
    initial: SynchronizedUpdate.initial,
    tick: { _tag: "Tick" },
    perform: changed
  })

  /** The synchronized update during which the screen from before it is shown. */
  const held = (): OpenUpdate | undefined =>
    over || shownFrame !== undefined || !updates.state().isHeld ? undefined : screen.update()

  const sampling = yield* Actor.spawn<EchoSampling.State, EchoSampling.Input, EchoSampling.Output>({
    machine: EchoSampling.machine,
    initial: EchoSampling.initial,
    tick: { _tag: "Tick" },
    perform: (output) => {
      if (output._tag === "Reported") return changed()
      const onSampled = (sample: InputEcho.Sample): void => sampling.offer({ _tag: "Sampled", sample })
      if (process?.sampleEcho === undefined) onSampled(InputEcho.UNKNOWN)
      else process.sampleEcho(onSampled)
    }
  })

  const showFrame = (frame: Frame): void => {
    shownFrame = frame
    changed()
  }

  const end = (how: SessionEnd): void => {
    over = true
    input.end()
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
    process = yield* pty.spawn({
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
    if (isSampled()) sampling.offer({ _tag: "Started" })
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
    input.start(started)
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

  const frame = (): Frame =>
    shownFrame === undefined ? (held()?.before.frame ?? screen.frame()) : FramePatch.resize(shownFrame, size)

  return {
    start: () => {
      isStarted = true
      released.openUnsafe()
    },
    isStarted: () => isStarted,
    type: (typed) => input.type(typeof typed === "string" ? encoder.encode(typed) : typed),
    announce: (text) => {
      if (!over && shownFrame === undefined) show(encoder.encode(Announcement.bar(text, size.columns)))
    },
    resize: (to) => {
      size = clampSize(to)
      screen.resize(size)
      running?.resize(size)
      updates.offer({ _tag: "Resized" })
      sampling.offer({ _tag: "Typed", mayChange: isSampled() })
      changed()
    },
    frame,
    history: history === undefined ? SessionHistory.none : SessionHistory.make(history, watch, Deferred.await(ended)),
    ring: history,
    position: () =>
      held()?.before.position ??
      (history && {
        top: history.end,
        first: history.erased,
        // Frames that an application shows are not lines that it printed.
        alternate: shownFrame !== undefined || screen.isAlternate()
      }),
    applicationCursorKeys: screen.applicationCursorKeys,
    pid: () => process?.pid,
    foreground: () => (over ? undefined : process?.foreground?.()),
    observeEcho: () => {
      if (isEchoObserved) return
      isEchoObserved = true
      if (isSampled()) sampling.offer({ _tag: "Started" })
    },
    echo: () => (isSampled() ? sampling.state().report : undefined),
    lineColumn: () => PromptMark.lineColumn(screen.shell()),
    expectTerminal: terminal.expect,
    reportTerminal: terminal.report,
    images: screen.images,
    joinClusters: screen.join,
    inputs: () => sampling.state().inputs,
    delivered: DeliveredEvents.make(),
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

/** `text` as a terminal's line discipline outputs it: LF becomes CR LF. */
const printed = (text: string): Uint8Array => encoder.encode(text.replaceAll(CR + LF, LF).replaceAll(LF, CR + LF))
