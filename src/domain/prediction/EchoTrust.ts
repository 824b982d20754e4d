/**
 * What the server's report of who echoes input (`InputEcho`) adds to the trust that echoes earn, or takes from it.
 *
 * - `Secret`: nothing is trusted, and the keys on their way are never shown, whatever is reported or echoed later.
 * - `Kernel`, and `LineEditor` at a known prompt: the first keystroke is trusted. That requires that no key is on its way, and
 *   that everything that the server has shown was typed before it looked at the terminal. So no Enter lies between the
 *   report and the key that is shown because of it.
 *   A password prompt that ended by itself, without Enter, gives no trust to the next one: the user may not have seen it yet.
 * - Any other report withdraws the trust that a report alone gave; `Unknown` also that in a line which the cursor has left.
 * - `Unknown` after Enter: an echo confirms nothing. The kernel may echo what is typed ahead for a program that has not switched
 *   it off yet.
 */
import * as Epoch from "./Epoch.ts"
import * as InputEcho from "../terminal/InputEcho.ts"
import * as EchoReport from "../wire/EchoReport.ts"
import * as KnownPrompts from "./KnownPrompts.ts"
import * as Observation from "./Observation.ts"
import { type Prediction, UNTRUSTED } from "./State.ts"
import * as Timeline from "./Timeline.ts"

/** Takes the report into account, after an input made `before` into `state`. */
export const judge = (before: Prediction, state: Prediction): Prediction => {
  const { report } = state
  if (report === undefined) return state
  const judged = withJudged(before, state)
  if (report.echo === "Secret") return hidden(before, judged)
  const atCursor = whereInputGoes(judged, report)
  if (isTrusted(atCursor, report)) return trusted(atCursor)
  const { cursorAwaySince, trust } = judged
  const isAway = report.echo === "Unknown" && cursorAwaySince !== undefined
  return isAway || (trust.reported && !InputEcho.isPredictable(report.echo))
    ? { ...judged, trust: { ...UNTRUSTED, unechoed: judged.trust.unechoed } }
    : judged
}

/**
 * Whether an echo that appears now may be the kernel's, of what was typed before the program reads. `entered`: it appears
 * together with the effect of Enter.
 */
export const isAhead = ({ report, trust }: Prediction, entered: boolean): boolean =>
  report?.echo === "Unknown" && (trust.maybePassword || entered)

/** Notes which keys have left the timeline. It loses the oldest first. */
const withJudged = (before: Prediction, state: Prediction): Prediction => {
  const earlier = before.timeline.entries
  if (state.timeline.entries === earlier) return state
  const next = state.timeline.entries[0]?.stateNumber
  let { judged } = state
  for (const { stateNumber } of earlier) {
    if (next !== undefined && stateNumber >= next) break
    if (stateNumber > judged) judged = stateNumber
  }
  // Of keys of one state, some may have left.
  const left = earlier.length - state.timeline.entries.length
  if (left > 0 && earlier[0]?.stateNumber === next && next !== undefined && next > judged) judged = next
  return judged === state.judged ? state : { ...state, judged }
}

/** No key on its way is ever shown, and nothing is trusted. */
const hidden = (before: Prediction, state: Prediction): Prediction => {
  const newest = state.timeline.entries.at(-1)?.stateNumber ?? 0n
  return {
    ...state,
    secretUpTo: newest > state.secretUpTo ? newest : state.secretUpTo,
    inSecret: state.inSecret || !EchoReport.equals(before.report, state.report),
    trust: { ...UNTRUSTED, unechoed: state.trust.unechoed }
  }
}

/**
 * The program waits for input at the cursor, and no key is on its way: the line that the cursor has left is over.
 */
const whereInputGoes = (state: Prediction, report: EchoReport.EchoReport): Prediction =>
  state.cursorAwaySince !== undefined &&
  state.timeline.entries.length === 0 &&
  InputEcho.isPredictable(report.echo) &&
  state.judged <= report.input
    ? Epoch.begin(state, Observation.of(state, state.frame, state.now), 0, "nothing")
    : state

/** Whether a report confirms the epoch that begins with the next key. */
const isTrusted = (state: Prediction, report: EchoReport.EchoReport): boolean => {
  const { cursorAwaySince, desynced, inSecret, judged, timeline, trust, unconfirmedKeys } = state
  const { screen } = timeline.start
  if (trust.echo || inSecret || !InputEcho.isPredictable(report.echo) || judged > report.input) return false
  if (timeline.entries.length > 0 || unconfirmedKeys > 0 || desynced || cursorAwaySince !== undefined) return false
  if (screen === undefined) return false
  if (report.echo === "Kernel") return true
  const prompt = KnownPrompts.of(screen, report.place)
  return prompt !== undefined && state.prompts.includes(prompt)
}

const trusted = (state: Prediction): Prediction => ({
  ...state,
  timeline: Timeline.withHome(state.timeline),
  trust: { echo: true, reported: true, motion: false, maybePassword: false, unechoed: false }
})

/** The known prompts, after the first echo since Enter: with that of the timeline's start, if the shell's line editor echoed. */
export const learnPrompt = ({ judged, prompts, report, timeline }: Prediction): KnownPrompts.KnownPrompts => {
  const { screen } = timeline.start
  if (report?.echo !== "LineEditor" || judged > report.input || screen === undefined) return prompts
  const prompt = KnownPrompts.of(screen, report.place)
  return prompt === undefined ? prompts : KnownPrompts.learn(prompts, prompt)
}
