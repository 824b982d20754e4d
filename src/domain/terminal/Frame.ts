/**
 * A frame is an immutable picture of a terminal's screen: everything that its user could see, hear or paste.
 *
 * Server, client and prediction share this value. `FrameDiff` turns two frames into bytes, and `FramePatch` applies
 * such bytes to any frame. Frames share unchanged rows as the same objects.
 *
 * ```ts
 * import { Frame, FramePatch } from "effect-mosh"
 *
 * const blank = Frame.blank({ columns: 20, rows: 3 })
 * const greeted = FramePatch.patch(blank, "\x1b[1mhello\x1b[m")
 * export const lines = Frame.lines(greeted) // ["hello", "", ""]
 * ```
 */
import * as KeptMarks from "../events/KeptMarks.ts"
import * as KeptNotifications from "../events/KeptNotifications.ts"
import * as Modes from "./Modes.ts"
import * as Properties from "../events/Properties.ts"
import * as Rendition from "./Rendition.ts"
import * as Row from "./Row.ts"
import { clampSide } from "./ScreenSize.ts"

/** A picture of the screen. */
export interface Frame {
  /** The size of the screen. */
  readonly size: Size
  /** `size.rows` rows of `size.columns` cells, from the top. The bottom row never wraps. */
  readonly rows: ReadonlyArray<Row.Row>
  /** The cursor's position and look. */
  readonly cursor: Cursor
  /** The rendition of text printed next; prediction draws with it. */
  readonly pen: Rendition.Rendition
  /** The modes that programs have set: cursor keys, mouse, bracketed paste. */
  readonly modes: Modes.Modes
  /** The window title; `undefined` until a program sets one, which may be empty. */
  readonly title: string | undefined
  /** The icon title; otherwise like `title`. */
  readonly iconTitle: string | undefined
  /** Number of times that the bell rang since the start of the session. */
  readonly bells: number
  /** The texts that programs set by OSC 52, in base64, by selection letter (`c`, `p`, …). */
  readonly clipboard: ReadonlyMap<string, string>
  /** Number of times that programs have set each selection since the start of the session. */
  readonly copies: ReadonlyMap<string, number>
  /** The notifications that programs have sent (OSC 9, 99 and 777). */
  readonly notifications: KeptNotifications.KeptNotifications
  /** The marks of lines, at prompts and outputs of commands (OSC 133). */
  readonly marks: KeptMarks.KeptMarks
  /** What programs have told the terminal beside the picture: directory, progress, pointer, variables, colours. */
  readonly properties: Properties.Properties
}

/** A screen's size in cells; both at least 1. */
export interface Size {
  /** Number of cells per row. */
  readonly columns: number
  /** Number of rows. */
  readonly rows: number
}

/** The cursor's position, from 0, and look. The column is never beyond the last one, even while a wrap is pending. */
export interface Cursor {
  /** The row, from 0 at the top. */
  readonly row: number
  /** The column, from 0 at the left. */
  readonly column: number
  /** Whether the cursor is visible. */
  readonly visible: boolean
  /** The shape, as the parameter of DECSCUSR, 0 to 6; 0 is the terminal's default. */
  readonly shape: number
}

const NO_CLIPBOARD: ReadonlyMap<string, string> = new Map()
const NO_COPIES: ReadonlyMap<string, number> = new Map()

/**
 * The blank screen from which every session starts. Each side becomes a whole number from 1 to 4096; `NaN` becomes 1.
 */
export const blank = (wanted: Size): Frame => {
  const size = { columns: clampSide(wanted.columns), rows: clampSide(wanted.rows) }
  const row = Row.blank(size.columns)
  return {
    size,
    rows: Array.from({ length: size.rows }, () => row),
    cursor: { row: 0, column: 0, visible: true, shape: 0 },
    pen: Rendition.DEFAULT,
    modes: Modes.DEFAULT,
    title: undefined,
    iconTitle: undefined,
    bells: 0,
    clipboard: NO_CLIPBOARD,
    copies: NO_COPIES,
    notifications: KeptNotifications.NONE,
    marks: KeptMarks.NONE,
    properties: Properties.NONE
  }
}

/** The frame without notifications, marks and properties; the same object if it has none. */
export const withoutEvents = (frame: Frame): Frame => {
  const { marks, notifications, properties } = frame
  const hasNone = marks === KeptMarks.NONE && notifications === KeptNotifications.NONE && properties === Properties.NONE
  return hasNone
    ? frame
    : { ...frame, notifications: KeptNotifications.NONE, marks: KeptMarks.NONE, properties: Properties.NONE }
}

/** The frame without the bells, clipboards and notifications that came after those of `shown`. */
export const withEventsOf = (frame: Frame, { bells, clipboard, copies, notifications }: Frame): Frame => ({
  ...frame,
  bells,
  clipboard,
  copies,
  notifications
})

/** The text of each row, without trailing blanks. */
export const lines = (frame: Frame): ReadonlyArray<string> => frame.rows.map(Row.line)

/** Whether two sizes are equal. */
export const sizeEquals = (a: Size, b: Size): boolean => a.columns === b.columns && a.rows === b.rows

/** Whether two cursors have the same position and look. */
export const cursorEquals = (a: Cursor, b: Cursor): boolean =>
  a.row === b.row && a.column === b.column && a.visible === b.visible && a.shape === b.shape

const mapEquals = <A>(a: ReadonlyMap<string, A>, b: ReadonlyMap<string, A>): boolean => {
  if (a === b) return true
  if (a.size !== b.size) return false
  for (const [selection, value] of a) if (b.get(selection) !== value) return false
  return true
}

/** Whether two frames are the same picture. Fast for frames that share rows. */
export const equals = (a: Frame, b: Frame): boolean =>
  a === b ||
  (sizeEquals(a.size, b.size) &&
    cursorEquals(a.cursor, b.cursor) &&
    a.bells === b.bells &&
    a.title === b.title &&
    a.iconTitle === b.iconTitle &&
    Rendition.equals(a.pen, b.pen) &&
    Modes.equals(a.modes, b.modes) &&
    mapEquals(a.clipboard, b.clipboard) &&
    mapEquals(a.copies, b.copies) &&
    KeptNotifications.equals(a.notifications, b.notifications) &&
    KeptMarks.equals(a.marks, b.marks) &&
    Properties.equals(a.properties, b.properties) &&
    a.rows.every((row, y) => Row.equals(row, b.rows[y] as Row.Row)))
