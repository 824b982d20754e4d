/**
 * Joins the parts of notifications in kitty's form: `OSC 99 ; OPTIONS ; TEXT`.
 *
 * Options are `key=value`, separated by colons. `p` says what the text is (`title`, the default, or `body`; others are ignored),
 * `e=1` that it is base64, `u` the urgency, and `d=0` that more parts with the same identifier `i` follow. Queries, buttons,
 * icons, and requests for reports are ignored.
 */
import * as Result from "effect/Result"
import * as Base64 from "effect/encoding/Base64"
import * as DesktopNotification from "./DesktopNotification.ts"

/** The notification whose last part has not arrived. */
interface Incomplete {
  readonly id: string
  readonly title: string
  readonly body: string
  readonly urgency: number
}

export type NotificationParts = ReadonlyArray<Incomplete>

export const NONE: NotificationParts = []

/** Notifications that may be incomplete at the same time. A further one takes the place of the oldest. */
export const MAX_INCOMPLETE = 4
/** The longest identifier, characters; the rest is ignored. */
const MAX_ID = 64

/** Adds the text after `OSC 99 ;`. Returns the incomplete notifications, and the one that it completes. */
export const add = (
  parts: NotificationParts,
  text: string
): readonly [NotificationParts, DesktopNotification.DesktopNotification | undefined] => {
  const semicolon = text.indexOf(";")
  if (semicolon < 0) return [parts, undefined]
  const options = new Map(text.slice(0, semicolon).split(":").map(assignment))
  const kind = options.get("p") ?? "title"
  if (kind === "?" || kind === "alive" || kind === "close") return [parts, undefined]
  const id = (options.get("i") ?? "").slice(0, MAX_ID)
  const before = parts.find((part) => part.id === id) ?? {
    id,
    title: "",
    body: "",
    urgency: DesktopNotification.NORMAL
  }
  const added = decoded(text.slice(semicolon + 1), options.get("e") === "1")
  const joined: Incomplete = {
    id,
    title: kind === "title" ? joinedText(before.title, added, DesktopNotification.MAX_TITLE) : before.title,
    body: kind === "body" ? joinedText(before.body, added, DesktopNotification.MAX_BODY) : before.body,
    urgency: options.has("u") ? Number(options.get("u")) : before.urgency
  }
  const others = parts.filter((part) => part.id !== id)
  if (options.get("d") === "0") return [[...others, joined].slice(-MAX_INCOMPLETE), undefined]
  return [others, DesktopNotification.make(99, joined.title, joined.body, joined.urgency)]
}

const assignment = (option: string): readonly [string, string] => {
  const equals = option.indexOf("=")
  return equals < 0 ? [option, ""] : [option.slice(0, equals), option.slice(equals + 1)]
}

const decoded = (text: string, isBase64: boolean): string =>
  isBase64 ? Result.getOrElse(Base64.decodeString(text), () => "") : text

/** More than the limit is not kept: the notification is cut anyway. Some characters of it may be removed before that. */
const joinedText = (before: string, added: string, limit: number): string => (before + added).slice(0, 4 * limit)
