/**
 * What echoes the user's input on the screen: the kernel, a known line editor, another program, or nothing.
 *
 * The kernel of the server knows. A terminal's line discipline is in canonical mode or not (`ICANON`), and echoes or does not
 * (`ECHO`); the terminal has one foreground process group; and a process that waits for input has read all that was typed.
 *
 * | value        | the terminal                                                                                           |
 * | ------------ | ------------------------------------------------------------------------------------------------------ |
 * | `Secret`     | canonical, without echo: input is not shown. Password prompts of sudo, ssh and `read -s` are like this     |
 * | `Kernel`     | canonical, with echo, and the foreground process waits in a read of the terminal: `cat`, `read`             |
 * | `LineEditor` | not canonical, without echo, and a program with a line editor of its own (`LineEditors`) waits at its prompt |
 * | `Unknown`    | not determined since Enter; or canonical with echo while no program reads: the kernel echoes type-ahead |
 * | `Other`      | none of these: an editor, a pager, another line editor, or what the system does not show                  |
 *
 * Law: a value is never `Kernel` or `LineEditor` while the foreground process has input that it has not read. So the value
 * still holds when the next key arrives.
 */
export type InputEcho = (typeof VALUES)[number]

/** In the order of their numbers on the wire (docs/spec/echo.md). New ones may only be appended. */
export const VALUES = ["Unknown", "Kernel", "Secret", "LineEditor", "Other"] as const

/** The state of a terminal's line discipline: flags of `termios`. */
export interface LineDiscipline {
  /** `ICANON`: input is read by line, and the kernel edits it. */
  readonly canonical: boolean
  /** `ECHO`: the kernel shows input. */
  readonly echo: boolean
}

/** Who echoes input, as a server determined it. */
export interface Sample {
  /** Who echoes input. */
  readonly echo: InputEcho
  /**
   * For `LineEditor`, the number of the program whose prompt it is, of those that the terminal had; otherwise 0. What a program
   * reads elsewhere, as a shell by `read -e` and `read -s`, is `Other`.
   */
  readonly place: number
}

export const UNKNOWN: Sample = { echo: "Unknown", place: 0 }

/** The foreground process group of a terminal. */
export interface Reader {
  /** Whether it prompts for lines with a line editor that is known (`LineEditors`). */
  readonly hasLineEditor: boolean
  /** Whether it has one process only, and that has one thread, unless it is a shell or the session's own program. */
  readonly isAlone: boolean
  /**
   * Whether that process is blocked until input arrives: in a `read` of the terminal, or in a call that waits for one of
   * several descriptors; otherwise it computes, or waits for something else.
   */
  readonly waits: "InRead" | "InPoll" | "No"
}

/** Who echoes input; `reader` is `undefined` if the system does not show it. */
export const of = ({ canonical, echo }: LineDiscipline, reader: Reader | undefined): InputEcho => {
  if (canonical && !echo) return "Secret"
  if (reader === undefined) return "Other"
  const isLineEditor = !canonical && !echo && reader.hasLineEditor
  if (!canonical && !isLineEditor) return "Other"
  if (reader.waits === "No") return "Unknown"
  if (isLineEditor) return "LineEditor"
  return reader.isAlone && reader.waits === "InRead" ? "Kernel" : "Other"
}

/** Whether the effect of characters that are typed next is known. */
export const isPredictable = (echo: InputEcho): boolean => echo === "Kernel" || echo === "LineEditor"
