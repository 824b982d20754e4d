/**
 * What is learned when the server shows keys as they were predicted: how far to trust, and how the program works.
 */
import * as CommandModel from "../program/CommandModel.ts"
import * as DisplayPolicy from "./DisplayPolicy.ts"
import * as EchoTrust from "./EchoTrust.ts"
import * as EditCommands from "../program/EditCommands.ts"
import * as FrameMatch from "../FrameMatch.ts"
import * as Key from "../Key.ts"
import * as KeyEffect from "../KeyEffect.ts"
import * as Line from "../program/Line.ts"
import * as LineEndModel from "../program/LineEndModel.ts"
import * as Observation from "../Observation.ts"
import * as Picture from "../Picture.ts"
import * as PredictedScreen from "../PredictedScreen.ts"
import type { ProgramModel } from "../program/ProgramModel.ts"
import type { Prediction } from "../State.ts"
import * as Timeline from "../Timeline.ts"

const SPACE = 0x20

/** The frame shows the first `count` keys as predicted; `echo` is that of the `FrameMatch`. */
export const learn = (state: Prediction, seen: Observation.Observation, count: number, echo: boolean): Prediction => {
  const { timeline, trust } = state
  const keys = timeline.entries.slice(0, count)
  const entered = keys.some(({ key }) => Key.isEnter(key))
  const isShown = echo || (state.unconfirmedKeys === 0 && areBlanksEchoed(state, count))
  const isAhead = isShown && EchoTrust.isAhead(state, entered, keys.at(-1)?.stateNumber ?? 0n)
  const isEcho = isShown && !isAhead
  const isVisible = hasVisibleEffect(timeline, count)
  const { nextEpoch } = Timeline.pictureAfter(timeline, count)
  const trusted = trustedEpochs(state, count, isEcho, isVisible)
  const program = learnProgram(state, seen, count, isVisible)
  const isFirst = isEcho && trust.maybePassword
  const { lastPrompt, prompts } = state
  const learned = isFirst ? EchoTrust.learnPrompt({ ...state, program }) : { lastPrompt, program, prompts }
  return {
    ...state,
    lastPrompt: learned.lastPrompt,
    prompts: learned.prompts,
    program: learned.program,
    display: keys.reduce(
      (display, { typedAt }) => DisplayPolicy.echoed(display, seen.now - typedAt, seen.now),
      state.display
    ),
    // The first echo after Enter shows where the line's text begins.
    timeline: isFirst ? Timeline.withHome(timeline) : timeline,
    trust: {
      echo: trusted.echo === nextEpoch,
      reported: trust.reported && !isEcho && trusted.echo === nextEpoch,
      motion: trusted.motion === nextEpoch,
      maybePassword: (entered || trust.maybePassword) && trusted.echo !== nextEpoch,
      unechoed: trust.unechoed && !isEcho
    },
    unconfirmedKeys: echo ? 0 : state.unconfirmedKeys,
    isOnBlank: isAhead && EchoTrust.isOnBlank(state, keys.findLastIndex(({ key }) => Key.isEnter(key)) + 1)
  }
}

/** The last epochs in which echo and motion are trusted now, counted from the timeline's start; -1 for none. */
const trustedEpochs = (
  { timeline, trust }: Prediction,
  count: number,
  isEcho: boolean,
  isVisible: boolean
): { readonly echo: number; readonly motion: number } => {
  let echo = trust.echo ? 0 : -1
  let motion = trust.motion ? 0 : -1
  let isEntered = false
  for (let i = 0; i < count; i++) {
    const { key, picture } = timeline.entries[i] as Timeline.Entry
    if (key._tag === "Character") {
      if (isEcho) echo = picture.epoch
    } else if (isVisible && picture.screen !== Timeline.pictureAfter(timeline, i).screen) {
      motion = picture.epoch
      // A line editor stays trusted when a command does what is expected of it. After Enter another program may read.
      if (echo === picture.epoch - 1 && !trust.maybePassword && !isEntered) echo = picture.epoch
    }
    isEntered ||= Key.isEnter(key)
  }
  return { echo, motion }
}

const learnProgram = (
  state: Prediction,
  seen: Observation.Observation,
  count: number,
  isVisible: boolean
): ProgramModel => {
  let { program } = state
  for (let i = 0; i < count; i++) {
    const { key, picture } = state.timeline.entries[i] as Timeline.Entry
    const before = Timeline.pictureAfter(state.timeline, i)
    if (before.screen === undefined || picture.screen === undefined) continue
    const line = Picture.lineOf(before.screen, before)
    if (key._tag === "Command") {
      if (!isVisible || picture.screen === before.screen) continue
      const commands = CommandModel.confirm(program.commands, EditCommands.named(key.name, before.screen, line))
      if (commands !== program.commands) program = { ...program, commands }
    } else if (key.codePoint !== SPACE) {
      // Editors let a blank hang over a margin that they wrap words at.
      const { column, row } = picture.screen.caret
      const wrapped = row !== before.screen.caret.row || column < line.column
      const lineEnds = LineEndModel.passed(program.lineEnds, line, key.width, wrapped)
      if (lineEnds !== program.lineEnds) program = { ...program, lineEnds }
    }
  }
  if (!Observation.hasCaret(seen)) return program
  const pushed = learnPushed(state, program, seen, count)
  return state.overwrite ? pushed : learnInsertion(state, pushed, seen, count)
}

/** Whether anything is to be seen of the keys: a character that was deleted again leaves no trace. */
const hasVisibleEffect = (timeline: Timeline.Timeline, count: number): boolean => {
  const from = timeline.start.screen
  const to = Timeline.pictureAfter(timeline, count).screen
  if (from === undefined || to === undefined) return false
  const { column, row } = to.caret
  if (row !== from.caret.row || column !== from.caret.column) return true
  return !FrameMatch.isSameText(PredictedScreen.row(from), PredictedScreen.row(to))
}

/**
 * Whether the keys are blanks that moved the caret as they should at the end of a line. A blank leaves no other trace;
 * but what is not echoed moves no caret, unless a command after it did.
 */
const areBlanksEchoed = ({ timeline }: Prediction, count: number): boolean => {
  const from = timeline.start.screen
  const to = Timeline.pictureAfter(timeline, count).screen
  if (from === undefined || to === undefined || from.caret.row !== to.caret.row) return false
  return (
    to.caret.column === from.caret.column + count &&
    timeline.entries.every(({ key }, i) => key._tag === "Character" && (i >= count || key.codePoint === SPACE)) &&
    !Line.hasTail(Picture.lineOf(from))
  )
}

/** Learns how a box shows text that is pushed out of its row, from the last of the first `count` keys. */
const learnPushed = (
  { timeline, unconfirmedKeys }: Prediction,
  program: ProgramModel,
  seen: Observation.WithCaret,
  count: number
): ProgramModel => {
  const before = Timeline.pictureAfter(timeline, count - 1)
  const { key } = Timeline.lastOf(timeline, count)
  if (key._tag !== "Character" || before.screen === undefined || unconfirmedKeys > 0) return program
  const line = Picture.lineOf(before.screen, before)
  const { lineEnds } = program
  const withPadding = (pushPadding: number | undefined) => ({ ...program, lineEnds: { ...lineEnds, pushPadding } })
  const paddings = LineEndModel.pushPaddings(line, key.width)
  const fits = (padding: number): boolean => {
    const { screen } = KeyEffect.after(before, key, withPadding(padding))
    // What is pushed into the last column is not predicted.
    return screen !== undefined && FrameMatch.showsTail(seen, screen, Line.rightEdge(line) - 1)
  }
  const { pushPadding } = lineEnds
  if (paddings.length === 0 || (pushPadding !== undefined && fits(pushPadding))) return program
  const found = paddings.find(fits)
  return found === pushPadding ? program : withPadding(found)
}

/**
 * Learns whether text that is typed before other text pushes or replaces it, from the last of the first `count` keys. A frame that
 * showed that key when the timeline began shows no replacement.
 */
const learnInsertion = (
  { timeline, unconfirmedKeys }: Prediction,
  program: ProgramModel,
  seen: Observation.WithCaret,
  count: number
): ProgramModel => {
  const before = Timeline.pictureAfter(timeline, count - 1)
  const { key, picture } = Timeline.lastOf(timeline, count)
  if (key._tag !== "Character" || before.screen === undefined || picture.screen === undefined) return program
  if (unconfirmedKeys > 0) return program
  if (before.suggestion === before.screen.caret.column) return program
  if (!Line.hasTail(Picture.lineOf(before.screen, before))) return program
  if (FrameMatch.showsTail(seen, picture.screen)) return program
  const other = { ...program, overwrites: !program.overwrites }
  const { screen } = KeyEffect.after(before, key, other)
  return screen !== undefined && FrameMatch.showsTail(seen, screen) ? other : program
}
