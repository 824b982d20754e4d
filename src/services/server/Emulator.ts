/**
 * A terminal emulator: it interprets a program's output, and returns the resulting screen as frames.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Emulator, Frame } from "effect-mosh"
 * import { XtermEmulator } from "effect-mosh/node"
 *
 * // The lines that a terminal shows after it interpreted `output`.
 * export const shown = (output: Uint8Array) =>
 *   Effect.gen(function* () {
 *     const screen = yield* (yield* Emulator).make({ size: { columns: 80, rows: 24 }, onReply: () => undefined })
 *     screen.write(output)
 *     return Frame.lines(screen.frame())
 *   }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
 * ```
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ImageStore } from "../../domain/images/ImageStore.ts"
import type { Frame, Size } from "../../domain/terminal/Frame.ts"
import type { History } from "../../domain/history/History.ts"
import type * as PromptMark from "../../domain/events/PromptMark.ts"
import type { ClusterRules } from "../../domain/terminal/ClusterRules.ts"
import type { TerminalReport } from "../../domain/terminal/TerminalReport.ts"
import type { ScreenPosition } from "../../domain/history/ScreenPosition.ts"

/** Creates emulated screens. Its layer on Node is `XtermEmulator.layer`. */
export class Emulator extends Context.Service<
  Emulator,
  {
    /** Creates a screen, which lives as long as the scope. */
    readonly make: (options: EmulatorOptions) => Effect.Effect<Screen, never, Scope.Scope>
  }
>()("effect-mosh/services/Emulator") {}

/** The initial size of a screen, the callback for its replies, and where its rows go. */
export interface EmulatorOptions {
  /** The initial size. */
  readonly size: Size
  /**
   * Called during `write` with replies that the program requested (device attributes, cursor position); send them to
   * the program's input. A program can request replies faster than it reads them, so the caller must drop replies when
   * too many are queued.
   */
  readonly onReply: (bytes: Uint8Array) => void
  /**
   * Receives the rows that scroll off the top of the primary screen, during `write` and `resize`; `CSI 3 J` and a full reset
   * clear it. Without it, these rows are dropped.
   */
  readonly history?: History | undefined
}

/** One emulated screen. Its methods are synchronous and never throw. */
export interface Screen {
  /**
   * Interprets bytes. UTF-8 characters and escape sequences may be split between calls. Takes time linear in the bytes.
   */
  readonly write: (bytes: Uint8Array) => void
  /** Resizes the screen at once, without re-wrapping lines. The most recently written lines stay visible. */
  readonly resize: (size: Size) => void
  /**
   * The current screen, well-formed. Rows that are unchanged since the last call are the same objects, even if they
   * have moved.
   */
  readonly frame: () => Frame
  /** Whether the alternate screen is shown. */
  readonly isAlternate: () => boolean
  /** Whether the program enabled application cursor keys (`CSI ?1h`). */
  readonly applicationCursorKeys: () => boolean
  /** What the shell has reported by marks around its prompts and commands (OSC 133). */
  readonly shell: () => PromptMark.Shell
  /** The synchronized update (`CSI ?2026h`) that the program has begun and not ended; `undefined` if none is open. */
  readonly update: () => OpenUpdate | undefined
  /** What is known of the client's terminal, by which queries are answered. */
  readonly know: (terminal: TerminalKnowledge) => void
  /** The images that programs have shown, whose numbers are in the cells of frames (`ImageCells`). */
  readonly images: ImageStore
  /** The sequences of characters that are laid out as one cell from now on; none at first. */
  readonly join: (rules: ClusterRules) => void
}

/**
 * What a client's terminal reported about itself. `Unknown`: nothing, as from stock clients; then such queries get no reply.
 * `Expected`: its report will arrive soon; until then replies wait.
 */
export type TerminalKnowledge = TerminalReport | "Unknown" | "Expected"

/** A synchronized update that is open: the program is drawing a frame that is not complete. */
export interface OpenUpdate {
  /** Its number, from 1, among the updates of the screen. */
  readonly number: number
  /** The screen from before it: what `frame` returned, and where it is in `history`; `undefined` without one. */
  readonly before: { readonly frame: Frame; readonly position: ScreenPosition | undefined }
}
