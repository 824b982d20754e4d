/**
 * The round-trip estimate of TCP, with finer bounds. Source: spec 2.5, RFC 6298.
 */
import type { Millis } from "../../Machine.ts"
import * as Timing from "../Timing.ts"

export interface Rtt {
  /** The smoothed round trip, ms; `undefined` before the first sample. */
  readonly srtt: number | undefined
  readonly rttvar: number
  /** The smallest recent sample, ms. It follows larger samples slowly, for the path may have become longer. */
  readonly minRtt: number | undefined
}

export const INITIAL: Rtt = { srtt: undefined, rttvar: Timing.RTTVAR_INITIAL, minRtt: undefined }

/** Adds a sample, unless it is so long that a process was suspended. */
export const sample = (rtt: Rtt, r: Millis): Rtt => {
  if (r >= Timing.RTT_IGNORED) return rtt
  if (rtt.srtt === undefined) return { srtt: r, rttvar: r / 2, minRtt: r }
  const minRtt = Math.min(r, (rtt.minRtt ?? r) + (r - (rtt.minRtt ?? r)) / 32)
  return { srtt: (7 / 8) * rtt.srtt + r / 8, rttvar: (3 / 4) * rtt.rttvar + Math.abs(rtt.srtt - r) / 4, minRtt }
}

/** The retransmission timeout, ms. */
export const rto = (rtt: Rtt): Millis =>
  Math.min(Math.max(Math.ceil((rtt.srtt ?? Timing.SRTT_INITIAL) + 4 * rtt.rttvar), Timing.RTO_MIN), Timing.RTO_MAX)
