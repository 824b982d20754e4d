/**
 * Moves the rows that scroll off the top of the primary screen into a history.
 *
 * xterm keeps no scrollback of its own here: a line is about to be reused when it leaves the screen, and is encoded at that
 * moment. That happens for every line of a flood, so most lines are encoded without making a `Row` (`ScrolledLine`).
 *
 * | what                                                     | rows that enter the history                        |
 * | -------------------------------------------------------- | -------------------------------------------------- |
 * | LF, IND, NEL, autowrap at the bottom; SU                 | those that leave, if the region begins at the top  |
 * | a lower screen                                           | those that no longer fit above the cursor          |
 * | ED 2; ED 0 with the cursor in the first cell             | those down to the last one with text (`Erasure`)   |
 * | DL, other ED, RI, IL, a higher screen, the alternate screen | none                                            |
 * | `CSI 3 J`                                                | none, and the history is erased                    |
 * | RIS                                                      | what the client's terminal keeps (`ResetEffect`)   |
 */
import * as ImageCells from "../../../../domain/images/ImageCells.ts"
import { type ResetEffect, resetEffect } from "../../../../domain/environment/TerminalHistory.ts"
import type { Erasure } from "../../../../domain/history/Erasure.ts"
import * as History from "../../../../domain/history/History.ts"
import type { TerminalKnowledge } from "../../../server/Emulator.ts"
import type { CutText } from "../CutText.ts"
import type * as Internals from "../Internals.ts"
import { type BufferLine, CELL_WORDS, HAS_CONTENT } from "../Internals.ts"
import type { ScreenReader } from "../Reader.ts"
import * as ScrolledLine from "./ScrolledLine.ts"

/** What the emulator reports before it resizes xterm. */
export interface ScrolledRows {
  /** Rows will be removed at the top, so that the cursor fits on a screen of `rows` rows. */
  readonly beforeResize: (rows: number) => void
  /** A row of the screen leaves it, without xterm. */
  readonly leave: (y: number) => void
  /** Rows that leave while `draw` runs have entered the history before. */
  readonly withoutCollecting: (draw: () => void) => void
  /** What is known of the client's terminal. */
  readonly know: (knowledge: TerminalKnowledge) => void
}

export interface Options {
  readonly history: History.History
  readonly reader: ScreenReader
  readonly cutText: CutText
  /** The width of the screen, which may be less than xterm's. */
  readonly columns: () => number
}

/** Starts collecting. */
export const install = (core: Internals.Core, { columns, cutText, history, reader }: Options): ScrolledRows => {
  const handler = core._inputHandler
  const service = core._bufferService

  const push = (line: BufferLine, width: number, wraps: boolean): void => {
    if (ScrolledLine.push(history, line, width, wraps)) return
    // What an image has shown is not kept for rows that left the screen.
    History.push(history, ImageCells.rowWithoutImages(reader.convert(line, width, wraps)))
  }

  /** Pushes a row of a buffer. `isWrapped`: whether the line that will follow the region continues it. */
  const pushRow = ({ lines, scrollBottom, ybase }: Internals.Buffer, y: number, isWrapped: boolean): void => {
    const line = lines.get(ybase + y)
    const next = y < scrollBottom ? lines.get(ybase + y + 1) : undefined
    if (line !== undefined) pushWhole(line, next, next === undefined ? isWrapped : next.isWrapped)
  }

  /** Pushes a line with the text that was cut off when the screen got narrower. `next`: the line below. */
  const pushWhole = (line: BufferLine, next: BufferLine | undefined, wraps: boolean): void => {
    const whole = cutText.take(line)
    if (whole === undefined) push(line, columns(), wraps)
    else push(whole.line, whole.line.length, whole.continuedBy !== undefined && whole.continuedBy === next)
  }

  /** Pushes the top `count` rows of a buffer. */
  const pushTop = (buffer: Internals.Buffer, count: number, isWrapped: boolean): void => {
    for (let y = 0; y < count; y++) pushRow(buffer, y, isWrapped)
  }

  let isPaused = false

  /** Whether lines that leave the scrolling region at its top enter the history. */
  const isCollecting = (buffer: Internals.Buffer): boolean =>
    !isPaused && buffer.scrollTop === 0 && buffer === core.buffers.normal

  const scroll = service.scroll.bind(service)
  service.scroll = (attributes, isWrapped = false) => {
    const buffer = handler._activeBuffer
    if (isCollecting(buffer)) pushTop(buffer, 1, isWrapped)
    scroll(attributes, isWrapped)
  }

  const scrollUp = handler.scrollUp.bind(handler)
  handler.scrollUp = (params) => {
    const buffer = handler._activeBuffer
    if (isCollecting(buffer)) pushTop(buffer, Math.min(params.params[0] || 1, buffer.scrollBottom + 1), false)
    return scrollUp(params)
  }

  const eraseInDisplay = handler.eraseInDisplay.bind(handler)
  handler.eraseInDisplay = (params, respectProtect) => {
    if (respectProtect !== true) {
      const { x, y } = handler._activeBuffer
      if (params.params[0] === 3) History.clear(history)
      else if (params.params[0] === 2) pushErased("Screen")
      else if (params.params[0] === 0 && x === 0 && y === 0) pushErased("Rest")
    }
    return eraseInDisplay(params, respectProtect)
  }

  /** Pushes the rows of the screen that are not blank, and those above them. */
  const pushErased = (erasure: Erasure): void => {
    const buffer = handler._activeBuffer
    if (buffer !== core.buffers.normal) return
    let count = core.rows
    while (count > 0 && isBlank(buffer.lines.get(buffer.ybase + count - 1))) count--
    for (let y = 0; y < count; y++) {
      const line = buffer.lines.get(buffer.ybase + y)
      const next = y + 1 < count ? buffer.lines.get(buffer.ybase + y + 1) : undefined
      if (line === undefined) continue
      pushWhole(line, next, next?.isWrapped === true)
      History.markErased(history, erasure)
    }
  }

  let onReset: ResetEffect = "Erased"
  const fullReset = handler.fullReset.bind(handler)
  handler.fullReset = () => {
    if (onReset === "Erased") History.clear(history)
    else if (onReset === "ScreenKept") pushErased("Screen")
    return fullReset()
  }

  return {
    beforeResize: (rows) => {
      const buffer = core.buffers.normal
      // Lines below the cursor are removed first.
      pushTop(buffer, Math.max(0, buffer.y + 1 - rows), false)
    },
    leave: (y) => pushRow(core.buffers.normal, y, false),
    withoutCollecting: (draw) => {
      isPaused = true
      draw()
      isPaused = false
    },
    know: (knowledge) => {
      onReset = resetEffect(typeof knowledge === "object" ? knowledge.name : "")
    }
  }
}

const isBlank = (line: BufferLine | undefined): boolean => {
  const data = line?._data ?? []
  for (let at = 0; at < data.length; at += CELL_WORDS) if (((data[at] as number) & HAS_CONTENT) !== 0) return false
  return true
}
