/**
 * A terminal emulator: it interprets what programs print, and shows the result as frames.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Emulator, Frame } from "effect-mosh"
 * import { XtermEmulator } from "effect-mosh/node"
 *
 * // What a terminal shows of a program's output.
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
import type { Frame, Size } from "../../domain/terminal/Frame.ts"

export class Emulator extends Context.Service<
  Emulator,
  {
    /** Opens a screen, which lasts as long as the scope. */
    readonly make: (options: EmulatorOptions) => Effect.Effect<Screen, never, Scope.Scope>
  }
>()("effect-mosh/services/Emulator") {}

/** Larger screens than this are cut to it; both dimensions are at least 1. */
export const LARGEST: Size = { columns: 2000, rows: 1000 }

/** The size that a screen takes on when asked for another. Fields may hold any number, `NaN` too. */
export const sizeWithin = ({ columns, rows }: Size): Size => ({
  columns: sideWithin(columns, LARGEST.columns),
  rows: sideWithin(rows, LARGEST.rows)
})

const sideWithin = (cells: number, most: number): number => Math.min(Math.max(Math.floor(cells) || 1, 1), most)

/** How large a screen is, and who is told of what it answers. */
export interface EmulatorOptions {
  /** The screen's size. */
  readonly size: Size
  /**
   * Called, during `write`, with answers the program asked for (device attributes, cursor position); they belong on its
   * input. A program can ask faster than it reads: whoever passes answers on must leave some out when too many wait.
   */
  readonly onReply: (bytes: Uint8Array) => void
}

/** One emulated screen. Its methods are synchronous and never throw. */
export interface Screen {
  /** Interprets bytes; UTF-8 and escape sequences may be split anywhere. Costs time in proportion to their number. */
  readonly write: (bytes: Uint8Array) => void
  /** Takes effect at once, without re-wrapping lines. What was last written stays in sight. */
  readonly resize: (size: Size) => void
  /** The screen now; well-formed. Rows that look as they did at the last call are the same objects, even where they moved. */
  readonly frame: () => Frame
  /** Whether the program asked for application cursor keys (`CSI ?1h`). */
  readonly applicationCursorKeys: () => boolean
}
