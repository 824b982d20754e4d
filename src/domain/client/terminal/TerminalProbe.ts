/**
 * Asks the user's terminal about itself, and separates its answers from what is typed.
 *
 * One question holds all queries. It ends with the query for the primary device attributes, which every terminal answers, so
 * that their answer ends the probe. A terminal that does not know a query ignores it. Until the end, or for `PATIENCE`, bytes
 * that may begin an answer are held for at most `HOLD`.
 *
 * A terminal with mode 2031 reports by itself when its colours have changed. Then it is asked again.
 *
 * Laws:
 *
 * - While no answer is expected, every byte is passed on at once; so is every report that the terminal was not asked for, but
 *   that of changed colours.
 * - However the bytes are split while answers are expected, as long as the pieces of an answer are less than `HOLD` apart, the
 *   same answers are found, and all other bytes are passed on in order.
 */
import type { Machine, Millis } from "../../Machine.ts"
import * as ClusterRules from "../../terminal/ClusterRules.ts"
import * as ColorSpecification from "../../terminal/ColorSpecification.ts"
import type { Size } from "../../terminal/Frame.ts"
import * as TerminalReport from "../../terminal/TerminalReport.ts"

/** How long the answers may take, ms. After that they are passed on as typed. */
export const PATIENCE: Millis = 2000
/** How long bytes that may begin an answer are held, ms. */
export const HOLD: Millis = 100

const dynamic = TerminalReport.DYNAMIC_COLORS.map((number) => `\x1b]${number};?\x1b\\`).join("")
const palette = Array.from({ length: TerminalReport.PALETTE_COLORS }, (_, index) => `;${index};?`).join("")

/** The queries for what changes: colours, whether they are dark or light, and the size of a cell. */
const CHANGING = `${dynamic}\x1b]4${palette}\x1b\\\x1b[?996n\x1b[16t`
/** The question: modes, the kitty keyboard protocol, the name, what changes, and the primary device attributes. */
export const QUESTION = `\x1b[?2026$p\x1b[?2031$p\x1b[?1016$p\x1b[?u\x1b[>q${CHANGING}\x1b[c`
/**
 * The queries for images, which go before the question: of the kitty graphics protocol, and for the size of the screen in pixels
 * as xterm reports it (XTSMGRAPHICS). Some programs that are terminals to others take the first as their title.
 */
export const IMAGES_QUESTION = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[?2;1;0S"

/**
 * The samples of `ClusterRules`, in mode 2027 if the terminal has it. They are printed where the cursor is, concealed and without
 * autowrap, on a line that is empty from there on, each over the one before; then the line is erased again. After each, the
 * terminal is asked for its cursor in the private form, which is no key's.
 */
export const MEASUREMENT =
  "\x1b[?2027$p\x1b[?2027h\x1b[?7l\x1b7\x1b[?6n" +
  ClusterRules.SAMPLES.map(({ text }) => `\x1b8\x1b[8m${text}\x1b[?6n`).join("") +
  "\x1b8\x1b[m\x1b[K\x1b[?7h\x1b[c"

/** Restores mode 2027. */
export const RESET_CLUSTERS = "\x1b[?2027l"
/** Sets it again. */
export const SET_CLUSTERS = "\x1b[?2027h"

const AGAIN = `${CHANGING}\x1b[c`

/** Requests reports of changed colours. */
export const WATCH_COLORS = "\x1b[?2031h"
/** Ends them. */
export const IGNORE_COLORS = "\x1b[?2031l"

export interface State {
  /** Until when answers are expected; `undefined` if none are. */
  readonly until: Millis | undefined
  /** How many questions have no answer yet to their last query. */
  readonly open: number
  /** Whether the terminal was asked about itself, not only measured. */
  readonly isAsked: boolean
  /** The columns of the cursor while the terminal was measured. */
  readonly columns: ReadonlyArray<number>
  /** What the terminal has answered so far. */
  readonly report: TerminalReport.TerminalReport
  /** Whether it reports changed colours by itself. */
  readonly watches: boolean
  /** The size of the terminal when it was asked for images. */
  readonly screen: Size | undefined
  /** The beginning of what may be an answer. */
  readonly held: string
  readonly heldSince: Millis
}

export type Input =
  /** Measure how it draws clusters, where the cursor is. */
  | { readonly _tag: "Measure" }
  /** Ask; with `screen`, the terminal's size, also by `IMAGES_QUESTION`. */
  | { readonly _tag: "Ask"; readonly screen?: Size | undefined }
  /** The terminal sent these bytes. */
  | { readonly _tag: "Received"; readonly bytes: Uint8Array }
  | { readonly _tag: "Tick" }

export type Output =
  /** Write this to the terminal. */
  | { readonly _tag: "Write"; readonly text: string }
  /** These bytes were typed. */
  | { readonly _tag: "Typed"; readonly bytes: Uint8Array }
  /** The terminal has answered about itself, or will not. `state.report` is what is known. */
  | { readonly _tag: "Answered" }
  /** No answers are expected any more. */
  | { readonly _tag: "Settled" }

export const initial: State = {
  until: undefined,
  open: 0,
  isAsked: false,
  columns: [],
  report: TerminalReport.UNKNOWN,
  watches: false,
  screen: undefined,
  held: "",
  heldSince: 0
}

const step = (state: State, input: Input, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  switch (input._tag) {
    case "Measure":
      return [expecting(state, now), [{ _tag: "Write", text: MEASUREMENT }]]
    case "Ask":
      return [
        { ...expecting(state, now), isAsked: true, screen: input.screen },
        [{ _tag: "Write", text: (input.screen === undefined ? "" : IMAGES_QUESTION) + QUESTION }]
      ]
    case "Received":
      return receive(state, input.bytes, now)
    case "Tick": {
      if (now < deadline(state)) return [state, []]
      const isOver = state.until !== undefined && now >= state.until
      const ended = { ...state, held: "", ...(isOver && { until: undefined, open: 0 }) }
      return [ended, [...typed(state.held), ...(isOver ? endOf(state) : [])]]
    }
  }
}

const expecting = (state: State, now: Millis): State => ({ ...state, until: now + PATIENCE, open: state.open + 1 })

const SETTLED: Output = { _tag: "Settled" }
const ANSWERED: Output = { _tag: "Answered" }

/** The outputs when no more answers are expected. */
const endOf = ({ isAsked }: State): ReadonlyArray<Output> => (isAsked ? [ANSWERED, SETTLED] : [SETTLED])

const deadline = ({ held, heldSince, until }: State): Millis =>
  Math.min(until ?? Infinity, held === "" ? Infinity : heldSince + HOLD)

export const machine: Machine<State, Input, Output> = { step, deadline }

const ESC = 0x1b

const receive = (state: State, bytes: Uint8Array, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  const isIdle = state.until === undefined && state.held === ""
  if (isIdle && (!state.watches || !bytes.includes(ESC))) return [state, [{ _tag: "Typed", bytes }]]
  const text = state.held + latin1(bytes)
  const outputs: Array<Output> = []
  let { columns, open, report, until, watches } = state
  let passed = ""
  let held = ""
  for (let at = 0; at < text.length;) {
    const escape = text.indexOf("\x1b", at)
    passed += text.slice(at, escape < 0 ? text.length : escape)
    if (escape < 0) break
    at = escape
    const expected = until !== undefined ? ANSWERS : watches ? CHANGES : undefined
    if (expected === undefined) {
      passed += text.slice(at)
      break
    }
    expected.whole.lastIndex = expected.begun.lastIndex = at
    const match = expected.whole.exec(text)
    if (match !== null) {
      at += match[0].length
      const answer = read(match, state.screen)
      // The attributes are read when the name is known, which is asked for with the last question.
      if (answer.tag !== "Last" || (open === 1 && state.isAsked)) report = answer.report(report)
      if (answer.tag === "Watches") {
        if (!watches) outputs.push({ _tag: "Write", text: WATCH_COLORS })
        watches = true
      } else if (answer.tag === "Changed" && until === undefined) {
        until = now + PATIENCE
        open = 1
        outputs.push({ _tag: "Write", text: AGAIN })
      } else if (answer.tag === "Cursor") {
        if (columns.length <= ClusterRules.SAMPLES.length) columns = [...columns, answer.column]
      } else if (answer.tag === "Last") {
        if (columns.length > ClusterRules.SAMPLES.length) report = { ...report, clusters: rulesOf(columns) }
        open--
        if (open > 0) continue
        until = undefined
        outputs.push(...typed(passed), ...endOf(state))
        passed = ""
      }
      continue
    }
    if (expected.begun.test(text)) {
      held = text.slice(at)
      break
    }
    passed += "\x1b"
    at++
  }
  const heldSince = held === "" ? state.heldSince : now
  return [
    { until, open, isAsked: state.isAsked, columns, report, screen: state.screen, watches, held, heldSince },
    [...outputs, ...typed(passed)]
  ]
}

/** The rules by the column before the samples, and the one after each. */
const rulesOf = ([before = 0, ...after]: ReadonlyArray<number>): ClusterRules.ClusterRules =>
  ClusterRules.measured(after.map((column) => column - before))

const latin1 = (bytes: Uint8Array): string => {
  let text = ""
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return text
}

const typed = (text: string): ReadonlyArray<Output> =>
  text === "" ? [] : [{ _tag: "Typed", bytes: Uint8Array.from(text, (character) => character.charCodeAt(0)) }]

/**
 * An answer: of a private form, the cursor among them, the size of a cell, the name, a colour, or of the kitty graphics protocol.
 * No key sends any of these. rxvt-unicode ends a colour with the first byte of ST only; the next answer follows.
 */
const ANSWER =
  /\x1b\[\?([\d;]{0,64})(c|u|n|R|S|\$y)|\x1b\[6;(\d{1,5});(\d{1,5})t|\x1bP>\|([^\x1b\x07]{0,256})\x1b\\|\x1b\](?:4;(\d{1,3})|(1\d));(rgba?:[\da-fA-F/]{1,40})(?:\x07|\x1b\\|\x1b(?=\x1b))|\x1b_Gi=31;([^\x1b\x07]{0,64})\x1b\\/y
/** The beginning of one, up to the end of the text. */
const ANSWER_BEGUN =
  /\x1b(?:\[(?:\?[\d;]{0,64}\$?|6(?:;\d{0,5}){0,2})?|P(?:>(?:\|[^\x1b\x07]{0,256}\x1b?)?)?|_(?:G(?:[^\x1b\x07]{0,69}\x1b?)?)?|\](?:\d{0,2}|4;\d{0,3}|(?:4;\d{1,3}|1\d);[rgba:\da-fA-F/]{0,46}\x1b?))?$/y
/** The report that a terminal with mode 2031 sends by itself. */
const CHANGED = /\x1b\[\?(997;\d)(n)/y
/** A lone escape is a key. */
const CHANGED_BEGUN = /\x1b\[\?(?:9(?:9(?:7(?:;\d?)?)?)?)?$/y

const ANSWERS = { whole: ANSWER, begun: ANSWER_BEGUN }
const CHANGES = { whole: CHANGED, begun: CHANGED_BEGUN }

interface Answer {
  readonly tag: "Last" | "Changed" | "Watches" | "Cursor" | "Other"
  /** The column of the cursor. */
  readonly column: number
  /** The report with the answer. */
  readonly report: (before: TerminalReport.TerminalReport) => TerminalReport.TerminalReport
}

const answerOf = (tag: Answer["tag"], report: Answer["report"] = same, column = 0): Answer => ({ tag, report, column })

const same = (report: TerminalReport.TerminalReport): TerminalReport.TerminalReport => report

const read = (match: RegExpExecArray, screen: Size | undefined): Answer => {
  const [, parameters = "", kind, height, width, name, index, number, color, graphics] = match
  const attributes = parameters.split(";").map(Number)
  const [first = 0, second = 0] = attributes
  switch (kind) {
    case "c":
      return answerOf("Last", (before) => ({ ...before, images: imagesOf(before, attributes) }))
    case "R":
      return answerOf("Cursor", same, second)
    case "S":
      return answerOf("Other", (before) => ({ ...before, cell: before.cell ?? cellOf(attributes, screen) }))
    case "u":
      return answerOf("Other", (before) => ({ ...before, kittyKeyboard: true }))
    case "n":
      if (first !== 997) return answerOf("Other")
      return answerOf("Changed", (before) => ({
        ...before,
        scheme: second === 1 ? "dark" : second === 2 ? "light" : undefined
      }))
    case "$y": {
      // Set, reset, or always set; not 0, unknown, nor 4, never set.
      const isKnown = second >= 1 && second <= 3
      if (first === 2031 && isKnown) return answerOf("Watches")
      if (first === 2027 && isKnown) {
        const clusterMode = second === 1 ? "set" : second === 2 ? "reset" : "always"
        return answerOf("Other", (before) => ({ ...before, clusterMode }))
      }
      if (first === 1016) return answerOf("Other", (before) => ({ ...before, pixelMouse: isKnown }))
      if (first !== 2026) return answerOf("Other")
      return answerOf("Other", (before) => ({ ...before, synchronizedOutput: isKnown }))
    }
  }
  if (graphics !== undefined)
    return answerOf("Other", (before) => (graphics === "OK" ? { ...before, images: "kitty" } : before))
  if (name !== undefined) return answerOf("Other", (before) => ({ ...before, name: TerminalReport.cleanName(name) }))
  if (color !== undefined) {
    const value = ColorSpecification.parse(color)
    const place = index === undefined ? TerminalReport.DYNAMIC + Number(number) : Number(index)
    if (value === undefined || !TerminalReport.isColor(place)) return answerOf("Other")
    return answerOf("Other", (before) => ({ ...before, colors: new Map(before.colors).set(place, value) }))
  }
  // Answers of `CSI 16 t` are the exact ones.
  const cell = { width: Number(width), height: Number(height) }
  const isCell = Object.values(cell).every((side) => side >= 1 && side <= TerminalReport.LARGEST_CELL)
  return answerOf("Other", (before) => (isCell ? { ...before, cell } : before))
}

/** The attribute of terminals that show sixel graphics. */
const SIXEL = 4

/** How a terminal with these primary device attributes shows images. */
const imagesOf = (
  { images, name }: TerminalReport.TerminalReport,
  [, ...attributes]: ReadonlyArray<number>
): TerminalReport.ImageProtocol | undefined => {
  if (images !== undefined) return images
  if (name.startsWith("iTerm2")) return "iterm2"
  return attributes.includes(SIXEL) ? "sixel" : undefined
}

const SCREEN_GEOMETRY = 2

/** The size of a cell by the size of the screen in XTSMGRAPHICS; `undefined` if that is not the size of whole cells. */
const cellOf = (
  [what, status, width = 0, height = 0]: ReadonlyArray<number>,
  screen: Size | undefined
): TerminalReport.TerminalReport["cell"] => {
  if (what !== SCREEN_GEOMETRY || status !== 0 || screen === undefined) return undefined
  const cell = { width: width / screen.columns, height: height / screen.rows }
  return Object.values(cell).every((side) => Number.isInteger(side) && side >= 1 && side <= TerminalReport.LARGEST_CELL)
    ? cell
    : undefined
}
