/**
 * Filters lines of ssh and the server for the user's terminal.
 *
 * It passes printable text, tab, backspace and carriage return (progress lines use them), SGR, and "erase to the end of
 * the line". It removes everything else: queries whose replies would be typed into the session, titles, the clipboard,
 * modes, cursor movement, and characters that reorder a line.
 */

/** Total. The result is idempotent under `filter`, and printable text is unchanged. `line` is without its line feed. */
export const filter = (line: string): string =>
  line.replace(CONTROLS, (sequence) => (HARMLESS.test(sequence) ? sequence : ""))

/** The SGR sequences in force at the end of a line, as one string; empty: the terminal's default. */
export type Style = string

export interface Styled {
  /** Ends in the default style, so that nothing printed after it is coloured or concealed. */
  readonly text: string
  readonly style: Style
}

/** Continues `style` in a filtered line: a banner may set a colour in one line and reset it in another. */
export const continued = (style: Style, line: string): Styled => {
  let current = style
  for (const [sequence] of line.matchAll(SGR)) {
    if (STARTS_ANEW.test(sequence)) current = ""
    if (!RESETS.test(sequence)) current += sequence
  }
  return {
    text: style + line + (current === "" ? "" : RESET),
    style: current.length > LONGEST_STYLE ? "" : current
  }
}

const RESET = "\u001b[m"
const LONGEST_STYLE = 256

const SGR = /\u001b\[[\d;:]*m/g
const RESETS = /^\u001b\[0*m$/
/** The first parameter resets, whatever follows. */
const STARTS_ANEW = /^\u001b\[0*[;m]/

/** A private marker (`CSI > 4 m` sets xterm's keyboard) or an intermediate byte would make it another function. */
const HARMLESS = /^(?:[\t\b\r]|\u001b\[[\d;:]*m|\u001b\[0?K)$/

/**
 * Whole sequences where they are complete, else their introducer and parameters; then single controls. In the order of the
 * alternatives: CSI; the strings OSC, DCS, SOS, PM and APC, to their end or the end of the line; other escape sequences;
 * C0, DEL, C1, line separators and controls of writing direction; halves of surrogate pairs.
 */
const CONTROLS =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?|[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
