/**
 * Describes the other clients of a session to the user of one of them.
 */
import { plain } from "../session/PlainText.ts"
import { type AttachedClient, LONGEST_ADDRESS } from "../wire/streams/AttachedClients.ts"

/** The addresses of the other clients, and which of them watch. */
export const names = (attached: ReadonlyArray<AttachedClient>): ReadonlyArray<string> =>
  attached
    .filter(({ isOwn }) => !isOwn)
    .map(({ from, isViewer }) => `${plain(from, LONGEST_ADDRESS)}${isViewer ? " (watching)" : ""}`)

/** The message when other clients came or left, at most 80 columns with `mosh: `; `undefined` if none did. */
export const change = (
  before: ReadonlyArray<AttachedClient>,
  after: ReadonlyArray<AttachedClient>
): string | undefined => {
  const others = names(after)
  if (others.toSorted().join("\n") === names(before).toSorted().join("\n")) return undefined
  if (others.length === 0) return "No other client is attached now."
  const text = `Also attached: ${others.join(" and ")}.`
  return text.length <= LONGEST ? text : `Also attached: ${others.length} other clients.`
}

const LONGEST = 74
