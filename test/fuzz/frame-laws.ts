/**
 * The laws of every frame, wherever it came from, and of every difference of two frames.
 */
import * as Capabilities from "../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../src/domain/display/FramePatch.ts"
import * as OscText from "../../src/domain/display/OscText.ts"
import * as Cell from "../../src/domain/terminal/Cell.ts"
import * as CharWidth from "../../src/domain/terminal/CharWidth.ts"
import * as ClusterLayout from "../../src/domain/terminal/ClusterLayout.ts"
import * as DesktopNotification from "../../src/domain/events/DesktopNotification.ts"
import * as Frame from "../../src/domain/terminal/Frame.ts"
import * as KeptMarks from "../../src/domain/events/KeptMarks.ts"
import * as KeptNotifications from "../../src/domain/events/KeptNotifications.ts"
import * as Properties from "../../src/domain/events/Properties.ts"
import { LINKED } from "../../src/domain/terminal/Rendition.ts"
import * as Row from "../../src/domain/terminal/Row.ts"
import { project, visible } from "../support/frames.ts"
import { law } from "./target.ts"

/** Bytes of UTF-8 of the longest cluster: 32 take one mark more (spec 8.3). */
const CLUSTER = 32 + 4
const TITLE = 2 * 254
const ATTRIBUTES = 26

export const wellFormed = (frame: Frame.Frame): void => {
  const { cursor, rows, size } = frame
  law(rows.length === size.rows, "rows are missing, or too many")
  law(cursor.row >= 0 && cursor.row < size.rows, "the cursor is outside")
  law(cursor.column >= 0 && cursor.column < size.columns, "the cursor is outside")
  law(cursor.shape >= 0 && cursor.shape <= 6, "an unknown cursor shape")
  law((frame.title ?? "").length <= TITLE && (frame.iconTitle ?? "").length <= TITLE, "a title too long")
  law(frame.clipboard.size <= Capabilities.full.selections.length, "too many selections")
  for (const text of frame.clipboard.values())
    law(text.length <= Capabilities.full.clipboardLimit, "a clipboard too large")
  eventsWellFormed(frame)
  for (const row of rows) {
    law(Row.columns(row) === size.columns, "a row of another width")
    if (looked.has(row)) continue
    rowWellFormed(row, size.columns)
    looked.add(row)
  }
  law(rows.at(-1)?.wraps === false, "the bottom row wraps")
}

const eventsWellFormed = ({ marks, notifications: { count, kept }, properties }: Frame.Frame): void => {
  law(marks.kept.length <= KeptMarks.MAX_KEPT && marks.kept.length <= marks.count, "too many marks")
  law(
    marks.kept.every(({ osc }) => OscText.isClean(osc) && osc.length <= 32),
    "a mark that is none"
  )
  law(kept.length <= KeptNotifications.MAX_KEPT && kept.length <= count, "too many notifications")
  for (const { body, title } of kept) {
    law(OscText.isClean(title) && OscText.isClean(body), "a notification with a control")
    law(title.length <= 2 * DesktopNotification.MAX_TITLE, "a notification's title too long")
    law(body.length <= 2 * DesktopNotification.MAX_BODY, "a notification too long")
  }
  const { colors, directory, pointer, variables } = properties
  const texts = [directory, pointer, ...variables.keys(), ...variables.values(), ...colors.values()]
  law(texts.every(OscText.isClean), "a property with a control")
  law(!texts.includes("?"), "a property that asks")
  law(Properties.weight(properties) <= MOST_PROPERTIES, "properties too large")
}

/** Bytes that properties may hold: the directory, 32 variables and 261 colours. */
const MOST_PROPERTIES = 2 * 2048 + 32 * (80 + 2 * (64 + 1024)) + 261 * (80 + 2 * 40)

/** Rows that were checked already. Most rows of a frame are in the previous one. */
const looked = new WeakSet<Row.Row>()

/** The laws of every row. */
export const rowWellFormed = (row: Row.Row, columns: number): void => {
  for (let x = 0; x < columns; x++) {
    const at = x * Cell.WORDS
    const glyph = row.words[at] ?? 0
    const underline = row.words[at + Cell.UNDERLINE] ?? 0
    law((underline & LINKED) === 0 || row.links?.has(x) === true, "a link without a target")
    if (glyph === Cell.EMPTY) {
      law(row.words[at + Cell.FOREGROUND] === 0 && underline === 0, "an empty cell with more than a background")
      law((row.words[at + Cell.BACKGROUND] ?? 0) >>> ATTRIBUTES === 0, "an empty cell with attributes")
      continue
    }
    const base = Cell.codePointOf(glyph)
    law(base !== 0, "half a wide character, alone")
    const text = Row.text(row, x)
    const isPlain = (glyph & Cell.CLUSTER) === 0 || ClusterLayout.isPlain(text, Cell.widthOf(glyph))
    if (isPlain) law(Cell.widthOf(glyph) === CharWidth.of(base), "a character of another width")
    else law(ClusterLayout.isCluster(text, Cell.widthOf(glyph)), "a cell that cannot be printed")
    if ((glyph & Cell.CLUSTER) !== 0) clusterWellFormed(text, base, isPlain)
    if (Cell.widthOf(glyph) !== 2) continue
    law(++x < columns && row.words[at + Cell.WORDS] === Cell.RIGHT_HALF, "half a wide character")
    for (let word = 1; word < Cell.WORDS; word++)
      law(row.words[at + Cell.WORDS + word] === row.words[at + word], "two halves drawn differently")
  }
  law(!row.wraps || row.words[(columns - 1) * Cell.WORDS] !== Cell.EMPTY, "an empty cell that wraps")
}

const clusterWellFormed = (text: string, base: number, isPlain: boolean): void => {
  const [first, ...marks] = Array.from(text, (character) => character.codePointAt(0) ?? 0)
  law(first === base && marks.length > 0, "a cell whose text is not its own")
  if (!isPlain) return
  const joined = marks.every((mark) => CharWidth.of(mark) === 0)
  law(joined, "a mark that has a width")
  law(Buffer.byteLength(text) <= CLUSTER, "a cluster too long")
}

/**
 * Bytes that no difference contains: a receiver gets only what is in spec 8.8, or is understood between our own ends.
 */
const FORBIDDEN = /[\x00-\x06\x09\x0b\x0c\x0e-\x1a\x1c-\x1f\x80-\x9f]|\x1b\[[>?!=]?[\d;]*[cn]/

/**
 * The law of `FrameDiff` and `FramePatch` between our own ends. Exceptions: clipboard texts that are never sent, and
 * bells beyond the sixteenth (`FrameDiff`).
 */
export const follows = (before: Frame.Frame, after: Frame.Frame): void => {
  const host = FrameDiff.diff(before, after, Capabilities.full)
  law(!FORBIDDEN.test(host), "a control that no difference may have")
  const patched = FramePatch.patch(FramePatch.resize(before, after.size), host)
  same(patched, sendable(before, after), "between our own ends")
}

/** The same to a stock client, as far as it can show the frames. */
export const followsAsStock = (before: Frame.Frame, after: Frame.Frame): void => {
  const stock = FrameDiff.diff(before, after, Capabilities.stock)
  law(!FORBIDDEN.test(stock), "a control that no difference may have")
  const from = FramePatch.resize(project(before, Capabilities.stock), after.size)
  const wanted = project(sendable(before, after), Capabilities.stock)
  const patched = project(FramePatch.patch(from, stock), Capabilities.stock)
  same(visible(patched), visible(wanted), "to a stock client")
}

/** `after` without the parts that differences omit. */
const sendable = (before: Frame.Frame, after: Frame.Frame): Frame.Frame => ({
  ...after,
  bells: Math.min(after.bells, before.bells + 16),
  title: after.title === undefined ? before.title : OscText.title(after.title),
  iconTitle: after.iconTitle === undefined ? before.iconTitle : OscText.title(after.iconTitle),
  clipboard: new Map([...before.clipboard, ...[...after.clipboard].filter(([, text]) => OscText.isBase64(text))]),
  copies: new Map([
    ...before.copies,
    ...[...after.copies].filter(([selection, copies]) => {
      const text = after.clipboard.get(selection)
      const isWritten = text !== before.clipboard.get(selection) || copies > (before.copies.get(selection) ?? 0)
      return text !== undefined && OscText.isBase64(text) && isWritten
    })
  ])
})

const same = (a: Frame.Frame, b: Frame.Frame, where: string): void => {
  if (Frame.equals(a, b)) return
  const y = a.rows.findIndex((row, i) => !Row.equals(row, b.rows[i] as Row.Row))
  const others = (
    ["cursor", "pen", "modes", "title", "iconTitle", "bells", "size", "notifications", "marks", "properties"] as const
  )
    .filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .map((key) => `${key} ${JSON.stringify(a[key])}, not ${JSON.stringify(b[key])}`)
  const x = y < 0 ? -1 : firstDifference(a.rows[y] as Row.Row, b.rows[y] as Row.Row)
  const cells = y < 0 ? [] : [`row ${y}, column ${x}: ${cell(a, y, x)}, not ${cell(b, y, x)}`]
  law(false, [`a patched frame is another, ${where}`, ...others, ...cells].join("; "))
}

const firstDifference = (a: Row.Row, b: Row.Row): number => {
  let x = 0
  while (x < Row.columns(a) && Row.cellEquals(a, b, x)) x++
  return x
}

const cell = (frame: Frame.Frame, y: number, x: number): string => {
  const row = frame.rows[y] as Row.Row
  if (x >= Row.columns(row)) return row.wraps ? "wraps" : "does not wrap"
  return JSON.stringify([Row.text(row, x), Row.rendition(row, x), row.words[x * Cell.WORDS]])
}
