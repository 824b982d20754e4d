/**
 * The terminal a person sits at, or whatever stands in its place: keys come from it, and pictures go to it.
 *
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Capabilities, type ClientSession, FrameDiff, LocalTerminal } from "effect-mosh"
 *
 * // Shows a session on the terminal that this program runs in, until it ends.
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

export class LocalTerminal extends Context.Service<
  LocalTerminal,
  {
    /** Whether keys come from a person's keyboard; otherwise from a pipe or a file. */
    readonly keyboard: boolean
    /** Whether what is written goes to a terminal; otherwise to a pipe or a file. */
    readonly screen: boolean
    /** The screen's size now; where there is no screen, `COLUMNS` × `LINES` or 80×24. */
    readonly size: () => Size
    /**
     * Takes the terminal over: keys come as they are pressed, unprocessed. Given back when the scope closes, and also
     * when the process ends in another way that lets it act. One at a time.
     */
    readonly open: (handlers: TerminalHandlers) => Effect.Effect<OpenTerminal, never, Scope.Scope>
  }
>()("effect-mosh/services/LocalTerminal") {}

/** Called from the terminal's own callbacks, in order. None may throw. */
export interface TerminalHandlers {
  /** What to write when the terminal is taken, or taken again after a suspension. */
  readonly opening: string
  /** What to write before it is given back. */
  readonly closing: () => string
  /** Typed bytes, in order, as the system hands them over: a paste comes in large pieces. They do not change later. */
  readonly onKeys: (bytes: Uint8Array) => void
  /** No more keys will come. */
  readonly onKeysEnd: () => void
  /** The screen has another size. */
  readonly onResize: (size: Size) => void
  /** What was held back has been written: the terminal takes more. */
  readonly onDrain: () => void
  /**
   * The process is asked to stop (SIGTSTP): suspend the terminal. Without it, the terminal is suspended without a farewell.
   */
  readonly onStop?: (() => void) | undefined
  /** The process was stopped and goes on. The terminal is taken again; what it shows is unknown. */
  readonly onContinue: () => void
  /** The terminal cannot be written to any more: it was closed, or the reader of a pipe has left. */
  readonly onGone: () => void
}

/** A terminal that was taken over. Its functions are synchronous and never throw. */
export interface OpenTerminal {
  /**
   * Writes text. Never waits: what the terminal does not take at once is held back and written when it does. Do not
   * write while `busy`, but keep what is newest until `onDrain`; so a slow terminal costs pictures, not memory.
   */
  readonly write: (text: string) => void
  /** Whether written text is still held back. */
  readonly busy: () => boolean
  /** Stops reading keys: the terminal keeps what is typed. */
  readonly pauseKeys: () => void
  /** Reads keys again. */
  readonly resumeKeys: () => void
  /** Gives the terminal back, writes `farewell`, and stops this process and all of its group until they are continued. */
  readonly suspend: (farewell: string) => void
}
