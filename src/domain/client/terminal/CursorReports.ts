/**
 * Separates the terminal's answers to the question for its cursor (`CSI 6 n`) from what is typed.
 *
 * An answer, `CSI row ; column R`, looks like a function key with a modifier. So it is looked for only while one is expected.
 *
 * Laws: while none is expected, every byte is passed on at once. However the bytes are split, each expected answer is found,
 * and all other bytes are passed on in order.
 */
import type { Millis } from "../../Machine.ts"

/** How long an answer may take, ms. After that it is passed on as typed. */
export const PATIENCE: Millis = 10_000

export interface CursorReports {
  /** How many answers are expected. */
  readonly expected: number
  /** Until when. */
  readonly until: Millis
  /** The beginning of what may be an answer. */
  readonly held: ReadonlyArray<number>
}

/** A cursor; row and column from 1. */
export interface Report {
  readonly row: number
  readonly column: number
}

export const initial: CursorReports = { expected: 0, until: 0, held: [] }

/** The terminal was asked. */
export const asked = (state: CursorReports, now: Millis): CursorReports => ({
  ...state,
  expected: state.expected + 1,
  until: now + PATIENCE
})

export interface Separated {
  readonly state: CursorReports
  readonly typed: Uint8Array
  readonly reports: ReadonlyArray<Report>
}

/** Separates the next bytes. */
export const step = (state: CursorReports, bytes: Uint8Array, now: Millis): Separated => {
  if (state.expected === 0) return { state, typed: bytes, reports: [] }
  const all = state.held.length === 0 ? bytes : Uint8Array.from([...state.held, ...bytes])
  if (now > state.until) return { state: initial, typed: all, reports: [] }
  const typed: Array<number> = []
  const reports: Array<Report> = []
  let { expected } = state
  let at = 0
  while (at < all.length) {
    const found = expected > 0 && all[at] === ESCAPE ? read(all, at) : "other"
    if (found === "other") {
      typed.push(all[at++] as number)
    } else if (found === "incomplete") {
      return { state: { ...state, expected, held: [...all.subarray(at)] }, typed: Uint8Array.from(typed), reports }
    } else {
      reports.push(found.report)
      expected--
      at = found.end
    }
  }
  return { state: { ...state, expected, held: [] }, typed: Uint8Array.from(typed), reports }
}

const ESCAPE = 0x1b
const BRACKET = 0x5b
const SEMICOLON = 0x3b
const END = 0x52
/** Digits of a row or column. */
const DIGITS = 5

type Found = { readonly report: Report; readonly end: number } | "incomplete" | "other"

/** An answer at a place. A lone escape is a key. */
const read = (bytes: Uint8Array, from: number): Found => {
  if (bytes[from + 1] !== BRACKET) return "other"
  const row = readNumber(bytes, from + 2)
  if (row.digits > DIGITS || (row.digits === 0 && row.end < bytes.length)) return "other"
  if (row.end === bytes.length) return "incomplete"
  if (bytes[row.end] !== SEMICOLON) return "other"
  const column = readNumber(bytes, row.end + 1)
  if (column.digits > DIGITS || (column.digits === 0 && column.end < bytes.length)) return "other"
  if (column.end === bytes.length) return "incomplete"
  if (bytes[column.end] !== END) return "other"
  return { report: { row: row.value, column: column.value }, end: column.end + 1 }
}

const readNumber = (bytes: Uint8Array, from: number) => {
  let value = 0
  let end = from
  for (; end < bytes.length; end++) {
    const digit = (bytes[end] as number) - 0x30
    if (digit < 0 || digit > 9) break
    value = Math.min(value * 10 + digit, 1_000_000)
  }
  return { value, end, digits: end - from }
}
