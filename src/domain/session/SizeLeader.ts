/**
 * Decides whose size the screen of a session has: the client's that typed last, among those that are attached and may type.
 *
 * Before any typed, it is the client that was admitted first, except that one that takes over leads at once.
 */
import type { Attachment } from "./Attachments.ts"

/** The part of the state of `Attachments` that the leader depends on. */
export interface Leading {
  readonly attachments: ReadonlyArray<Attachment>
  readonly leader: number | undefined
}

const mayLead = ({ mode, phase }: Attachment): boolean => phase === "Attached" && mode !== "View"

/** A client typed. */
export const typed = (state: Leading, id: number): Leading => {
  const { attachments, leader } = state
  const typist = attachments.find((one) => one.id === id)
  if (id === leader || typist === undefined || !mayLead(typist)) return state
  const turn = Math.max(...attachments.map((one) => one.turn)) + 1
  return { attachments: attachments.map((one) => (one === typist ? { ...one, turn } : one)), leader: id }
}

/** The leader after attachments came or went: the former one while it may lead. */
export const next = ({ attachments, leader }: Leading): Leading => {
  const able = attachments.filter(mayLead)
  if (able.some(({ id }) => id === leader)) return { attachments, leader }
  const [first] = able.toSorted((one, other) => other.turn - one.turn)
  // Without a client that may lead, the session keeps its size.
  return { attachments, leader: first?.id }
}
