/**
 * The line that a user types after the escape key and `C`: a command to mosh, as ssh's `~C`.
 *
 * Enter gives the command; Ctrl-C, Ctrl-D and Ctrl-G leave without one. Backspace and Ctrl-U erase. Keys that send escape
 * sequences do nothing.
 */
export interface CommandLine {
  readonly text: string
  /** Inside of an escape sequence: after its first byte, or later. */
  readonly escape: "none" | "begun" | "inside"
}

export const EMPTY: CommandLine = { text: "", escape: "none" }

/** Characters of the longest line. Further ones are ignored. */
export const MAX_LENGTH = 400

/** Processes one typed byte. `Entered`: the line is complete; with an empty text, there is no command. */
export const step = (
  line: CommandLine,
  byte: number
): CommandLine | { readonly _tag: "Entered"; readonly text: string } => {
  const { escape, text } = line
  if (escape === "inside") return byte >= 0x40 && byte <= 0x7e ? { text, escape: "none" } : line
  if (escape === "begun") return { text, escape: byte === BRACKET || byte === SS3 ? "inside" : "none" }
  switch (byte) {
    case CR:
    case LF:
      return { _tag: "Entered", text: text.trim() }
    case CTRL_C:
    case CTRL_D:
    case CTRL_G:
      return { _tag: "Entered", text: "" }
    case BACKSPACE:
    case DEL:
      return { text: text.slice(0, -1), escape }
    case CTRL_U:
      return EMPTY
    case ESC:
      return { text, escape: "begun" }
    default:
      return byte >= 0x20 && byte < DEL && text.length < MAX_LENGTH
        ? { text: text + String.fromCharCode(byte), escape }
        : line
  }
}

const CTRL_C = 0x03
const CTRL_D = 0x04
const CTRL_G = 0x07
const BACKSPACE = 0x08
const LF = 0x0a
const CR = 0x0d
const CTRL_U = 0x15
const ESC = 0x1b
const SS3 = 0x4f
const BRACKET = 0x5b
const DEL = 0x7f
