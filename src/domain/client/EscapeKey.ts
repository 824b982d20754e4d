/**
 * The escape key: the one key that speaks to mosh itself, by default Ctrl-^ (spec 10.3).
 */
export interface EscapeKey {
  /** The byte that the key sends, 1–127. */
  readonly byte: number
  /** The bytes that, typed after the escape key, send it literally. */
  readonly passKeys: ReadonlyArray<number>
  /**
   * The bytes that, typed after the escape key, ask how the session fares: `i` and `?`, less what the pass key takes. After
   * a printable escape key it is one of them only, `?` if it can be: `~i` may begin the name of a home.
   */
  readonly statusKeys: ReadonlyArray<number>
  /** Whether it counts only right after a line end: so for keys that people also type in text. */
  readonly atLineStart: boolean
  /** How a person names it, such as `Ctrl-^` or `"~"`. */
  readonly name: string
  /** How a person names the pass key, such as `^`. */
  readonly passName: string
}

/**
 * Reads `MOSH_ESCAPE_KEY`. Unset, or not one byte of 1–127, or one of Ctrl-C, Ctrl-D, LF, Ctrl-L and CR, gives Ctrl-^;
 * empty gives none.
 */
export const parse = (setting: string | undefined): EscapeKey | undefined => {
  if (setting === "") return undefined
  if (setting === undefined || setting.length !== 1) return control(CTRL_CARET)
  const byte = setting.charCodeAt(0)
  if (byte < 1 || byte > 127 || REFUSED.has(byte)) return control(CTRL_CARET)
  return byte < 32 ? control(byte) : printable(byte)
}

/** Its commands, as the notification bar shows them after the key was pressed: at most 80 columns with `mosh: `. */
export const help = (key: EscapeKey): string => {
  const info = key.statusKeys.map((byte) => `"${String.fromCharCode(byte)}" info, `)
  return `Commands: Ctrl-Z suspends, "." quits, ${info[0] ?? ""}"${key.passName}" gives literal ${key.name}`
}

/** How to leave, as the notification bar ends with. */
export const quitHint = (key: EscapeKey): string => `[To quit: ${key.name} .]`

const CTRL_CARET = 0x1e
/** Ctrl-C, Ctrl-D, LF, Ctrl-L, CR: keys without which no terminal can be used. */
const REFUSED: ReadonlySet<number> = new Set([0x03, 0x04, 0x0a, 0x0c, 0x0d])
const DEL = 0x7f

const LETTER_I = 0x69
const QUESTION = 0x3f

const control = (byte: number): EscapeKey => {
  const pass = byte + 0x40
  const isLetter = pass >= 0x41 && pass <= 0x5a
  const passName = String.fromCharCode(pass)
  const passKeys = isLetter ? [pass, pass + 0x20] : [pass]
  return {
    byte,
    passKeys,
    statusKeys: [LETTER_I, QUESTION].filter((key) => !passKeys.includes(key)),
    atLineStart: false,
    name: `Ctrl-${passName}`,
    passName
  }
}

const printable = (byte: number): EscapeKey => {
  const passName = byte === DEL ? "DEL" : String.fromCharCode(byte)
  return {
    byte,
    passKeys: [byte],
    statusKeys: byte === QUESTION ? [LETTER_I] : [QUESTION],
    atLineStart: true,
    name: `"${passName}"`,
    passName
  }
}
