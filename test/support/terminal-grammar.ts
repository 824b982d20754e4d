/**
 * The sequences that a client may write to the user's terminal. Everything else is a hole through which a program or a server
 * could make the terminal do what we do not intend, or make it reply, which would be typed into the session.
 */

const COLOR = String.raw`(?:#(?:[\da-f]{3}){1,4}|rgba?:[\da-f]{1,4}(?:\/[\da-f]{1,4}){2,3}|[a-z\d ]{1,40})`
/** No C0 or C1 control, and no DEL. */
const TEXT = String.raw`[^\x00-\x1f\x7f-\x9f]`
const BASE64 = String.raw`[A-Za-z\d+/]*={0,2}`

/** By what they do. */
const ALLOWED: ReadonlyArray<string> = [
  // Text, bell, and motions of one column or line.
  `${TEXT}+`,
  String.raw`[\x07\b\r\n]`,
  // The cursor, erasing, lines, scrolling, and the region that scrolls.
  String.raw`\x1b\[(?:\d{1,4};\d{1,4})?H`,
  String.raw`\x1b\[\d{0,4}[ABCDLMPXST@]`,
  String.raw`\x1b\[[0-3]?[JK]`,
  String.raw`\x1b\[(?:\d{1,4};\d{1,4})?r`,
  String.raw`\x1bM`,
  // The pen, and the cursor's shape.
  String.raw`\x1b\[[\d;:]{0,120}m`,
  String.raw`\x1b\[[0-6] q`,
  // Modes.
  String.raw`\x1b\[\?(?:1|5|7|9|25|100[0-7]|101[56]|1049|2004|2026)[hl]`,
  String.raw`\x1b[=>]`,
  String.raw`\x1b\[>4;[0-3]m`,
  String.raw`\x1b\[>4;[01]f`,
  String.raw`\x1b\[=(?:[12]?\d|3[01]);1u`,
  // Titles, links, the clipboard.
  String.raw`\x1b\][012];${TEXT}{0,600}\x07`,
  String.raw`\x1b\]8;[\x20-\x3a\x3c-\x7e]{0,4096};[\x20-\x7e]{0,4096}\x07`,
  String.raw`\x1b\]52;[cpqs0-7];${BASE64}\x07`,
  // Notifications. In form 9, a number at the beginning would be a command of ConEmu.
  String.raw`\x1b\]9;(?!\d{1,2}(?:;|\x07))${TEXT}{0,1800}\x07`,
  String.raw`\x1b\]777;notify;${TEXT}{0,1800}\x07`,
  String.raw`\x1b\]99;i=mosh\d{1,16}(?::d=0)?(?::p=body)?(?::u=[02])?;${TEXT}{0,1300}\x07`,
  // Properties.
  String.raw`\x1b\]7;(?:[a-zA-Z][a-zA-Z\d+.-]{1,31}:\/\/${TEXT}*)?\x07`,
  String.raw`\x1b\]9;4;[0-4](?:;\d{1,3})?\x07`,
  String.raw`\x1b\]22;[a-zA-Z\d_-]{0,40}\x07`,
  String.raw`\x1b\]1337;SetUserVar=[\w.-]{1,64}=${BASE64}\x07`,
  String.raw`\x1b\]4(?:;\d{1,3};${COLOR})+\x07`,
  String.raw`\x1b\]1[01279];${COLOR}\x07`,
  String.raw`\x1b\]104(?:;\d{1,3})+\x07`,
  String.raw`\x1b\]11[01279]\x07`,
  // Marks of lines.
  String.raw`\x1b\]133;(?:A(?:;k=s)?|P;k=r|B|C|D(?:;\d{1,10})?)\x07`,
  String.raw`\x1b\]1337;SetMark\x07`,
  // Images: `test/fuzz/targets/images.ts` checks the values.
  String.raw`\x1b_G[a-zA-Z\d=,]*(?:;[A-Za-z\d+/=]*)?\x1b\\`,
  String.raw`\x1bP0;1q[\x21-\x7e]*\x1b\\`,
  String.raw`\x1b\]1337;File=[a-zA-Z\d=;]*:[A-Za-z\d+/=]*\x07`
]

const SEQUENCE = new RegExp(ALLOWED.map((pattern) => `(?:${pattern})`).join("|"), "iuy")

/** The beginning of the first sequence that is not allowed; `undefined` if all are. */
export const forbidden = (written: string): string | undefined => {
  // A lone surrogate is written as U+FFFD.
  const text = written.toWellFormed()
  for (let at = 0; at < text.length; at = SEQUENCE.lastIndex) {
    SEQUENCE.lastIndex = at
    if (!SEQUENCE.test(text)) return JSON.stringify(text.slice(at, at + 80))
  }
  return undefined
}

/** The same for text that is printed without a terminal: lines only. */
export const forbiddenInLines = (written: string): string | undefined => {
  const found = /[\x00-\x09\x0b-\x1f\x7f-\x9f].{0,40}/su.exec(written.toWellFormed())
  return found === null ? undefined : JSON.stringify(found[0])
}
