/**
 * Begins another epoch: a timeline at a frame of the server whose keys are hidden until one of them is echoed.
 */
import type { Millis } from "../../Machine.ts"
import * as EchoedText from "../program/EchoedText.ts"
import * as Key from "../Key.ts"
import type * as Line from "../program/Line.ts"
import * as Observation from "../Observation.ts"
import * as Picture from "../Picture.ts"
import { type Prediction, type Trust, UNTRUSTED } from "../State.ts"
import * as Timeline from "../Timeline.ts"

/** What the new epoch is trusted with from its beginning. */
export type Inherited = "echo" | "motion" | "nothing"

/** Begins an epoch at a frame, without the first `dropped` keys. `bounds` is what is known of the line there. */
export const begin = (
  state: Prediction,
  observed: Observation.Observation,
  dropped: number,
  inherited: Inherited,
  bounds: Line.Bounds = Picture.UNKNOWN_BOUNDS
): Prediction => {
  const seen = Observation.anew(observed, state.frame)
  const gone = state.timeline.entries.slice(0, dropped)
  const rest = state.timeline.entries.slice(dropped)
  const arrived =
    Observation.hasCaret(seen) && EchoedText.isNew(state.frame, seen) ? arrivedOf(state, seen, gone, rest) : 0
  const left = rest.slice(arrived)
  const entered = gone.some(({ key }) => Key.isEnter(key))
  // A program that takes over the terminal without Enter may ask for a password too.
  const maybePassword = state.trust.maybePassword || entered || state.report?.echo === "Unknown"
  const echo = !maybePassword && (inherited === "echo" || arrived > 0)
  const trust: Trust = {
    echo,
    reported: echo && arrived === 0 && state.trust.reported,
    motion: inherited === "motion",
    maybePassword,
    unechoed: state.trust.unechoed && !echo
  }
  const isExact = arrived > 0 || (echo && Observation.hasCaret(seen) && EchoedText.hasNotBegun(seen, left))
  return {
    ...state,
    frame: seen.frame,
    timeline: Timeline.predict(Picture.ofFrame(seen.frame, seen.caret, bounds), left, state.program),
    trust,
    unconfirmedKeys: isExact ? 0 : left.length,
    cursorAwaySince: undefined,
    isOnBlank: maybePassword && Observation.hasCaret(seen) && isOnBlank(state, seen, rest),
    desynced: false,
    overdueSince: undefined
  }
}

/** Whether the row is below that of Enter, and blank but for those of the keys that have arrived. */
const isOnBlank = (
  { enteredLine }: Prediction,
  seen: Observation.WithCaret,
  rest: ReadonlyArray<Timeline.TypedKey>
): boolean => EchoedText.isBelow(enteredLine, seen.frame.rows, seen.caret.row, EchoedText.arrived(seen, rest).column)

/** How many of the `rest` of the keys stand left of the caret already, after those that are `gone`. */
const arrivedOf = (
  { timeline }: Prediction,
  seen: Observation.WithCaret,
  gone: ReadonlyArray<Timeline.TypedKey>,
  rest: ReadonlyArray<Timeline.TypedKey>
): number => {
  const reachable = EchoedText.reachable(timeline.start.screen?.caret, seen, gone, rest)
  // A program that drew the line anew, as a prompt, may have put the text anywhere.
  return EchoedText.arrived(seen, reachable).count || EchoedText.arrived(seen, rest).count
}

/** Begins an epoch in which nothing is known until local state `stateNumber` is acknowledged: after a paste or a resize. */
export const beginUnknown = (state: Prediction, stateNumber: bigint, now: Millis): Prediction => {
  const picture = Picture.ofFrame(state.frame, undefined, Picture.UNKNOWN_BOUNDS)
  const unknown = { key: { _tag: "Command", name: "" }, stateNumber, typedAt: now, shown: false, picture } as const
  return {
    ...state,
    timeline: { start: picture, entries: [unknown] },
    trust: { ...UNTRUSTED, unechoed: state.trust.unechoed },
    unconfirmedKeys: 0,
    cursorAwaySince: undefined,
    overdueSince: undefined
  }
}

/** What an epoch that begins after a picture of the timeline may inherit from the present one. */
export const inheritedAfter = ({ trust }: Prediction, { nextEpoch }: Picture.Picture): Inherited =>
  nextEpoch > 0 ? "nothing" : trust.echo ? "echo" : trust.motion ? "motion" : "nothing"
