/**
 * The escape key, whose commands are for mosh itself; Ctrl-^ by default (spec 10.3).
 */
/** An escape key and its commands. */
export interface EscapeKey {
  /** The byte that the key sends, 1 to 127. */
  readonly byte: number
  /** The bytes that, typed after the escape key, send it to the session. */
  readonly passKeys: ReadonlyArray<number>
  /**
   * The bytes that, typed after the escape key, toggle the status line: `i` and `?`, except the pass keys. A printable
   * escape key has only one of them, `?` if possible, because `~i` may begin the name of a home directory.
   */
  readonly statusKeys: ReadonlyArray<number>
  /**
   * The bytes that, typed after the escape key, detach from the session: Ctrl-D and `d`, as in screen. A printable escape key
   * has only Ctrl-D, because `~d` may begin the name of a home directory.
   */
  readonly detachKeys: ReadonlyArray<number>
  /** Whether the key is an escape key only directly after a line end, as for printable characters. */
  readonly atLineStart: boolean
  /** The key's display name, such as `Ctrl-^` or `"~"`. */
  readonly name: string
  /** The pass key's display name, such as `^`. */
  readonly passName: string
}

/**
 * Parses `MOSH_ESCAPE_KEY`. The empty string disables the escape key. Ctrl-^ is used if the variable is unset, is not
 * one byte of 1 to 127, or is Ctrl-C, Ctrl-D, LF, Ctrl-L or CR.
 */
export const parse = (setting: string | undefined): EscapeKey | undefined => {
  if (setting === "") return undefined
  if (setting === undefined || setting.length !== 1) return control(CTRL_CARET)
  const byte = setting.charCodeAt(0)
  if (byte < 1 || byte > 127 || REFUSED.has(byte)) return control(CTRL_CARET)
  return byte < 32 ? control(byte) : printable(byte)
}

/** The key's commands, for the notification bar: at most 80 columns including `mosh: `. */
export const help = (key: EscapeKey): string => {
  const info = key.statusKeys.map((byte) => `"${String.fromCharCode(byte)}" info, `)
  const detach = key.detachKeys.includes(LETTER_D) ? '"d"' : "Ctrl-D"
  return `Ctrl-Z suspends, "." quits, ${detach} detaches, ${info[0] ?? ""}"${key.passName}" types ${key.name}`
}

/** How to quit, for the end of the notification bar. */
export const quitHint = (key: EscapeKey): string => `[To quit: ${key.name} .]`

const CTRL_CARET = 0x1e
/** Ctrl-C, Ctrl-D, LF, Ctrl-L and CR, without which a terminal is unusable. */
const REFUSED: ReadonlySet<number> = new Set([0x03, 0x04, 0x0a, 0x0c, 0x0d])
const DEL = 0x7f

const CTRL_D = 0x04
const LETTER_D = 0x64
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
    detachKeys: [LETTER_D, CTRL_D],
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
    detachKeys: [CTRL_D],
    atLineStart: true,
    name: `"${passName}"`,
    passName
  }
}
