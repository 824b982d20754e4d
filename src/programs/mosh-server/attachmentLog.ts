/**
 * Logs for `MOSH_LOG` which clients come and go, from where, and who took over from whom.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Attachment, Attachments } from "../../services/server/Attachments.ts"

/** Writes one event. */
type Log = (event: string, fields: Readonly<Record<string, unknown>>) => Effect.Effect<void>

/** Logs until the session ends. */
export const run = (attachments: Attachments, log: Log): Effect.Effect<void> => {
  let before: ReadonlyArray<Attachment> = []
  return Stream.runForEach(attachments.changes, (list) => {
    const attached = list.filter(({ phase }) => phase === "Attached")
    const events = eventsOf(before, attached)
    before = attached
    return Effect.forEach(events, ([event, fields]) => log(event, fields), { discard: true })
  })
}

/** What the log names of a client. */
type Client = Pick<Attachment, "id" | "mode" | "contact">

/** The events between two lists of the attached clients. */
export const eventsOf = (
  before: ReadonlyArray<Client>,
  attached: ReadonlyArray<Client>
): ReadonlyArray<readonly [event: string, fields: Readonly<Record<string, unknown>>]> => {
  const isIn = (list: ReadonlyArray<Client>, { id }: Client) => list.some((one) => one.id === id)
  const gone = before.filter((one) => !isIn(attached, one))
  const came = attached.filter((one) => !isIn(before, one))
  const former = gone.map(({ contact, id }) => ({ id, from: contact?.from }))
  return [
    ...came.map(({ contact, id, mode }) => {
      const fields = { id, mode, from: contact?.from }
      return mode === "TakeOver" && former.length > 0
        ? (["client took over", { ...fields, former }] as const)
        : (["client attached", fields] as const)
    }),
    ...gone.map(({ id }) => ["client detached", { id }] as const)
  ]
}
