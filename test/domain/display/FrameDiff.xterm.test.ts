import { it } from "@effect/vitest"
import xterm from "@xterm/headless"
import { describe, expect } from "vitest"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as Cell from "../../../src/domain/terminal/Cell.ts"
import * as CharWidth from "../../../src/domain/terminal/CharWidth.ts"
import * as Color from "../../../src/domain/terminal/Color.ts"
import type * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { largePairs, project, sessions, smallPairs } from "../../support/frames.ts"

/** Another implementation of terminals, with our width table: it must show the frame. */
const terminalOf = (size: Frame.Size): xterm.Terminal => {
  const terminal = new xterm.Terminal({ cols: size.columns, rows: size.rows, allowProposedApi: true, scrollback: 0 })
  const wcwidth = (codePoint: number) => Math.max(0, CharWidth.of(codePoint)) as 0 | 1 | 2
  terminal.unicode.register({
    version: "pinned",
    wcwidth,
    // xterm packs a width (bits 1-2) and whether to join the character before (bit 0).
    charProperties: (codePoint, preceding) => {
      const width = wcwidth(codePoint)
      const before = (preceding >> 1) & 3
      const joins = width === 0 && preceding !== 0 && before !== 0
      return ((joins ? Math.max(width, before) : width) << 1) | (joins ? 1 : 0)
    }
  })
  terminal.unicode.activeVersion = "pinned"
  return terminal
}

const write = (terminal: xterm.Terminal, host: string) => {
  // After user input xterm parses the next write at once.
  terminal.input("", true)
  terminal.write(host)
}

const colorName = (isDefault: boolean, isPalette: boolean, value: number): string =>
  isDefault ? "default" : `${isPalette ? "palette" : "rgb"} ${value}`

const colorOf = (word: number): string => {
  const color = Rendition.colorOf(word)
  return colorName(color === Color.DEFAULT, Color.isPalette(color), color & 0xffffff)
}

/** A joiner at the end of a cell joins nothing: terminals are sent it after letters alone. */
const joinerless = (text: string): string => text.replace(/\u200d+$/, "")

/** What the terminal shows, as words for each cell. */
const shown = (terminal: xterm.Terminal): ReadonlyArray<ReadonlyArray<string>> =>
  Array.from({ length: terminal.rows }, (_, y) => {
    const line = terminal.buffer.active.getLine(terminal.buffer.active.baseY + y)
    return Array.from({ length: terminal.cols }, (_, x) => {
      const cell = line?.getCell(x)
      if (cell === undefined || cell.getWidth() === 0) return "right half"
      const flags = [
        cell.isBold() && "bold",
        cell.isDim() && "dim",
        cell.isItalic() && "italic",
        cell.isBlink() && "blink",
        cell.isInverse() && "inverse",
        cell.isInvisible() && "invisible",
        cell.isStrikethrough() && "strike",
        cell.isOverline() && "overline",
        cell.isUnderline() && "underline"
      ].filter(Boolean)
      const foreground = colorName(cell.isFgDefault(), cell.isFgPalette(), cell.getFgColor())
      const background = colorName(cell.isBgDefault(), cell.isBgPalette(), cell.getBgColor())
      return [joinerless(cell.getChars()) || " ", foreground, background, ...flags].join(" ")
    })
  })

/** The same for a frame. */
const wanted = (frame: Frame.Frame): ReadonlyArray<ReadonlyArray<string>> =>
  frame.rows.map((row) =>
    Array.from({ length: Row.columns(row) }, (_, x) => {
      if (row.words[x * Cell.WORDS] === Cell.RIGHT_HALF) return "right half"
      const { background, foreground, link, underline } = Row.rendition(row, x)
      const flags = [
        (foreground & Rendition.BOLD) !== 0 && "bold",
        (foreground & Rendition.DIM) !== 0 && "dim",
        (foreground & Rendition.ITALIC) !== 0 && "italic",
        (foreground & Rendition.BLINK) !== 0 && "blink",
        (foreground & Rendition.INVERSE) !== 0 && "inverse",
        (foreground & Rendition.INVISIBLE) !== 0 && "invisible",
        (background & Rendition.STRIKETHROUGH) !== 0 && "strike",
        (background & Rendition.OVERLINE) !== 0 && "overline",
        // xterm underlines links.
        (Rendition.underlineStyle(underline) !== 0 || link !== undefined) && "underline"
      ].filter(Boolean)
      return [joinerless(Row.text(row, x)) || " ", colorOf(foreground), colorOf(background), ...flags].join(" ")
    })
  )

const RECEIVERS = ["xterm-256color", "screen", "vt100"].map((term) => Capabilities.fromTerm({ term }))

const expectShown = (terminal: xterm.Terminal, frame: Frame.Frame, host: string) => {
  const { cursorX, cursorY } = terminal.buffer.active
  const actual = { cells: shown(terminal), cursor: [cursorY, cursorX] }
  const target = { cells: wanted(frame), cursor: [frame.cursor.row, frame.cursor.column] }
  if (JSON.stringify(actual) === JSON.stringify(target)) return
  const cells = target.cells.flatMap((row, y) =>
    row.flatMap((cell, x) => (cell === actual.cells[y]?.[x] ? [] : [`${y},${x}: ${actual.cells[y]?.[x]}, not ${cell}`]))
  )
  expect.fail([JSON.stringify(host), `${actual.cursor}, not ${target.cursor}`, ...cells].join("\n"))
}

const follow = (frames: ReadonlyArray<Frame.Frame>) => {
  for (const receiver of RECEIVERS) {
    const [first] = frames
    // xterm has at least two columns.
    if (first === undefined || first.size.columns < 2) continue
    const terminal = terminalOf(first.size)
    let host = FrameDiff.repaint(first, receiver)
    write(terminal, host)
    expectShown(terminal, project(first, receiver), host)
    frames.slice(1).forEach((frame, i) => {
      host = FrameDiff.diff(frames[i] as Frame.Frame, frame, receiver)
      write(terminal, host)
      expectShown(terminal, project(frame, receiver), host)
    })
    terminal.dispose()
  }
}

describe("another implementation of terminals shows the frame", () => {
  it.prop("on small screens", [smallPairs], ([{ after, before }]) => follow([before, after]), {
    arbitrary: { runs: 150 }
  })
  it.prop("on large screens", [largePairs], ([{ after, before }]) => follow([before, after]), {
    arbitrary: { runs: 10 }
  })
  it.prop("through sessions", [sessions], ([frames]) => follow(frames), { arbitrary: { runs: 10 } })
})
