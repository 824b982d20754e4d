/**
 * The UDP ports a server may take: `PORT` or `LOW:HIGH`, inclusive (spec 1.5, 2.9).
 */
import * as Result from "effect/Result"

/** `low` ≤ `high`, or both 0, which leaves the choice to the kernel. */
export interface PortRange {
  /** The first port to try, 0–65535. */
  readonly low: number
  /** The last. */
  readonly high: number
}

/** What a server tries when it is told nothing: 60001, 60002, … */
export const DEFAULT: PortRange = { low: 60001, high: 60999 }

/** Reads `PORT` or `LOW:HIGH`. A failure says what is wrong with the text. */
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

/** Why a number is no port that a peer can listen on; `undefined` when it is one. */
export const portProblem = (value: number): string | undefined =>
  Number.isInteger(value) && value >= 1 && value <= 65535 ? undefined : "not a UDP port (1 to 65535)"

/** Why numbers are no range of ports; `undefined` when they are one. Fields may hold any number, `NaN` too. */
export const rangeProblem = ({ high, low }: PortRange): string | undefined => {
  if (low === 0 && high === 0) return undefined
  if (portProblem(low) !== undefined || portProblem(high) !== undefined)
    return "not a range of UDP ports (1 to 65535, or 0 alone for any)"
  return low > high ? `the first port, ${low}, is above the last, ${high}` : undefined
}

export const format = (range: PortRange): string =>
  Object.is(range.low, range.high) ? String(range.low) : `${range.low}:${range.high}`

/** Why no port of a range could be had. */
export interface Refusal {
  /** The address asked for. */
  readonly address: string
  /** The port or `low:high` range asked for; 0 is any. */
  readonly ports: string
  /** In words for a person. */
  readonly reason: string
}

/** What a person is told of it. */
export const explain = ({ address, ports, reason }: Refusal): string =>
  `cannot use UDP port ${ports} on ${address}: ${reason}`

const port = (text: string): number | undefined => (/^[+-]?\d+$/.test(text) ? Number(text) : undefined)

const isPort = (value: number): boolean => value >= 0 && value <= 65535
