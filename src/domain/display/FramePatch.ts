/**
 * Applies the bytes of a difference to a frame: the other half of `FrameDiff`.
 *
 * It interprets what a mosh server sends, stock (spec 8.8) or ours (`Capabilities.full`), exactly as stock mosh's emulator
 * would, and skips everything else. A frame is a value, so a host string can be applied to any state that SSP retains.
 * Every function is total: any text gives a well-formed frame of the same size, in memory linear in text and screen. The
 * time is bounded as well: parsing stops after more erasing and scrolling than any real program needs.
 *
 * ```ts
 * import { Frame, FramePatch } from "effect-mosh"
 *
 * const frame = FramePatch.patch(Frame.blank({ columns: 20, rows: 3 }), "one\r\ntwo")
 * export const larger = FramePatch.resize(frame, { columns: 40, rows: 5 })
 * ```
 */
import * as Cell from "../terminal/Cell.ts"
import type { Frame, Size } from "../terminal/Frame.ts"
import { cursorEquals, sizeEquals } from "../terminal/Frame.ts"
import { colorOf } from "../terminal/Rendition.ts"
import * as Row from "../terminal/Row.ts"
import { clampSide } from "../terminal/ScreenSize.ts"
import * as Effort from "./Effort.ts"
import { HostInterpreter } from "./HostInterpreter.ts"

/** The frame after a host string. The parser starts and ends in its ground state; an unfinished sequence is dropped. */
export const patch = (base: Frame, host: string): Frame => {
  if (host === "") return base
  return new HostInterpreter(base, Effort.none()).run(host)
}

/**
 * The frame on a screen of another size (spec 8.5). Nothing moves: rows are added and removed at the bottom, cells at the
 * right, with the pen's background. A wide character that is cut in half is removed. Each side becomes a whole number from
 * 1 to 4096; `NaN` becomes 1.
 */
export const resize = (base: Frame, wanted: Size): Frame => {
  const size = { columns: clampSide(wanted.columns), rows: clampSide(wanted.rows) }
  if (sizeEquals(base.size, size)) return base
  const background = colorOf(base.pen.background)
  const blank = Row.blank(size.columns, background)
  const rows = Array.from({ length: size.rows }, (_, y) => {
    const row = base.rows[y]
    if (row === undefined) return blank
    const resized = resizeRow(row, size.columns, blank)
    return y === size.rows - 1 ? Row.asBottom(resized) : resized
  })
  const row = Math.min(base.cursor.row, size.rows - 1)
  const column = Math.min(base.cursor.column, size.columns - 1)
  const cursor = { ...base.cursor, row, column }
  return { ...base, size, rows, cursor: cursorEquals(cursor, base.cursor) ? base.cursor : cursor }
}

const resizeRow = (row: Row.Row, columns: number, blank: Row.Row): Row.Row => {
  const before = Row.columns(row)
  if (before === columns) return row
  const words = blank.words.slice()
  words.set(row.words.subarray(0, columns * Cell.WORDS))
  const last = (columns - 1) * Cell.WORDS
  const isHalf = columns < before && Cell.widthOf(words[last] ?? 0) === 2
  if (isHalf) {
    const background = colorOf(words[last + Cell.BACKGROUND] ?? 0)
    words.set([Cell.EMPTY, 0, background, 0], last)
  }
  const end = isHalf ? columns - 1 : columns
  const resized = { words, wraps: false, clusters: upTo(row.clusters, end), links: upTo(row.links, end) }
  return Row.equals(blank, resized) ? blank : resized
}

/** The entries of columns before `column`; `undefined` if there are none. */
const upTo = <A>(beside: ReadonlyMap<number, A> | undefined, column: number): ReadonlyMap<number, A> | undefined => {
  const kept = [...(beside ?? [])].filter(([at]) => at < column)
  return kept.length === 0 ? undefined : new Map(kept)
}
