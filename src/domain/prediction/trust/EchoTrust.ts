/**
 * What the server's report of who echoes input (`InputEcho`) adds to the trust that echoes earn, or takes from it.
 *
 * - `Secret`: nothing is trusted, and the keys on their way are never shown, whatever is reported or echoed later.
 * - `Kernel`, and `LineEditor` at a known prompt: the first keystroke is trusted. That requires that no key is on its way, and
 *   that everything that the server has shown was typed before it looked at the terminal. So no Enter lies between the
 *   report and the key that is shown because of it.
 *   A password prompt that ended by itself, without Enter, gives no trust to the next one: the user may not have seen it yet.
 * - Any other report withdraws the trust that a report alone gave; `Unknown` also that in a line which the cursor has left.
 * - `Other` after Enter: what was typed before the server had shown the effect of that confirms nothing, nor what is echoed in the
 *   blank row below the shell's prompt. The program may relay to another terminal, as ssh and sudo do, whose kernel echoes it.
 * - `Unknown` after Enter: an echo confirms nothing. The kernel may echo what is typed ahead for a program that has not switched
 *   it off yet. The same holds for other reports but `Kernel` if the server looked at the terminal after the echoed keys had arrived.
 */
import * as CommandModel from "../program/CommandModel.ts"
import * as EchoedText from "../program/EchoedText.ts"
import * as EchoSwitch from "./EchoSwitch.ts"
import * as Epoch from "./Epoch.ts"
import * as InputEcho from "../../terminal/InputEcho.ts"
import * as EchoReport from "../../wire/EchoReport.ts"
import * as KnownPrompts from "./KnownPrompts.ts"
import * as Observation from "../Observation.ts"
import type * as PredictedScreen from "../PredictedScreen.ts"
import type { ProgramModel } from "../program/ProgramModel.ts"
import { type Prediction, UNTRUSTED } from "../State.ts"
import * as Timeline from "../Timeline.ts"

/** Takes the report into account, after an input made `before` into `state`. */
export const judge = (before: Prediction, state: Prediction): Prediction => {
  const { report } = state
  if (report === undefined) return state
  const judged = withJudged(before, state)
  if (report.echo === "Secret") return hidden(before, judged)
  const current = withReportOf(before, judged)
  const atCursor = whereInputGoes(current, report)
  const home = homeOf(atCursor, report)
  if (home !== undefined) return isSwitched(atCursor, report) ? forgetful(atCursor) : trusted(atCursor, report, home)
  const { cursorAwaySince, trust } = current
  const isAway = report.echo === "Unknown" && cursorAwaySince !== undefined
  return isAway || (trust.reported && !InputEcho.isPredictable(report.echo))
    ? { ...current, trust: { ...UNTRUSTED, unechoed: trust.unechoed } }
    : current
}

/**
 * Withdraws the trust that a report alone gave if another program reads now, or in another way: the report is judged anew. Also
 * the trust that an echo gave, if both programs are known: the one that echoed has ended by itself, although its line is still
 * shown.
 */
const withReportOf = (before: Prediction, state: Prediction): Prediction => {
  const { report, trust } = state
  if (before.report?.echo === report?.echo && before.report?.place === report?.place) return state
  const areKnown = isPredictable(before.report) && isPredictable(report)
  return trust.reported || areKnown ? { ...state, trust: { ...UNTRUSTED, unechoed: trust.unechoed } } : state
}

const isPredictable = (report: EchoReport.EchoReport | undefined): boolean =>
  report !== undefined && InputEcho.isPredictable(report.echo)

/**
 * Whether an echo that appears now may be the kernel's, of what was typed before the program reads. `entered`: it appears
 * together with the effect of Enter. `newest`: the number of the client state with the newest key that it shows.
 */
export const isAhead = (state: Prediction, entered: boolean, newest: bigint): boolean => {
  const { report, trust } = state
  if (report === undefined) return false
  // A program whose reading was reported may have ended by itself: the kernel echoes for the next one.
  if (report.echo === "Unknown" && trust.reported) return true
  if (!(trust.maybePassword || entered)) return false
  if (report.echo === "Unknown") return true
  if (report.echo === "Other" && (entered || newest <= state.aheadUpTo || isOnBlank(state))) return true
  return report.echo !== "Kernel" && newest <= report.input && !isAtKnownPrompt(state, report)
}

/** Whether the line, which is that after the first `entered` keys, has no prompt, after one that had. */
export const isOnBlank = ({ enteredLine, isOnBlank, timeline }: Prediction, entered = 0): boolean => {
  if (entered === 0 && isOnBlank) return true
  const { screen } = Timeline.pictureAfter(timeline, entered)
  return screen !== undefined && EchoedText.isBelow(enteredLine, screen.rows, screen.caret.row, screen.caret.column)
}

const isAtKnownPrompt = ({ prompts, timeline }: Prediction, { echo, place }: EchoReport.EchoReport): boolean => {
  const { screen } = timeline.start
  const prompt = echo === "LineEditor" && screen !== undefined ? KnownPrompts.of(screen, place) : undefined
  return prompt !== undefined && prompts.includes(prompt)
}

/** Whether the shell may hide what is typed at a prompt as it was. */
const isSwitched = ({ timeline: { start }, trust }: Prediction, { echo }: EchoReport.EchoReport): boolean =>
  echo === "LineEditor" && !trust.echo && start.screen !== undefined && EchoSwitch.isNear(start.screen)

/** Until something is echoed again, no prompt is known. */
const forgetful = (state: Prediction): Prediction => ({ ...state, prompts: KnownPrompts.NONE, lastPrompt: undefined })

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

/** Where the line begins whose next key a report confirms; `undefined` if it confirms none, or nothing new. */
const homeOf = (state: Prediction, report: EchoReport.EchoReport): number | undefined => {
  const { cursorAwaySince, desynced, inSecret, judged, prompts, timeline, trust, unconfirmedKeys } = state
  const { home, screen } = timeline.start
  if (inSecret || !InputEcho.isPredictable(report.echo) || screen === undefined) return undefined
  if (timeline.entries.length > 0 || unconfirmedKeys > 0 || desynced || cursorAwaySince !== undefined) return undefined
  // A line that has echoed only lacks its beginning, which says nothing of who reads.
  if (trust.echo) return home === undefined ? homeAfter(state, screen, report) : undefined
  if (judged > report.input) return undefined
  if (report.echo === "Kernel") return screen.caret.column
  const before = homeAfter(state, screen, report)
  if (before !== undefined) return before
  const prompt = KnownPrompts.of(screen, report.place)
  const isKnown = prompt === undefined ? isContinued(state, screen, report) : prompts.includes(prompt)
  return isKnown ? screen.caret.column : undefined
}

/**
 * Whether the shell goes on with a command of several lines: it waits at the same prompt as before Enter, and has only indented the
 * caret below the line that was entered, as fish does. After a command, it would have printed its prompt.
 */
const isContinued = (
  { enteredLine, lastPrompt, prompts }: Prediction,
  { caret, rows }: PredictedScreen.PredictedScreen,
  { echo, place }: EchoReport.EchoReport
): boolean =>
  echo === "LineEditor" &&
  caret.column > 0 &&
  KnownPrompts.isLast(prompts, lastPrompt, place) &&
  EchoedText.isBelow(enteredLine, rows, caret.row, caret.column)

/**
 * Where the line begins that the shell reads, by its marks; else that of the line that was edited last, if it still reads that:
 * completion and history may have drawn it anew, with the caret behind what was typed.
 */
const homeAfter = (
  { lastPrompt, prompts }: Prediction,
  screen: PredictedScreen.PredictedScreen,
  { column, echo, place }: EchoReport.EchoReport
): number | undefined => {
  if (echo !== "LineEditor") return undefined
  // Marks report only where the line begins: the prompt before it must be known.
  if (column !== undefined && KnownPrompts.isBefore(prompts, screen, place, column)) return column
  return lastPrompt !== undefined && prompts.includes(lastPrompt.prompt)
    ? KnownPrompts.homeAfter(lastPrompt, screen, place)
    : undefined
}

const trusted = (state: Prediction, { echo, place }: EchoReport.EchoReport, home: number): Prediction => {
  const { lastPrompt, program, timeline, trust } = state
  const { screen } = timeline.start
  const isPrompt = echo === "LineEditor" && screen?.caret.column === home
  return {
    ...state,
    timeline: Timeline.withHome(timeline, home),
    trust: trust.echo ? trust : { echo: true, reported: true, motion: false, maybePassword: false, unechoed: false },
    lastPrompt: isPrompt ? KnownPrompts.lastOf(screen, place) : lastPrompt,
    program: echo === "LineEditor" ? withEnter(program) : program
  }
}

/** What the first echo since Enter shows at the timeline's start, if it is that of the shell's line editor: a prompt. */
export const learnPrompt = (state: Prediction): Pick<Prediction, "lastPrompt" | "program" | "prompts"> => {
  const { judged, program, prompts, report, timeline } = state
  const { screen } = timeline.start
  if (report?.echo !== "LineEditor" || judged > report.input || screen === undefined) return state
  const { column = screen.caret.column, place } = report
  const caret = column < screen.caret.column ? { ...screen.caret, column } : screen.caret
  const lastPrompt = KnownPrompts.lastOf({ ...screen, caret }, place)
  if (lastPrompt === undefined) return state
  return { lastPrompt, prompts: KnownPrompts.learn(prompts, lastPrompt.prompt), program: withEnter(program) }
}

const withEnter = (program: ProgramModel): ProgramModel => {
  const commands = CommandModel.assumeEnter(program.commands)
  return commands === program.commands ? program : { ...program, commands }
}
