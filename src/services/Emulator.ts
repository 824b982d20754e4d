/**
 * A terminal emulator: it interprets what programs print, and shows the result as frames.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Frame, Size } from "../domain/terminal/Frame.ts"

export class Emulator extends Context.Service<
  Emulator,
  {
    readonly make: (options: EmulatorOptions) => Effect.Effect<Screen, never, Scope.Scope>
  }
>()("effect-mosh/services/Emulator") {}

export interface EmulatorOptions {
  readonly size: Size
  /** Called, during `write`, with answers the program asked for (device attributes, cursor position); they belong on its input. */
  readonly onReply: (bytes: Uint8Array) => void
}

/** One emulated screen. Its methods are synchronous and never throw. */
export interface Screen {
  /** Interprets bytes; UTF-8 and escape sequences may be split anywhere. */
  readonly write: (bytes: Uint8Array) => void
  /** Takes effect at once, without re-wrapping lines. */
  readonly resize: (size: Size) => void
  /** The screen now. Rows that did not change since the last call are the same objects. */
  readonly frame: () => Frame
  /** Whether the program asked for application cursor keys (`CSI ?1h`). */
  readonly applicationCursorKeys: () => boolean
}
