/**
 * The picture that a client shows of its session: the server's screen with predictions, and the notification bar over it.
 *
 * Law: while nothing that it is composed of changes, the picture is the same object.
 */
import * as FrameFit from "../display/FrameFit.ts"
import type { Frame, Size } from "../terminal/Frame.ts"
import type { ScreenPosition } from "../history/ScreenPosition.ts"
import * as NotificationBar from "./NotificationBar.ts"
import * as TitlePrefix from "./terminal/TitlePrefix.ts"

export interface SessionPicture {
  readonly picture: Frame
  /** What it is composed of. */
  readonly base: Frame
  readonly bar: string | undefined
  /** The row that the bar is in: the first that the terminal shows. */
  readonly barRow: number
  /** Where `base` is in the history. Rows may leave the screen while equal ones take their place. */
  readonly position: ScreenPosition | undefined
  /** Whether the window title is prefixed. */
  readonly hasPrefix: boolean
}

/** Before anything is drawn. `base` has no title. */
export const initial = (base: Frame, hasPrefix: boolean): SessionPicture => ({
  picture: base,
  base,
  bar: undefined,
  barRow: 0,
  position: undefined,
  hasPrefix
})

export interface Parts {
  readonly base: Frame
  readonly position: ScreenPosition | undefined
  /** The notification bar's text; `undefined` if it is not drawn. */
  readonly bar: string | undefined
  /** The size of the user's terminal. The screen has another one while another client's size applies. */
  readonly terminal: Size
  /** Whether the bar is drawn in colour. */
  readonly isBarColored: boolean
  /** Whether the window title is prefixed. */
  readonly hasPrefix: boolean
}

/** The same object if nothing has changed. */
export const compose = (before: SessionPicture, parts: Parts): SessionPicture => {
  const { bar, base, hasPrefix, isBarColored, position, terminal } = parts
  const barRow = bar === undefined ? before.barRow : FrameFit.fit(base, terminal).above
  const isSame =
    base === before.base &&
    bar === before.bar &&
    barRow === before.barRow &&
    position === before.position &&
    hasPrefix === before.hasPrefix
  if (isSame) return before
  const noted = bar === undefined ? base : NotificationBar.draw(base, bar, isBarColored, barRow)
  return { picture: hasPrefix ? TitlePrefix.apply(noted) : noted, base, bar, barRow, position, hasPrefix }
}
