/**
 * What is known about the path to the peer: round trip, timeout and loss, and what they say about queues on the way.
 */
import type { Millis } from "../../Machine.ts"
import * as Timing from "../Timing.ts"

export interface PathEstimate {
  /** The smoothed round trip, ms; `undefined` before the first sample. */
  readonly srtt: number | undefined
  /** The smallest recent round trip, ms. */
  readonly minRtt: number | undefined
  /** The retransmission timeout. */
  readonly rto: Millis
  /** The share of the peer's datagrams that are lost, 0 to 1; `undefined` while unknown. */
  readonly loss: number | undefined
}

export const UNKNOWN: PathEstimate = { srtt: undefined, minRtt: undefined, rto: Timing.RTO_MAX, loss: undefined }

/** Whether a queue on the path delays datagrams, so that sending more only delays them further. */
export const isQueued = ({ minRtt, srtt }: PathEstimate): boolean =>
  srtt !== undefined && (srtt > Timing.RTO_MAX || srtt > 2 * (minRtt ?? srtt) + Timing.QUEUE_DELAY)

/**
 * Whether that queue is longer than the longest timeout. A session hardly ever fills such a queue by itself; other
 * traffic does. A session's few datagrams do not lengthen the queue, and while it is full, it drops some of them.
 */
export const isDeeplyQueued = ({ srtt }: PathEstimate): boolean => srtt !== undefined && srtt > Timing.RTO_MAX
