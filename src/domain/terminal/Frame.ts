/**
 * A frame is an immutable picture of a terminal's screen: everything a person at it could see, hear or paste.
 *
 * It is the one value that server, client and prediction share: `FrameDiff` turns two frames into bytes, `FramePatch`
 * applies such bytes to any frame, and rows that did not change are the same objects in both.
 *
 * ```ts
 * import { Frame, FramePatch } from "effect-mosh"
 *
 * const blank = Frame.blank({ columns: 20, rows: 3 })
 * const greeted = FramePatch.patch(blank, "\x1b[1mhello\x1b[m")
 * export const lines = Frame.lines(greeted) // ["hello", "", ""]
 * ```
 */
import * as Modes from "./Modes.ts"
import * as Rendition from "./Rendition.ts"
import * as Row from "./Row.ts"

/** A picture of the screen. */
export interface Frame {
  /** How large the screen is. */
  readonly size: Size
  /** `size.rows` rows of `size.columns` cells, from the top. Only a row with another below it wraps. */
  readonly rows: ReadonlyArray<Row.Row>
  /** Where the cursor is, and how it looks. */
  readonly cursor: Cursor
  /** The rendition in force for what is printed next; prediction draws with it. */
  readonly pen: Rendition.Rendition
  /** What programs asked of the terminal: cursor keys, mouse, bracketed paste. */
  readonly modes: Modes.Modes
  /** `undefined` until a program sets one; then possibly empty. */
  readonly title: string | undefined
  /** As `title`, of the icon. */
  readonly iconTitle: string | undefined
  /** How often the bell rang since the session's start. */
  readonly bells: number
  /** What programs put on the clipboard by OSC 52, by selection letters (`c`, `p`, …), still in base64. */
  readonly clipboard: ReadonlyMap<string, string>
  /** How often programs have written each selection since the session's start, whatever its text is now. */
  readonly copies: ReadonlyMap<string, number>
}

/** A screen's size in cells; both at least 1. */
export interface Size {
  /** How many cells a row has. */
  readonly columns: number
  /** How many rows there are. */
  readonly rows: number
}

/** Where the cursor is: 0-based; the column is never beyond the last one, even when a wrap is pending. */
export interface Cursor {
  /** From the top, 0-based. */
  readonly row: number
  /** From the left, 0-based. */
  readonly column: number
  /** Whether it is shown. */
  readonly visible: boolean
  /** DECSCUSR's number, 0–6; 0 is the terminal's own. */
  readonly shape: number
}

const NO_CLIPBOARD: ReadonlyMap<string, string> = new Map()
const NO_COPIES: ReadonlyMap<string, number> = new Map()

/** The blank screen that every session starts from. */
export const blank = (size: Size): Frame => {
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
    copies: NO_COPIES
  }
}

/** What is written on the screen, row by row, without blanks at their ends. */
export const lines = (frame: Frame): ReadonlyArray<string> => frame.rows.map(Row.line)

/** Whether two sizes are the same. */
export const sizeEquals = (a: Size, b: Size): boolean => a.columns === b.columns && a.rows === b.rows

/** Whether two cursors are at the same place, and look the same. */
export const cursorEquals = (a: Cursor, b: Cursor): boolean =>
  a.row === b.row && a.column === b.column && a.visible === b.visible && a.shape === b.shape

const mapEquals = <A>(a: ReadonlyMap<string, A>, b: ReadonlyMap<string, A>): boolean => {
  if (a === b) return true
  if (a.size !== b.size) return false
  for (const [selection, value] of a) if (b.get(selection) !== value) return false
  return true
}

/** Whether two frames are the same picture. Cheap for frames that share rows. */
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
    a.rows.every((row, y) => Row.equals(row, b.rows[y] as Row.Row)))
