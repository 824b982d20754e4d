/**
 * Whether predictions are shown, and whether they are underlined.
 *
 * In adaptive mode they are where a person would otherwise wait: when the round trip is long, and after a hitch (an echo
 * that took a quarter of a second) until echoes have come quickly again for a while. Source: spec 11.1 and 11.3; stock
 * mosh judges the round trip by its frame interval and shows nothing below 60 ms.
 */
import type { Millis } from "../Machine.ts"
import type { DisplayPreference } from "./DisplayPreference.ts"

export interface Display {
  readonly preference: DisplayPreference
  /** The round trip is long enough. */
  readonly slow: boolean
  /** It is so long that a person should see what is not confirmed. */
  readonly verySlow: boolean
  /** Above 0 after a hitch: how many quick echoes are wanted yet. */
  readonly hitches: number
  /** When the last quick echo was counted. */
  readonly quickAt: Millis
}

/** Round trips, ms: from the first on predictions are shown, until it falls below the second. */
const SLOW: Millis = 20
const SLOW_UNTIL: Millis = 15
/** The same for underlines. */
const VERY_SLOW: Millis = 160
const VERY_SLOW_UNTIL: Millis = 100
/** An echo that takes so long is a hitch, or a long one. */
export const HITCH: Millis = 250
export const LONG_HITCH: Millis = 5000
/** How many quick echoes repair a hitch; twice as many a long one. */
const REPAIRS = 10
/** Quick echoes closer together than this count as one. */
const REPAIR_INTERVAL: Millis = 150

/** Until the round trip is known it is taken to be long. */
export const initial = (preference: DisplayPreference): Display => ({
  preference,
  slow: true,
  verySlow: true,
  hitches: 0,
  quickAt: -Infinity
})

export const isShown = ({ preference, slow, hitches }: Display): boolean =>
  preference === "always" || preference === "experimental" || (preference === "adaptive" && (slow || hitches > 0))

export const isUnderlined = ({ verySlow, hitches }: Display): boolean => verySlow || hitches > REPAIRS

/** The round trip is `srtt`; nothing is taken away while keys are `outstanding`. */
export const measured = (display: Display, srtt: Millis, outstanding: boolean): Display => {
  const slow = srtt >= SLOW || (display.slow && (srtt >= SLOW_UNTIL || outstanding))
  const verySlow = srtt > VERY_SLOW || (display.verySlow && srtt > VERY_SLOW_UNTIL)
  return slow === display.slow && verySlow === display.verySlow ? display : { ...display, slow, verySlow }
}

/** The oldest outstanding key has waited for so long. */
export const waited = (display: Display, age: Millis): Display => {
  const hitches = age >= LONG_HITCH ? 2 * REPAIRS : age >= HITCH ? Math.max(display.hitches, REPAIRS) : display.hitches
  return hitches === display.hitches ? display : { ...display, hitches }
}

/** A key's echo came after so long. */
export const echoed = (display: Display, age: Millis, now: Millis): Display =>
  age < HITCH && display.hitches > 0 && now >= display.quickAt + REPAIR_INTERVAL
    ? { ...display, hitches: display.hitches - 1, quickAt: now }
    : display
