/**
 * The UDP ports that a server may bind: `PORT` or `LOW:HIGH`, inclusive (spec 1.5, 2.9).
 */
import * as Result from "effect/Result"

/** A range of UDP ports: `low` ≤ `high`, or both 0, which lets the kernel choose. */
export interface PortRange {
  /** The first port to try, 0–65535. */
  readonly low: number
  /** The last port to try. */
  readonly high: number
}

/** The ports that a server tries by default, in ascending order. */
export const DEFAULT: PortRange = { low: 60001, high: 60999 }

/** Parses `PORT` or `LOW:HIGH`. A failure is a line for the user, in stock's words. */
export const parse = (text: string): Result.Result<PortRange, string> => {
  const colon = text.indexOf(":")
  const lowText = colon < 0 ? text : text.slice(0, colon)
  const low = port(lowText)
  if (low === undefined) return Result.fail(`Invalid (low) port number (${lowText})`)
  if (!isPort(low)) return Result.fail(`(Low) port number ${low} outside valid range [0..65535]`)
  if (colon < 0) return Result.succeed({ low, high: low })

  const highText = text.slice(colon + 1)
  const high = port(highText)
  if (high === undefined) return Result.fail(`Invalid high port number (${highText})`)
  if (!isPort(high)) return Result.fail(`High port number ${high} outside valid range [0..65535]`)
  if (low === 0) return Result.fail("Low port 0 incompatible with port ranges")
  if (low > high) return Result.fail(`Low port ${low} greater than high port ${high}`)
  return Result.succeed({ low, high })
}

/** Why a peer cannot listen on this port; `undefined` if it can. */
export const portProblem = (value: number): string | undefined =>
  Number.isInteger(value) && value >= 1 && value <= 65535 ? undefined : "not a UDP port (1 to 65535)"

/** Why a range is invalid; `undefined` if it is valid. Fields may hold any number, `NaN` too. */
export const rangeProblem = ({ high, low }: PortRange): string | undefined => {
  if (low === 0 && high === 0) return undefined
  if (portProblem(low) !== undefined || portProblem(high) !== undefined)
    return "not a range of UDP ports (1 to 65535, or 0 alone for any)"
  return low > high ? `the first port, ${low}, is above the last, ${high}` : undefined
}

export const format = (range: PortRange): string =>
  Object.is(range.low, range.high) ? String(range.low) : `${range.low}:${range.high}`

/** Why no port of a range could be bound. */
export interface Refusal {
  /** The requested address. */
  readonly address: string
  /** The requested port or `low:high` range; 0 is any port. */
  readonly ports: string
  /** A phrase for the user. */
  readonly reason: string
}

/** The refusal as a sentence for the user. */
export const explain = ({ address, ports, reason }: Refusal): string =>
  `cannot use UDP port ${ports} on ${address}: ${reason}`

const port = (text: string): number | undefined => (/^[+-]?\d+$/.test(text) ? Number(text) : undefined)

const isPort = (value: number): boolean => value >= 0 && value <= 65535
