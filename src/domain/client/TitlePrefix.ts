/**
 * The mark in a window's title that its content comes through mosh (spec 9.3).
 */
import type { Frame } from "../terminal/Frame.ts"

export const PREFIX = "[mosh] "

/**
 * Puts the prefix before the window title, and before the icon title when that is the same. A frame whose title no
 * program has set is left alone.
 */
export const apply = (frame: Frame): Frame => {
  const { iconTitle, title } = frame
  if (title === undefined) return frame
  const prefixed = PREFIX + title
  return { ...frame, title: prefixed, iconTitle: iconTitle === title ? prefixed : iconTitle }
}
