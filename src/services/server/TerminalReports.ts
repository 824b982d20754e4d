/**
 * Receives what a client's terminal answered about itself.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import * as TerminalReportMessage from "../../domain/wire/streams/TerminalReportMessage.ts"
import * as StreamHandler from "../transport/StreamHandler.ts"
import type { Session } from "./Session.ts"

/** Passes reports on, except those that arrive after a newer one, and malformed ones. */
export const receive = (session: Pick<Session, "reportTerminal">): StreamHandler.StreamHandler => {
  let newest = 0
  return StreamHandler.accept(StreamKind.terminal, ({ finish, header, readable }) => {
    const message = TerminalReportMessage.decode(header)
    if (message !== undefined && message.number > newest) {
      newest = message.number
      session.reportTerminal(message.report)
    }
    return Effect.andThen(finish, Stream.runDrain(readable))
  })
}
