/**
 * Reads the marks that the shell prints around its prompts and commands (OSC 133).
 */
import * as PromptMark from "../../../domain/terminal/PromptMark.ts"
import type { Core } from "./Internals.ts"
import { bounded } from "./Limits.ts"

const IDENTIFIER = 133
/** Maximum length of a mark, code points. `C` may carry the whole command line; a longer mark is ignored. */
const MAX_MARK = 16384

/** What the marks report so far. */
export interface PromptMarks {
  readonly shell: () => PromptMark.Shell
  /** Forgets all marks: after a full reset. */
  readonly reset: () => void
}

export const install = (core: Core): PromptMarks => {
  const handler = core._inputHandler
  let shell = PromptMark.NO_MARKS
  handler._parser.registerOscHandler(
    IDENTIFIER,
    bounded(MAX_MARK, (text) => {
      const mark = PromptMark.parse(text)
      // While a wrap is pending, the cursor is beyond the last column.
      if (mark !== undefined) shell = PromptMark.after(shell, mark, Math.min(handler._activeBuffer.x, core.cols - 1))
    })
  )
  return {
    shell: () => shell,
    reset: () => {
      shell = { ...PromptMark.NO_MARKS, marks: shell.marks }
    }
  }
}
