/**
 * A notification that a program asks the terminal to show outside its window. Programs write it in one of three forms:
 *
 * | form | sequence                          | from          |
 * | ---- | --------------------------------- | ------------- |
 * | 9    | `OSC 9 ; BODY`                    | iTerm2        |
 * | 99   | `OSC 99 ; OPTIONS ; TITLE`, parts | kitty         |
 * | 777  | `OSC 777 ; notify ; TITLE ; BODY` | urxvt, VTE    |
 *
 * Its texts have no control characters and a bounded length, so they cannot leave the sequence that carries them. Answers that
 * form 99 can request are never requested: the program might be gone when the user clicks.
 */
import * as OscText from "../display/OscText.ts"

/** The sequence in which a program wrote a notification. */
export type Form = 9 | 99 | 777

/** In the order in which they are preferred: a form with titles before one without. */
export const FORMS: ReadonlyArray<Form> = [99, 777, 9]

export interface DesktopNotification {
  /** The sequence in which the program wrote it. */
  readonly form: Form
  /** Empty if the program gave none; at most 254 characters. */
  readonly title: string
  /** At most 600 characters. Title and body are not both empty. */
  readonly body: string
  /** 0 low, 1 normal, 2 critical. */
  readonly urgency: number
}

export const MAX_TITLE = 254
export const MAX_BODY = 600
export const NORMAL = 1

/** A notification of clean, bounded texts; `undefined` if nothing of them is left. */
export const make = (
  form: Form,
  title: string,
  body: string,
  urgency: number = NORMAL
): DesktopNotification | undefined => {
  const clean = { title: OscText.bounded(title, MAX_TITLE), body: OscText.bounded(body, MAX_BODY) }
  if (clean.title === "" && clean.body === "") return undefined
  return { form, ...clean, urgency: urgency === 0 || urgency === 2 ? urgency : NORMAL }
}

export const equals = (a: DesktopNotification, b: DesktopNotification): boolean =>
  a === b || (a.form === b.form && a.title === b.title && a.body === b.body && a.urgency === b.urgency)

/**
 * Commands that ConEmu and Windows Terminal read where iTerm2 reads a notification: `OSC 9 ; NUMBER`. Of these, only progress
 * (4) has a meaning here (`Properties`).
 */
const COMMAND = /^\d{1,2}(;|$)/

/** Whether the text of form 9 is a command of ConEmu, not a notification. */
export const isCommand = (text: string): boolean => COMMAND.test(text)

/** The notification in the text after `OSC 9 ;`. */
export const fromForm9 = (text: string): DesktopNotification | undefined =>
  isCommand(text) ? undefined : make(9, "", text)

/** The notification in the text after `OSC 777 ;`. */
export const fromForm777 = (text: string): DesktopNotification | undefined => {
  const [command, title = "", ...body] = text.split(";")
  return command === "notify" ? make(777, title, body.join(";")) : undefined
}
