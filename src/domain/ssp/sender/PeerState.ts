/**
 * What a sender knows about its peer: what it understands, and which of its states we must acknowledge.
 */
import type { Millis } from "../../Machine.ts"
import type { Features } from "../SyncObject.ts"
import type { StateNumber } from "../../wire/Numbers.ts"

export interface PeerState {
  /** What the peer understands beyond stock mosh; 0 until the first instruction. */
  readonly features: Features
  /** The number of the newest state received from the peer: every instruction acknowledges it. */
  readonly received: StateNumber
  /** Whether the peer waits for that acknowledgement. */
  readonly isAckPending: boolean
  /** When the peer's state last changed. */
  readonly newsAt: Millis
}

export const INITIAL: PeerState = { features: 0, received: 0n, isAckPending: false, newsAt: -Infinity }
