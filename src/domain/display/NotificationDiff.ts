/**
 * The sequences that show notifications: those that a receiver has not been sent, each once.
 *
 * Between two ends of effect-mosh each carries its number: `OSC 777 ; notify=NUMBER ; FORM ; URGENCY ; LENGTH ; TITLE BODY`, with
 * the length of the title in UTF-16 code units, and nothing between title and body (docs/spec/events.md). A terminal is sent the
 * form that the program used, or another if it does not know that one.
 */
import * as DesktopNotification from "../events/DesktopNotification.ts"
import * as KeptEvents from "../events/KeptEvents.ts"
import * as KeptNotifications from "../events/KeptNotifications.ts"
import * as OscText from "./OscText.ts"

/** What a receiver is sent: numbered notifications, or one of these forms. */
export type Receiver = "numbered" | ReadonlyArray<DesktopNotification.Form>

/**
 * The sequences for the notifications with numbers above those of `from`. For a terminal, the last sequence gives the number of
 * those omitted.
 */
export const diff = (
  from: KeptNotifications.KeptNotifications,
  to: KeptNotifications.KeptNotifications,
  receiver: Receiver
): string => {
  if (from === to || to.count <= from.count || receiver.length === 0) return ""
  const { list, missed } = KeptEvents.since(to, from.count)
  if (receiver === "numbered") return list.map(([number, one]) => numbered(number, one)).join("")
  const rest = missed === 0 ? undefined : DesktopNotification.make(9, "", `and ${missed} more`)
  const all = rest === undefined ? list : [...list, [to.count + 1, rest] as const]
  return all.map(([number, one]) => shown(number, one, receiver)).join("")
}

const numbered = (number: number, { body, form, title, urgency }: DesktopNotification.DesktopNotification): string =>
  osc(`777;notify=${number};${form};${urgency};${title.length};${title}${body}`)

/** Nothing that a program could not have sent is sent. */
const osc = (text: string): string => (OscText.isClean(text) ? `\x1b]${text}\x07` : "")

const shown = (
  number: number,
  notification: DesktopNotification.DesktopNotification,
  forms: ReadonlyArray<DesktopNotification.Form>
): string => {
  const form = forms.includes(notification.form)
    ? notification.form
    : DesktopNotification.FORMS.find((one) => forms.includes(one))
  switch (form) {
    case 9:
      return form9(notification)
    case 99:
      return form99(number, notification)
    case 777:
      return form777(notification)
    default:
      return ""
  }
}

/** Terminals show the title first, so a text without title is one. */
const form777 = ({ body, form, title }: DesktopNotification.DesktopNotification): string =>
  form !== 777 && title === ""
    ? osc(`777;notify;${withoutSemicolons(body)};`)
    : osc(`777;notify;${withoutSemicolons(title)};${body}`)

const withoutSemicolons = (title: string): string => title.replaceAll(";", ",")

const form9 = ({ body, title }: DesktopNotification.DesktopNotification): string => {
  const text = title === "" || body === "" ? title + body : `${title}: ${body}`
  return osc(`9;${DesktopNotification.isCommand(text) ? " " : ""}${text}`)
}

/** The identifier only joins the parts: the number is unique within the window. */
const form99 = (number: number, { body, title, urgency }: DesktopNotification.DesktopNotification): string => {
  const options = urgency === DesktopNotification.NORMAL ? "" : `:u=${urgency}`
  if (title === "" || body === "") return osc(`99;i=mosh${number}${options};${title + body}`)
  return osc(`99;i=mosh${number}:d=0${options};${title}`) + osc(`99;i=mosh${number}:p=body;${body}`)
}

const NUMBERED = /^notify=(\d{1,15});(9|99|777);([012]);(\d{1,3});(.+)$/s

/** The notifications after `OSC 777 ; text` of another end of effect-mosh. */
export const read = (
  before: KeptNotifications.KeptNotifications,
  text: string
): KeptNotifications.KeptNotifications => {
  const [, number, form, urgency, length, texts = ""] = NUMBERED.exec(text) ?? []
  if (number === undefined) return before
  const title = texts.slice(0, Number(length))
  const body = texts.slice(Number(length))
  const notification = DesktopNotification.make(Number(form) as DesktopNotification.Form, title, body, Number(urgency))
  return notification === undefined ? before : KeptNotifications.addNumbered(before, Number(number), notification)
}
