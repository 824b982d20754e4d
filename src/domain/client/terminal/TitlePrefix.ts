/**
 * Marks a window title with `[mosh] `, to show that the window's content arrives through mosh (spec 9.3).
 */
import type { Frame } from "../../terminal/Frame.ts"

export const PREFIX = "[mosh] "

/** Prefixes the window title, and the icon title if it is the same. A frame without a title is unchanged. */
export const apply = (frame: Frame): Frame => {
  const { iconTitle, title } = frame
  if (title === undefined) return frame
  const prefixed = PREFIX + title
  return { ...frame, title: prefixed, iconTitle: iconTitle === title ? prefixed : iconTitle }
}
