/**
 * Reads the marks that the shell prints around its prompts and commands (OSC 133), and those of iTerm2 (OSC 1337 `SetMark`).
 */
import type { History } from "../../../domain/history/History.ts"
import * as KeptMarks from "../../../domain/events/KeptMarks.ts"
import * as PromptMark from "../../../domain/events/PromptMark.ts"
import type { Core } from "./Internals.ts"
import { bounded } from "./Limits.ts"

const IDENTIFIER = 133
const SET_MARK = 1337
/** Maximum length of a mark, code points. `C` may carry the whole command line; a longer mark is ignored. */
const MAX_MARK = 16384

/** What the marks report so far. */
export interface PromptMarks {
  readonly shell: () => PromptMark.Shell
  /** The marks of lines of the primary screen; none where no history numbers its lines. */
  readonly marks: () => KeptMarks.KeptMarks
  /** Forgets all marks: after a full reset. */
  readonly reset: () => void
}

export const install = (core: Core, history: History | undefined): PromptMarks => {
  const handler = core._inputHandler
  let shell = PromptMark.NO_MARKS
  let marks = KeptMarks.NONE

  /** The cursor's column. While a wrap is pending, the cursor is beyond the last one. */
  const column = (): number => Math.min(handler._activeBuffer.x, core.cols - 1)
  const keep = (osc: string): void => {
    const buffer = handler._activeBuffer
    if (history === undefined || buffer !== core.buffers.normal) return
    marks = KeptMarks.add(marks, { line: history.end + buffer.y, column: column(), osc })
  }
  handler._parser.registerOscHandler(
    IDENTIFIER,
    bounded(MAX_MARK, (text) => {
      const mark = PromptMark.parse(text)
      if (mark === undefined) return
      shell = PromptMark.after(shell, mark, column())
      keep(KeptMarks.oscOf(mark))
    })
  )
  handler._parser.registerOscHandler(
    SET_MARK,
    bounded(MAX_MARK, (text) => {
      if (`${SET_MARK};${text}` === KeptMarks.SET_MARK) keep(KeptMarks.SET_MARK)
    })
  )
  return {
    shell: () => shell,
    marks: () => marks,
    reset: () => {
      shell = { ...PromptMark.NO_MARKS, marks: shell.marks }
    }
  }
}
