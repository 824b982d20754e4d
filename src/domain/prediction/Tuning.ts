/**
 * The constants of prediction that were chosen by measurement, with their evidence.
 *
 * "Traces" are the recorded sessions of `test/traces`; `npm run bench -- prediction` plays them, and its figures must not
 * get worse when a constant changes. Times are in ms.
 */
import type { Millis } from "../Machine.ts"

/** At most this many keys are predicted ahead of the server's screen. A user who types 10 keys a second reaches it after 13 s. */
export const MAX_KEYS = 128

/** A read of more bytes is a paste and is not predicted. The longest key is an escape sequence of some 20 bytes. */
export const MAX_READ_BYTES = 1024

/** While a program draws elsewhere with a visible cursor, the line keeps its predictions for this long. */
export const CURSOR_AWAY: Millis = 150

/** An acknowledged key that had no effect for this long is assumed to have none. */
export const MAX_OVERDUE: Millis = 500

/** The longest delay between acknowledgement and effect that is learned. It is below `MAX_OVERDUE`, which measures it. */
export const MAX_ANSWER_DELAY: Millis = 400

/** Cells left of the caret that must match before a line is recognised in another row. */
export const LINE_CONTEXT = 8

/** A screen was replaced if fewer than this share of its rows is still anywhere on the screen. */
export const KEPT_ROWS = 1 / 4

/** Columns of a row, from the left wall, that identify it when screens are compared. */
export const ROW_IDENTITY = 24

/** Keys that the search for a wrap rule tries. The search is cubic in this number, and a word is seldom longer. */
export const WRAP_KEYS = 12

/** Columns that a box may keep free before its wall: a blank, the place of the caret, half a wide character. */
export const BOX_PADDING = 3

/** Columns before the end of a row in which editors may scroll the line sideways, or mark that it continues. */
export const ROW_PADDING = 2

/** A margin is given up when a character appears this many columns behind it: the word went there for another reason. */
export const MARGIN_ERROR = 6

/** Round trips from which adaptive mode shows predictions, and below which it stops. Two frames of a 100 Hz display. */
export const SLOW: Millis = 20
export const SLOW_UNTIL: Millis = 15

/** Round trips above which predictions are underlined, and down to which they stay so. */
export const UNDERLINE: Millis = 160
export const UNDERLINE_UNTIL: Millis = 100

/** An echo this late is a hitch (spec 11.3): adaptive mode shows predictions on any link. */
export const HITCH: Millis = 250
/** An echo this late is a long hitch: predictions are underlined as well. */
export const LONG_HITCH: Millis = 5000
/** Quick echoes that end a hitch; a long hitch needs twice as many. */
export const REPAIRS = 10
/** Quick echoes closer together than this count once. */
export const REPAIR_INTERVAL: Millis = 150
