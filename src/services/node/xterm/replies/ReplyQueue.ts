/**
 * Passes replies on to the program in the order of its queries.
 *
 * Some replies need to know the client's terminal. While its report is expected, they wait, and so do all later ones. A queue
 * that is full drops further replies.
 */
import * as TerminalReport from "../../../../domain/terminal/TerminalReport.ts"
import type { TerminalKnowledge } from "../../../server/Emulator.ts"

type Report = TerminalReport.TerminalReport

/** The replies of one emulator. */
export interface ReplyQueue {
  /** A reply that is known. */
  readonly reply: (text: string) => void
  /** A reply that depends on the client's terminal; empty for none. */
  readonly query: (answer: (report: Report) => string) => void
  /** What is known of the client's terminal. */
  readonly know: (knowledge: TerminalKnowledge) => void
}

/** Maximum number of replies that wait. */
export const MAX_WAITING = 256

export const make = (onReply: (text: string) => void): ReplyQueue => {
  const waiting: Array<string | ((report: Report) => string)> = []
  let report = TerminalReport.UNKNOWN
  let isExpected = false

  const pass = (text: string) => {
    if (text !== "") onReply(text)
  }
  const wait = (reply: string | ((report: Report) => string)) => {
    if (waiting.length < MAX_WAITING) waiting.push(reply)
  }
  return {
    reply: (text) => (waiting.length > 0 ? wait(text) : pass(text)),
    query: (answer) => (isExpected ? wait(answer) : pass(answer(report))),
    know: (knowledge) => {
      isExpected = knowledge === "Expected"
      if (knowledge !== "Expected") report = knowledge === "Unknown" ? TerminalReport.UNKNOWN : knowledge
      if (!isExpected) for (const reply of waiting.splice(0)) pass(typeof reply === "string" ? reply : reply(report))
    }
  }
}
