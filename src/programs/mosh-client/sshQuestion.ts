/**
 * Asks the user in the session's window what the ssh of a relay needs, such as a password. While a question is open, keys
 * go to its answer and not to the session.
 */
import * as Question from "../../domain/client/Question.ts"
import type { Ask } from "../../services/node/ssh/Askpass.ts"

export interface SshQuestion {
  /** Opens a question. One is open at a time. */
  readonly ask: Ask
  /** Takes typed bytes for the open question. Returns what is for the session: everything if none is open. */
  readonly take: (bytes: Uint8Array) => Uint8Array
  /** Sets the function that shows the question; `undefined` hides it. */
  readonly show: (show: (text: string | undefined) => void) => void
}

export const make = (): SshQuestion => {
  let open: { question: Question.Question; readonly settle: (answer: string | undefined) => void } | undefined
  let show: (text: string | undefined) => void = () => undefined

  const close = (answer: string | undefined): void => {
    const closing = open
    open = undefined
    show(undefined)
    closing?.settle(answer)
  }

  return {
    ask: (prompt, signal) =>
      new Promise((settle) => {
        if (open !== undefined || signal.aborted) return settle(undefined)
        const own = { question: Question.make(prompt), settle }
        open = own
        signal.addEventListener("abort", () => {
          if (open === own) close(undefined)
        })
        show(Question.text(own.question))
      }),
    take: (bytes) => {
      if (open === undefined) return bytes
      const next = Question.step(open.question, bytes)
      if (next._tag === "Typing") {
        open.question = next.question
        show(Question.text(next.question))
        return NOTHING
      }
      close(next._tag === "Answered" ? Buffer.from(next.answer).toString() : undefined)
      return next.rest
    },
    show: (next) => {
      show = next
      if (open !== undefined) show(Question.text(open.question))
    }
  }
}

const NOTHING = new Uint8Array(0)
