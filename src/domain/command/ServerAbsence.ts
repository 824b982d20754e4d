/**
 * Decides when a client of commands without a terminal gives up on its server: programs wait for the command, and no user sees
 * that its server has ended.
 *
 * A server that is silent may come back, so silence alone ends no command. A host that refuses datagrams has no such server
 * any more, or a firewall on a network that the client is about to leave answers in its place.
 */
import type { Millis } from "../Machine.ts"

/** How long datagrams must have been refused, without any from the server, ms. */
export const PATIENCE = 300_000

/** How many of them at least. */
export const LEAST_REFUSALS = 10

/** Silence after which a signal for the command ends the client instead, ms: the command may never receive it. */
export const SILENCE = 10_000

export interface Observation {
  /** When the server was last heard. */
  readonly lastHeard: Millis
  /** Datagrams that were refused since then. */
  readonly refused: number
}

/** Whether a signal for the command should end the client. Also before the server was heard. */
export const isSilent = ({ lastHeard }: Pick<Observation, "lastHeard">, now: Millis): boolean =>
  now - lastHeard > SILENCE

/** Whether the server has ended for certain. */
export const isGone = ({ lastHeard, refused }: Observation, now: Millis): boolean =>
  refused >= LEAST_REFUSALS && now - lastHeard >= PATIENCE
