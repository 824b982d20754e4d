/**
 * The estimate of the round trip time, as TCP makes it but with finer bounds. Source: spec 2.5, RFC 6298.
 */
import type { Millis } from "../Machine.ts"
import * as Timing from "./Timing.ts"

export interface Rtt {
  /** The smoothed round trip, ms; `undefined` before the first sample. */
  readonly srtt: number | undefined
  readonly rttvar: number
  /** The least sample of late, ms: it follows larger ones slowly, for the way may have become longer. */
  readonly least: number | undefined
}

export const INITIAL: Rtt = { srtt: undefined, rttvar: Timing.RTTVAR_INITIAL, least: undefined }

/** Takes a sample of the round trip into account, unless it is too long to be one. */
export const sample = (rtt: Rtt, r: Millis): Rtt => {
  if (r >= Timing.RTT_IGNORED) return rtt
  if (rtt.srtt === undefined) return { srtt: r, rttvar: r / 2, least: r }
  const least = Math.min(r, (rtt.least ?? r) + (r - (rtt.least ?? r)) / 32)
  return { srtt: (7 / 8) * rtt.srtt + r / 8, rttvar: (3 / 4) * rtt.rttvar + Math.abs(rtt.srtt - r) / 4, least }
}

/** The retransmission timeout, ms. */
export const rto = (rtt: Rtt): Millis =>
  Math.min(Math.max(Math.ceil((rtt.srtt ?? Timing.SRTT_INITIAL) + 4 * rtt.rttvar), Timing.RTO_MIN), Timing.RTO_MAX)
