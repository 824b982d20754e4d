/**
 * Shows a session on the primary screen of a terminal, so that what scrolls off the session's screen is in the terminal's
 * own history: the wheel, the scrollbar, selection and search work as over ssh.
 *
 * The machine knows what the terminal shows, and which rows its history is still owed. Rows that are known when a frame is
 * drawn go first: by scrolling the screen, if they are its top rows, else by insertion. A frame never waits for rows; those
 * that arrive later are inserted above it. Programs on the alternate screen are shown on the terminal's alternate screen.
 *
 * Laws: whatever the order of frames and rows, and whatever is predicted or overlaid, once everything has arrived the history
 * of the terminal holds each row once, in order, and nothing else, and its screen is the frame.
 *
 * A terminal that is resized moves rows by itself. Nothing is written until the size has not changed for a while; then the
 * position of the cursor shows what the terminal moved. What was written after the terminal changed its size, and before that
 * was known here, went to other places than was meant: rows that may be lost by it are pushed again. So rows are never lost;
 * some may appear twice, where the terminal re-wraps its history or was written to within `NOTICE`.
 */
import * as TerminalSetup from "../../client/terminal/TerminalSetup.ts"
import type { Machine, Millis } from "../../Machine.ts"
import * as Frame from "../../terminal/Frame.ts"
import * as Rendition from "../../terminal/Rendition.ts"
import * as Row from "../../terminal/Row.ts"
import type { KeptErasures } from "../../history/Erasure.ts"
import type { ScreenPosition } from "../../history/ScreenPosition.ts"
import type { Capabilities } from "../Capabilities.ts"
import * as FrameDiff from "../FrameDiff.ts"
import * as FrameFit from "../FrameFit.ts"
import * as HistoryPush from "./HistoryPush.ts"
import * as MarkPlacement from "../MarkPlacement.ts"
import * as OwedRows from "./OwedRows.ts"
import * as RecentRows from "./RecentRows.ts"
import * as ScrollbackClaims from "./ScrollbackClaims.ts"
import { TerminalWriter } from "../TerminalWriter.ts"

/** What to show. */
export interface Picture {
  /** The picture, with predictions and the notification bar. */
  readonly frame: Frame.Frame
  /** The server's screen, without them. */
  readonly screen: Frame.Frame
  /** Where `screen` is in its history. */
  readonly position: ScreenPosition
}

export interface NativeScrollback extends Required<InitialOptions> {
  readonly phase: Phase
  /** What the terminal shows, as far as it is known. */
  readonly shown: Frame.Frame
  /** What of `shown` is unknown: the rows, or modes and title too. */
  readonly unknown: "nothing" | "rows" | "everything"
  /** The primary screen, while the terminal shows its alternate screen. */
  readonly primary: PrimaryScreen | undefined
  /** The number of the first row of the primary screen as it was drawn last. */
  readonly top: number
  /** Whether the last row of the terminal's history wraps into the screen. */
  readonly continues: boolean
  /** Whether the primary screen was drawn before. */
  readonly drawn: boolean
  /** Number of marks of lines that the terminal has, or missed. */
  readonly marked: number
  /** The newest picture. */
  readonly wanted: Picture | undefined
  readonly owed: OwedRows.OwedRows
  readonly claims: ScrollbackClaims.Claims
  /** What was pushed last. */
  readonly recent: RecentRows.RecentRows
  /** When something was written last. */
  readonly writtenAt: Millis
  /** The newest `first` of a position: rows below it were erased from the terminal's history. */
  readonly erased: number
  /** Whether the terminal does not accept more for the moment. */
  readonly busy: boolean
  /** Whether rows are left that could be written at once. */
  readonly more: boolean
}

type Phase =
  /** Nothing may be written. */
  | { readonly _tag: "Closed" }
  /** The terminal was asked for its cursor: what is above it goes into the history first. */
  | { readonly _tag: "Starting"; readonly until: Millis }
  | { readonly _tag: "Open" }
  /** The size changed: nothing is written until it stays the same. */
  | { readonly _tag: "Settling"; readonly until: Millis; readonly resizing: Resizing }
  /** The terminal was asked for its cursor, to learn what it moved. */
  | { readonly _tag: "Measuring"; readonly until: Millis; readonly resizing: Resizing }

type Resizing =
  /** `shown` is what the terminal had when it was resized. */
  | { readonly _tag: "Known" }
  /** The terminal was resized while it showed its alternate screen: which rows it pushed is not known. */
  | { readonly _tag: "Hidden" }
  /** Something may have been written since: rows that were pushed after `since` may be lost. */
  | { readonly _tag: "WrittenTo"; readonly since: Millis }

interface PrimaryScreen {
  readonly size: Frame.Size
  readonly rows: ReadonlyArray<Row.Row>
}

export type Input =
  /** The terminal is open, or open again. It shows what other programs wrote. */
  | { readonly _tag: "Opened" }
  | { readonly _tag: "Show"; readonly picture: Picture }
  | { readonly _tag: "History"; readonly entries: ReadonlyArray<OwedRows.HistoryEntry> }
  | { readonly _tag: "Resized"; readonly size: Frame.Size }
  /** The terminal's answer to `AskCursor`: row and column from 1. */
  | { readonly _tag: "CursorAt"; readonly row: number; readonly column: number }
  /** The terminal accepts no more for the moment. */
  | { readonly _tag: "Busy" }
  | { readonly _tag: "Drained" }
  /** The terminal may show anything. */
  | { readonly _tag: "Repaint" }
  /** The result of `close` was written. */
  | { readonly _tag: "Closed" }
  | { readonly _tag: "Tick" }

export type Output =
  | { readonly _tag: "Write"; readonly text: string }
  /** Write `text`, which asks the terminal where its cursor is. The answer is `CursorAt`. */
  | { readonly _tag: "AskCursor"; readonly text: string }

type Step = readonly [NativeScrollback, ReadonlyArray<Output>]

/** How long the size of the terminal may have changed before that is known here, ms: it is a signal, and the machine may be busy. */
export const NOTICE: Millis = 100
/** How long to wait for the position of the cursor, ms. */
export const PATIENCE: Millis = 1000
/** Entries of the history that are written at once: about 40 kB of ordinary text. */
export const BATCH = 400

export interface InitialOptions {
  readonly capabilities: Capabilities
  /** Whether the terminal re-wraps lines when its width changes. */
  readonly reflows: boolean
  /** The rows erased by programs that the terminal keeps. Default: none. */
  readonly keeps?: KeptErasures
  /** How long the size must stay the same before the terminal is drawn again: a dragged window changes it often. */
  readonly quiet: Millis
  /** The terminal's size. */
  readonly size: Frame.Size
}

const CLOSED: Phase = { _tag: "Closed" }
const OPEN: Phase = { _tag: "Open" }
const ASK_CURSOR = "\x1b[6n"
const ENTER_ALTERNATE = "\x1b[?1049h"
const LEAVE_ALTERNATE = "\x1b[?1049l"
const ERASE_HISTORY = "\x1b[3J"
/** Synchronised output. Terminals that do not know it ignore it. */
const BEGIN = "\x1b[?2026h"
const END = "\x1b[?2026l"

export const initial = ({ capabilities, keeps = [], quiet, reflows, size }: InitialOptions): NativeScrollback => ({
  capabilities: { ...capabilities, inPlace: true },
  reflows,
  keeps,
  quiet,
  size,
  phase: CLOSED,
  shown: Frame.blank(size),
  unknown: "everything",
  primary: undefined,
  top: 0,
  continues: false,
  drawn: false,
  marked: 0,
  wanted: undefined,
  owed: OwedRows.from(0),
  claims: ScrollbackClaims.NONE,
  recent: RecentRows.NONE,
  writtenAt: -Infinity,
  erased: 0,
  busy: false,
  more: false
})

const step = (state: NativeScrollback, input: Input, now: Millis): Step => {
  const [next, outputs] = handle(state, input, now)
  return outputs.some(({ _tag }) => _tag === "Write") ? [{ ...next, writtenAt: now }, outputs] : [next, outputs]
}

const handle = (state: NativeScrollback, input: Input, now: Millis): Step => {
  switch (input._tag) {
    case "Opened":
      return [
        { ...state, phase: { _tag: "Starting", until: now + PATIENCE }, busy: false },
        [{ _tag: "AskCursor", text: ASK_CURSOR }]
      ]
    case "Show":
      return draw(want(state, input.picture), now)
    case "History":
      return draw({ ...state, owed: OwedRows.add(state.owed, input.entries) }, now)
    case "Resized":
      return draw(resize(state, input.size, now), now)
    case "CursorAt":
      return locate(state, input, now)
    case "Busy":
      return [{ ...state, busy: true }, []]
    case "Drained":
      return draw({ ...state, busy: false }, now)
    case "Repaint":
      return draw({ ...state, unknown: "everything" }, now)
    case "Closed":
      return [close(state, false).state, []]
    case "Tick":
      return tick(state, now)
  }
}

const deadline = (state: NativeScrollback): Millis => {
  const { phase } = state
  switch (phase._tag) {
    case "Closed":
      return Infinity
    case "Open":
      return state.more && !state.busy ? 0 : Infinity
    default:
      return phase.until
  }
}

/** Whether more rows may arrive. If not, they may when the state has changed. */
export const hasRoom = ({ owed }: NativeScrollback): boolean => OwedRows.hasRoom(owed)

export const machine: Machine<NativeScrollback, Input, Output> = { step, deadline }

const want = (state: NativeScrollback, picture: Picture): NativeScrollback => {
  const { first } = picture.position
  // What was erased before this client came is in no terminal's history.
  if (state.wanted === undefined)
    return { ...state, wanted: picture, erased: first, owed: OwedRows.dropBelow(state.owed, first) }
  return { ...state, wanted: picture }
}

const tick = (state: NativeScrollback, now: Millis): Step => {
  const { phase } = state
  switch (phase._tag) {
    case "Closed":
      return [state, []]
    case "Open":
      return draw(state, now)
    case "Starting":
    case "Measuring":
      return now < phase.until ? [state, []] : locate(state, undefined, now)
    case "Settling":
      if (now < phase.until) return [state, []]
      if (Frame.sizeEquals(state.size, state.shown.size)) return draw({ ...state, phase: OPEN }, now)
      return measure(state, phase.resizing, now)
  }
}

const measure = (state: NativeScrollback, resizing: Resizing, now: Millis): Step => [
  { ...state, phase: { _tag: "Measuring", until: now + PATIENCE, resizing } },
  [{ _tag: "AskCursor", text: ASK_CURSOR }]
]

const resize = (state: NativeScrollback, size: Frame.Size, now: Millis): NativeScrollback => {
  const resized = { ...state, size }
  const until = now + state.quiet
  switch (state.phase._tag) {
    case "Closed":
    case "Starting":
      return resized
    case "Open": {
      // On the alternate screen nothing gets into the history.
      if (state.primary !== undefined || Frame.sizeEquals(size, state.size)) return resized
      const since = now - NOTICE
      const resizing: Resizing = state.writtenAt > since ? { _tag: "WrittenTo", since } : { _tag: "Known" }
      return { ...resized, phase: { _tag: "Settling", until, resizing } }
    }
    default:
      return { ...resized, phase: { _tag: "Settling", until, resizing: state.phase.resizing } }
  }
}

/** The terminal's cursor is known, or will not be (`undefined`). */
const locate = (
  state: NativeScrollback,
  cursor: { readonly row: number; readonly column: number } | undefined,
  now: Millis
): Step => {
  if (state.phase._tag === "Starting") return draw(start(state, cursor), now)
  if (state.phase._tag === "Measuring") return draw(compensate(state, state.phase.resizing, cursor), now)
  return [state, []]
}

interface Prepared extends NativeScrollback {
  /** What to write before the picture. */
  readonly before?: string
}

/** Scrolls what is on the screen, down to the cursor, into the history. */
const start = (
  state: NativeScrollback,
  cursor: { readonly row: number; readonly column: number } | undefined
): Prepared => {
  const { claims, drawn, shown, size, top } = state
  const above = cursor === undefined ? size.rows : cursor.column === 1 ? cursor.row - 1 : cursor.row
  return {
    ...state,
    before: `\x1b[?7h${scrollOut(size, Math.min(above, size.rows))}`,
    phase: OPEN,
    unknown: "everything",
    // After a suspension, the session's own screen is among it.
    claims:
      drawn && state.owed.next >= top
        ? ScrollbackClaims.claim(claims, shown, top, writtenRows(shown))
        : ScrollbackClaims.NONE
  }
}

/** Number of rows down to the last one that is not blank, or the cursor's. */
const writtenRows = ({ cursor, rows }: Frame.Frame): number =>
  Math.max(
    cursor.row,
    rows.findLastIndex((row) => Row.line(row) !== "")
  ) + 1

/** Gives back what the terminal moved onto the screen when it was resized, and remembers what it moved off the screen. */
const compensate = (
  state: NativeScrollback,
  resizing: Resizing,
  cursor: { readonly row: number } | undefined
): Prepared => {
  const { claims, continues, owed, recent, reflows, shown, size, top } = state
  const done: NativeScrollback = { ...state, phase: OPEN, unknown: "rows", continues: false }
  const { columns } = size
  if (resizing._tag === "WrittenTo") {
    const freed = ScrollbackClaims.freedRows({ shown, size, reflows })
    const { again, kept } = RecentRows.split(recent, resizing.since, freed)
    return { ...done, owed: OwedRows.again(owed, again), recent: kept, claims: ScrollbackClaims.NONE }
  }
  if (cursor === undefined) return done
  const moved = ScrollbackClaims.moved({ shown, columns, cursorRow: cursor.row, reflows, continues })
  if (moved._tag === "Pulled") return { ...done, before: scrollOut(size, Math.min(moved.lines, size.rows)) }
  if (resizing._tag === "Hidden" || owed.next < top) return { ...done, claims: ScrollbackClaims.NONE }
  return { ...done, claims: ScrollbackClaims.claim(claims, shown, top, moved.rows) }
}

/** Line feeds at the bottom of the screen. */
const scrollOut = ({ rows }: Frame.Size, count: number): string =>
  count <= 0 ? "" : `\x1b[r\x1b[m\x1b[${rows};1H${"\n".repeat(count)}`

/** Brings the terminal up to date, where something may be written. */
const draw = ({ before = "", ...state }: Prepared, now: Millis): Step => {
  const { wanted } = state
  if (state.phase._tag !== "Open" || state.busy || wanted === undefined) return [state, written(before)]
  if (state.primary !== undefined && !wanted.position.alternate) {
    const left = leaveAlternate(state)
    // The terminal was resized while its primary screen was hidden.
    if (!Frame.sizeEquals(left.state.shown.size, state.size)) {
      const [measuring, outputs] = measure(left.state, { _tag: "Hidden" }, now)
      return [measuring, [...written(before + left.text), ...outputs]]
    }
    return finish(paint(left.state, wanted, BATCH, now), before + left.text)
  }
  return finish(paint(state, wanted, BATCH, now), before)
}

interface Painted {
  readonly state: NativeScrollback
  readonly text: string
}

const finish = ({ state, text }: Painted, before: string): Step => [state, written(before + text)]

const written = (text: string): ReadonlyArray<Output> => (text === "" ? [] : [{ _tag: "Write", text }])

/** Pushes rows that are due, and draws the picture on the screen that it belongs to. */
const paint = (before: NativeScrollback, wanted: Picture, limit: number, now: Millis): Painted => {
  const { alternate, first, top } = wanted.position
  const { above, frame } = FrameFit.fit(wanted.frame, before.size)
  if (before.primary !== undefined) {
    const cleared = clear(before, frame)
    const text = cleared.text + FrameDiff.diff(cleared.state.shown, frame, before.capabilities)
    return { state: { ...cleared.state, shown: frame, more: false }, text }
  }
  const erased = erase(before, first)
  const cleared = clear(erased.state, alternate ? emptied(frame) : frame)
  const pushed = push(cleared.state, wanted, limit, now)
  const screen = alternate ? enterAlternate(pushed.state) : pushed
  const drawn = FrameDiff.diff(screen.state.shown, frame, before.capabilities)
  const marked = before.unknown === "everything" ? 0 : before.marked
  const marks = alternate ? "" : MarkPlacement.place(frame, marked, top + above, before.capabilities)
  const moved = pushed.text + (alternate ? screen.text : "") + drawn + marks
  const text = erased.text + cleared.text + (pushed.text === "" ? moved : BEGIN + moved + END)
  const placed = alternate ? {} : { top: top + above, drawn: true, marked: frame.marks.count }
  return { state: { ...screen.state, shown: frame, ...placed }, text }
}

/** A blank screen with the modes and the title of a frame. */
const emptied = (frame: Frame.Frame): Frame.Frame => {
  const { cursor, pen, rows } = Frame.blank(frame.size)
  return { ...frame, cursor, pen, rows }
}

/** The program erased the history: so does the terminal. Some erase the screen as well. */
const erase = (state: NativeScrollback, first: number): Painted => {
  if (first <= state.erased) return { state, text: "" }
  const owed = OwedRows.dropBelow(state.owed, first)
  const unknown = state.unknown === "nothing" ? "rows" : state.unknown
  const forgotten = { recent: RecentRows.NONE, claims: ScrollbackClaims.NONE }
  return { state: { ...state, ...forgotten, erased: first, owed, unknown }, text: ERASE_HISTORY }
}

/** Makes the screen known. Where nothing is known of the terminal, `frame` is drawn. */
const clear = (state: NativeScrollback, frame: Frame.Frame): Painted => {
  const { capabilities, shown, size, unknown } = state
  if (unknown === "everything") {
    // A repaint rings no bell and sets no clipboard: the difference to the picture does.
    const known = Frame.withEventsOf(frame, shown)
    return { state: { ...state, shown: known, unknown: "nothing" }, text: FrameDiff.repaint(known, capabilities) }
  }
  if (unknown === "nothing" && Frame.sizeEquals(shown.size, size)) return { state, text: "" }
  const writer = new TerminalWriter(capabilities, shown, size.columns)
  writer.clear(size.rows)
  const { rows } = Frame.blank(size)
  return { state: { ...state, shown: writer.state({ ...shown, size, rows }), unknown: "nothing" }, text: writer.out }
}

const push = (state: NativeScrollback, { position, screen }: Picture, limit: number, now: Millis): Painted => {
  const { capabilities, claims, keeps, owed, recent, shown, size } = state
  const most = Math.max(limit, size.rows + 1)
  const pushed = HistoryPush.push({ owed, claims, keeps, shown, screen, top: position.top, limit: most, capabilities })
  const more = pushed.owed.next > owed.next && OwedRows.due(pushed.owed, position.top, 1).length > 0
  return {
    state: {
      ...state,
      shown: pushed.shown,
      owed: pushed.owed,
      recent: RecentRows.add(recent, OwedRows.due(owed, pushed.owed.next, Infinity), now),
      claims: pushed.claims,
      continues: pushed.continues ?? state.continues,
      more
    },
    text: pushed.text
  }
}

const enterAlternate = (state: NativeScrollback): Painted => {
  const { capabilities, shown, size } = state
  const writer = new TerminalWriter(capabilities, shown, size.columns)
  writer.style(Rendition.DEFAULT)
  // With the cursor at the top, most terminals move nothing when they are resized meanwhile.
  writer.move(0, 0)
  writer.out += ENTER_ALTERNATE
  writer.clear(size.rows)
  const { rows } = Frame.blank(size)
  const primary = { size, rows: shown.rows }
  return { state: { ...state, primary, more: false, shown: writer.state({ ...shown, rows }) }, text: writer.out }
}

/** The terminal shows its primary screen again, as it was. */
const leaveAlternate = (state: NativeScrollback): Painted => {
  const { capabilities, primary, shown } = state
  if (primary === undefined) return { state, text: "" }
  const writer = new TerminalWriter(capabilities, shown, shown.size.columns)
  writer.show(false)
  writer.style(Rendition.DEFAULT)
  writer.out += `${LEAVE_ALTERNATE}\x1b[m`
  writer.home()
  return { state: { ...state, primary: undefined, shown: writer.state({ ...shown, ...primary }) }, text: writer.out }
}

/**
 * The text that leaves the terminal to other programs, for the end (`isLast`) and for a suspension: the last screen stays, and
 * the cursor is below it. At the end, rows that did not arrive are reported as missing.
 */
export const close = (state: NativeScrollback, isLast: boolean): Painted => {
  const { phase, wanted } = state
  if (phase._tag === "Closed" || wanted === undefined) return { state: { ...state, phase: CLOSED }, text: "" }
  const left = leaveAlternate(state)
  const opened: Prepared = phase._tag === "Starting" ? start(left.state, undefined) : left.state
  const { before = "", ...current } = opened
  // What the terminal moved when it was resized is not measured any more.
  const unknown = phase._tag === "Open" || current.unknown === "everything" ? current.unknown : "rows"
  const { top } = wanted.position
  const lost: ReadonlyArray<OwedRows.HistoryEntry> =
    isLast && current.owed.end < top
      ? [{ _tag: "Missing", number: current.owed.end, count: top - current.owed.end }]
      : []
  const shownLast = wanted.position.alternate ? { ...current.shown, title: wanted.frame.title } : wanted.frame
  const picture = {
    screen: wanted.position.alternate ? shownLast : wanted.screen,
    frame: TerminalSetup.neutral(shownLast),
    position: { ...wanted.position, alternate: false }
  }
  const painted = paint(
    { ...current, unknown, owed: OwedRows.add(current.owed, lost) },
    picture,
    Infinity,
    current.writtenAt
  )
  const text = left.text + before + painted.text + TerminalSetup.below(painted.state.shown)
  return { state: { ...painted.state, phase: CLOSED, unknown: "everything" }, text }
}
