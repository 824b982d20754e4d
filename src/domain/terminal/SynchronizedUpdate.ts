/**
 * Decides for how long the screen from before a synchronized update (`CSI ?2026h` … `CSI ?2026l`) is shown.
 *
 * A program brackets each of its frames in an update, so that no half-drawn frame is shown. The emulator numbers the updates.
 * An update that does not end within `LIMIT`, because its program hangs or was killed, no longer holds the screen.
 *
 * Laws:
 *
 * - No update holds the screen for more than `LIMIT`. A program cannot extend an update by beginning it again.
 * - Without an open update nothing is held, and there is no deadline.
 */
import type { Machine, Millis } from "../Machine.ts"

/** Maximum time for which an update holds the screen, ms. */
export const LIMIT: Millis = 1000

export interface State {
  /** The number of the open update; `undefined` if none is open. */
  readonly update: number | undefined
  /** When it began. */
  readonly since: Millis
  /** Whether the screen from before it is shown. */
  readonly isHeld: boolean
}

export type Input =
  /** The program has printed something, after which this update is open. */
  | { readonly _tag: "Printed"; readonly update: number | undefined }
  /** The screen has another size: the one from before the update does not fit it. */
  | { readonly _tag: "Resized" }
  | { readonly _tag: "Tick" }

/** The update took too long: show the current screen. */
export type Output = { readonly _tag: "Released" }

export const initial: State = { update: undefined, since: 0, isHeld: false }

const step = (state: State, input: Input, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  switch (input._tag) {
    case "Printed":
      if (input.update === state.update) return [state, []]
      return [input.update === undefined ? initial : { update: input.update, since: now, isHeld: true }, []]
    case "Resized":
      return [state.isHeld ? { ...state, isHeld: false } : state, []]
    case "Tick":
      return now < deadline(state) ? [state, []] : [{ ...state, isHeld: false }, [{ _tag: "Released" }]]
  }
}

const deadline = ({ isHeld, since }: State): Millis => (isHeld ? since + LIMIT : Infinity)

export const machine: Machine<State, Input, Output> = { step, deadline }
