/**
 * The user's terminal, or the pipe or file in its place: the source of keystrokes, and where pictures are drawn.
 *
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Capabilities, type ClientSession, FrameDiff, LocalTerminal } from "effect-mosh"
 *
 * // Shows a session on this program's terminal, until the session ends.
 * export const show = (session: ClientSession) =>
 *   Effect.gen(function* () {
 *     const local = yield* LocalTerminal
 *     const capabilities = Capabilities.fromTerm({ term: process.env["TERM"] ?? "" })
 *     let shown = session.picture()
 *     const draw = () => {
 *       if (terminal.busy()) return
 *       const picture = session.picture()
 *       terminal.write(FrameDiff.diff(shown, picture, capabilities))
 *       shown = picture
 *     }
 *     const terminal = yield* local.open({
 *       opening: FrameDiff.repaint(shown, capabilities),
 *       closing: () => "\x1b[m\x1b[2J\x1b[H",
 *       onKeys: session.typeUnsafe,
 *       onKeysEnd: session.shutdownUnsafe,
 *       onResize: session.resize,
 *       onDrain: draw,
 *       onContinue: () => terminal.write(FrameDiff.repaint(shown, capabilities)),
 *       onGone: session.shutdownUnsafe
 *     })
 *     yield* Stream.runForEach(session.pictures, () => Effect.sync(draw))
 *   }).pipe(Effect.scoped)
 * ```
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Size } from "../../domain/terminal/Frame.ts"

/** Access to the user's terminal. Its layer on Node is `NodeLocalTerminal.layer`. */
export class LocalTerminal extends Context.Service<
  LocalTerminal,
  {
    /** Whether keystrokes come from a terminal. Otherwise input is a pipe or a file. */
    readonly keyboard: boolean
    /** Whether output goes to a terminal. Otherwise output is a pipe or a file. */
    readonly screen: boolean
    /** The screen's current size; `COLUMNS` × `LINES` or 80×24 if output is no terminal. */
    readonly size: () => Size
    /**
     * Takes control of the terminal and puts it in raw mode. The terminal is restored when the scope closes, and also
     * when the process exits in any other way that allows it to run code. Only one may be open at a time.
     */
    readonly open: (handlers: TerminalHandlers) => Effect.Effect<OpenTerminal, never, Scope.Scope>
  }
>()("effect-mosh/services/LocalTerminal") {}

/** Callbacks for terminal events, called synchronously and in order. None may throw. */
export interface TerminalHandlers {
  /** Text to write when the terminal is opened, and again after a suspension. */
  readonly opening: string
  /** The text to write before the terminal is restored. */
  readonly closing: () => string
  /** Typed bytes, in order and in pieces of any size; a paste arrives in large ones. The array is not reused. */
  readonly onKeys: (bytes: Uint8Array) => void
  /** Input has ended. */
  readonly onKeysEnd: () => void
  /** The screen's size has changed. */
  readonly onResize: (size: Size) => void
  /** Buffered output has been written, so the terminal is no longer busy. */
  readonly onDrain: () => void
  /** The process received SIGTSTP; call `suspend`. Default: suspend without a farewell. */
  readonly onStop?: (() => void) | undefined
  /** The process was stopped and continues. The terminal is in raw mode again; what it shows is unknown. */
  readonly onContinue: () => void
  /** The terminal can no longer be written to: it was closed, or the reader of the pipe has exited. */
  readonly onGone: () => void
}

/** An open terminal. Its functions are synchronous and never throw. */
export interface OpenTerminal {
  /**
   * Writes text without blocking; what the terminal does not accept at once is buffered, and written when it does.
   * While the terminal is `busy`, do not write: keep only the newest picture until `onDrain`. Then a slow terminal
   * skips pictures instead of filling memory.
   */
  readonly write: (text: string) => void
  /** Whether written text is still buffered. */
  readonly busy: () => boolean
  /** Stops reading keystrokes; the kernel buffers them. */
  readonly pauseKeys: () => void
  /** Resumes reading keystrokes. */
  readonly resumeKeys: () => void
  /** Restores the terminal, writes `farewell`, and stops this process group until it is continued. */
  readonly suspend: (farewell: string) => void
}
