/**
 * Decides which events of a client's input are applied to a session.
 *
 * Laws: all typed bytes are applied, in order. The newest size is applied. At most `MAX_SIZES` sizes are, and of sizes with no
 * typing in between only the newest.
 */
import type { UserEvent } from "../wire/UserMessage.ts"

/**
 * Of the window sizes in one client state, only this many are applied, the newest. The client shows none of the earlier
 * ones, and resizing a large screen takes milliseconds.
 */
export const MAX_SIZES = 16

/** The events to apply, of those that a newer client state adds. */
export const applied = (events: ReadonlyArray<UserEvent>): ReadonlyArray<UserEvent> => {
  let later = events.filter(({ _tag }) => _tag === "Resize").length
  return events.filter(({ _tag }, i) => _tag === "Keys" || (later-- <= MAX_SIZES && events[i + 1]?._tag !== "Resize"))
}
