/**
 * Whether predictions are shown, and whether they are underlined.
 *
 * Adaptive mode shows them while the round trip is long, and after a hitch (an echo that took a quarter of a second) until
 * several echoes were quick. Source: spec 11.1 and 11.3. Stock mosh derives the decision from its frame interval and shows
 * nothing below a round trip of 60 ms.
 */
import type { Millis } from "../../Machine.ts"
import type { DisplayPreference } from "./DisplayPreference.ts"
import * as Tuning from "../Tuning.ts"

export interface DisplayPolicy {
  readonly preference: DisplayPreference
  /** The round trip is long enough to show predictions. */
  readonly slow: boolean
  /** The round trip is so long that unconfirmed text is underlined. */
  readonly verySlow: boolean
  /** How many more quick echoes end the last hitch; 0 without one. */
  readonly hitches: number
  /** When the last quick echo was counted. */
  readonly quickAt: Millis
}

/** Until the round trip is known it is assumed to be long. */
export const initial = (preference: DisplayPreference): DisplayPolicy => ({
  preference,
  slow: true,
  verySlow: true,
  hitches: 0,
  quickAt: -Infinity
})

export const isShown = ({ preference, slow, hitches }: DisplayPolicy): boolean =>
  preference === "always" || preference === "experimental" || (preference === "adaptive" && (slow || hitches > 0))

export const isUnderlined = ({ verySlow, hitches }: DisplayPolicy): boolean => verySlow || hitches > Tuning.REPAIRS

/** The smoothed round trip was measured. While keys are `outstanding`, shown predictions are not removed. */
export const measured = (display: DisplayPolicy, srtt: Millis, outstanding: boolean): DisplayPolicy => {
  const slow = srtt >= Tuning.SLOW || (display.slow && (srtt >= Tuning.SLOW_UNTIL || outstanding))
  const verySlow = srtt > Tuning.UNDERLINE || (display.verySlow && srtt > Tuning.UNDERLINE_UNTIL)
  return slow === display.slow && verySlow === display.verySlow ? display : { ...display, slow, verySlow }
}

/** The oldest outstanding key has waited for `age` ms. */
export const waited = (display: DisplayPolicy, age: Millis): DisplayPolicy => {
  const hitches =
    age >= Tuning.LONG_HITCH
      ? 2 * Tuning.REPAIRS
      : age >= Tuning.HITCH
        ? Math.max(display.hitches, Tuning.REPAIRS)
        : display.hitches
  return hitches === display.hitches ? display : { ...display, hitches }
}

/** The echo of a key arrived after `age` ms. */
export const echoed = (display: DisplayPolicy, age: Millis, now: Millis): DisplayPolicy =>
  age < Tuning.HITCH && display.hitches > 0 && now >= display.quickAt + Tuning.REPAIR_INTERVAL
    ? { ...display, hitches: display.hitches - 1, quickAt: now }
    : display
