/**
 * A session as one of its clients may use it.
 */
import type { Mode } from "../../domain/session/Attachments.ts"
import type { Size } from "../../domain/terminal/Frame.ts"
import type { TerminalReport } from "../../domain/terminal/TerminalReport.ts"
import * as UserActivity from "../../domain/keyboard/UserActivity.ts"
import type { Session } from "./Session.ts"

/** Called, synchronously, as the client acts. None may throw. */
export interface SeatEvents {
  /** A state of the client arrived; before its input is passed on. */
  readonly onContact: () => void
  /** The user typed; before the input is passed on. */
  readonly onTyped: () => void
  /** The client's terminal sent input, which a user typed or not. Returns what of it is passed on. */
  readonly onInput: (bytes: Uint8Array, isTyped: boolean) => Uint8Array
  /** The client's terminal has this size. */
  readonly onSize: (size: Size) => void
  /** The client will report its terminal. */
  readonly onExpected: () => void
  /** The client's terminal reported this about itself. */
  readonly onTerminal: (report: TerminalReport) => void
}

/** The session of one client. A viewer can neither type into it, nor resize nor start it. */
export const make = (session: Session, mode: Mode, events: SeatEvents): Session => {
  if (mode === "View") {
    const terminal = { expectTerminal: () => undefined, reportTerminal: () => undefined }
    return { ...session, ...terminal, start: events.onContact, type: () => undefined, resize: () => undefined }
  }
  let activity = UserActivity.initial
  return {
    ...session,
    start: () => {
      events.onContact()
      session.start()
    },
    type: (input) => {
      events.onContact()
      const bytes = typeof input === "string" ? encoder.encode(input) : input
      const [next, isTyped] = UserActivity.step(activity, bytes)
      activity = next
      if (isTyped) events.onTyped()
      session.type(events.onInput(bytes, isTyped))
    },
    resize: (size) => {
      events.onContact()
      events.onSize(size)
    },
    expectTerminal: () => {
      events.onExpected()
      session.expectTerminal()
    },
    reportTerminal: events.onTerminal
  }
}

const encoder = new TextEncoder()
