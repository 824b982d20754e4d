/**
 * Decides on which screen of the user's terminal a session is shown: on the primary one, where scrolled rows are kept, if the
 * server keeps a history, and otherwise on the alternate one.
 *
 * Which it is, is known with the server's first state. Until then nothing is shown, so the terminal does not flicker. If the
 * server does not answer within `PATIENCE`, the notification bar needs a screen: the alternate one, which is left again if the
 * server keeps a history.
 *
 * Laws: a choice is final. The primary screen is chosen only for a server that keeps a history and has reported a position in
 * it. Nothing is shown before the server has answered or `PATIENCE` has passed.
 */
import type { Millis } from "../../Machine.ts"

/** How long to wait for the server before anything is shown, ms: most answer earlier. */
export const PATIENCE: Millis = 1000

export interface ScreenChoice {
  readonly shown:
    /** Nothing is shown yet. */
    | "Nothing"
    /** The alternate screen is shown until the server answers. */
    | "Waiting"
    | "Alternate"
    | "Primary"
  /** Whether the server did not answer within `PATIENCE`. */
  readonly isLate: boolean
}

export const initial: ScreenChoice = { shown: "Nothing", isLate: false }

export type Input =
  /** The server has answered. `hasPosition`: whether its newest state has a position in the history. */
  | { readonly _tag: "Answered"; readonly keepsHistory: boolean; readonly hasPosition: boolean }
  /** `PATIENCE` has passed. */
  | { readonly _tag: "Late" }
  /** A picture is to be shown. */
  | { readonly _tag: "Picture"; readonly isBlank: boolean }

export const step = (choice: ScreenChoice, input: Input): ScreenChoice => {
  if (isFinal(choice)) return choice
  switch (input._tag) {
    case "Answered":
      if (!input.keepsHistory) return { ...choice, shown: "Alternate" }
      // A state from before the server knew our features has no position. The next one has.
      return input.hasPosition ? { ...choice, shown: "Primary" } : choice
    case "Late":
      return { ...choice, isLate: true }
    case "Picture":
      return choice.isLate && !input.isBlank ? { ...choice, shown: "Waiting" } : choice
  }
}

/** Whether the screen is chosen. */
export const isFinal = ({ shown }: ScreenChoice): boolean => shown === "Alternate" || shown === "Primary"
