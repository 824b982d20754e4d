/**
 * What a sender knows about the path to its peer.
 */
import type { Millis } from "../../Machine.ts"
import * as PathEstimate from "./PathEstimate.ts"
import * as PathLiveness from "./PathLiveness.ts"

export interface PathState {
  /** Whether there is an address to send to. */
  readonly isAttached: boolean
  /** When the path last changed, or proved too narrow: what was sent before is taken to be lost. */
  readonly changedAt: Millis
  readonly estimate: PathEstimate.PathEstimate
  readonly liveness: PathLiveness.PathLiveness
}

export const init = (isAttached: boolean, now: Millis): PathState => ({
  isAttached,
  changedAt: -Infinity,
  estimate: PathEstimate.UNKNOWN,
  liveness: PathLiveness.init(now)
})

/** An authentic packet arrived that is newer than all before. */
export const packetReceived = (path: PathState, now: Millis): PathState => ({
  ...path,
  liveness: PathLiveness.packetReceived(path.liveness, path.estimate.rto, now)
})

/** The host was suspended, or its addresses changed: datagrams in flight are lost, and the peer may not know where we are. */
export const changed = (path: PathState, now: Millis): PathState => ({
  ...path,
  changedAt: now,
  liveness: PathLiveness.pathChanged(path.estimate.rto, now)
})

/** Whether the peer has been silent for longer than any reachable peer is. */
export const isOverdue = ({ estimate, liveness }: PathState, now: Millis): boolean =>
  PathLiveness.isOverdue(liveness, estimate.rto, now)
