/**
 * A question that ssh asks in the middle of a session, such as for a password, and what the user types as the answer.
 *
 * Enter gives the answer; Ctrl-C, Ctrl-D and Ctrl-G decline. Backspace and Ctrl-U erase. The answer is shown only if it is
 * a choice between words: everything else may be secret.
 */
import { plain } from "../session/PlainText.ts"

export interface Question {
  /** What ssh asks, as lines that are safe to show. */
  readonly prompt: string
  /** The bytes typed so far. */
  readonly typed: ReadonlyArray<number>
}

export type Step =
  | { readonly _tag: "Typing"; readonly question: Question }
  /** `rest`: what was typed after the answer, which is for the session. */
  | { readonly _tag: "Answered"; readonly answer: Uint8Array; readonly rest: Uint8Array }
  | { readonly _tag: "Declined"; readonly rest: Uint8Array }

/** Bytes of the longest answer. Further ones are ignored. */
export const MAX_LENGTH = 1024

const MAX_LINES = 6
const MAX_COLUMNS = 300

export const make = (prompt: string): Question => ({
  prompt: prompt
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .slice(-MAX_LINES)
    .map((line) => plain(line.trim(), MAX_COLUMNS))
    .join("\n"),
  typed: []
})

/** The text to show: several lines if the prompt has several. */
export const text = ({ prompt, typed }: Question): string => {
  const shown = CHOICE.test(prompt) ? plain(decoder.decode(Uint8Array.from(typed)), MAX_COLUMNS) : ""
  return `${prompt} ${shown}_`
}

const CHOICE = /\byes\/no\b/
const decoder = new TextDecoder()

/** Processes typed bytes, in pieces of any size. */
export const step = ({ prompt, typed: before }: Question, bytes: Uint8Array): Step => {
  let typed = [...before]
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    switch (byte) {
      case CR:
      case LF:
        return { _tag: "Answered", answer: Uint8Array.from(typed), rest: bytes.slice(i + 1) }
      case CTRL_C:
      case CTRL_D:
      case CTRL_G:
        return { _tag: "Declined", rest: bytes.slice(i + 1) }
      case BACKSPACE:
      case DEL:
        while (isContinuation(typed.at(-1))) typed.pop()
        typed.pop()
        break
      case CTRL_U:
        typed = []
        break
      default:
        if (byte >= 0x20 && typed.length < MAX_LENGTH) typed.push(byte)
    }
  }
  return { _tag: "Typing", question: { prompt, typed } }
}

/** Whether a byte continues a character of UTF-8. */
const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

const CTRL_C = 0x03
const CTRL_D = 0x04
const CTRL_G = 0x07
const BACKSPACE = 0x08
const LF = 0x0a
const CR = 0x0d
const CTRL_U = 0x15
const DEL = 0x7f
