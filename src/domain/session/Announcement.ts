/**
 * The terminal output that shows a line to the users of a session, whatever program runs in it.
 */

/** The longest line, in UTF-16 units. */
export const LONGEST = 240

/**
 * The line in the top row, in reverse video, and a notification (OSC 9). The caret stays where it is, and no row scrolls, so a
 * command line or a full-screen program continues undisturbed. Rows are drawn over, and restored when the program redraws them.
 */
export const bar = (text: string, columns: number): string => {
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, " ").slice(0, LONGEST)
  const shown = line.slice(0, Math.max(0, columns))
  return `\x1b7\x1b[1;1H\x1b[0;7m${shown}\x1b[K\x1b8\x1b]9;${line}\x07`
}
