/**
 * How a session fares, in one line for a person who asks for it (escape key, then `i`).
 *
 * It never takes more than a row: where not everything fits, the least important parts are said in short, then the others
 * too, and then what still does not fit is left out.
 */
import type { Millis } from "../Machine.ts"

export interface Facts {
  /** Trouble with the network now, in words for a person. */
  readonly trouble: string | undefined
  /** The smoothed round trip, ms; `undefined` before the first sample. */
  readonly roundTrip: Millis | undefined
  /** The share of the server's datagrams that never came, 0 to 1; `undefined` while unknown. */
  readonly loss: number | undefined
  /** How long ago the server was last heard; `undefined` when it never was. */
  readonly heard: Millis | undefined
  /** The server's address, as `host:port`. */
  readonly server: string
  /** Keys shown before the server showed them, and how many of those otherwise than it then did. */
  readonly predicted: { readonly shown: number; readonly wrong: number }
}

/** The line, which takes at most `columns`; where not even its first part fits, that alone. Pure ASCII but for `trouble`. */
export const format = (facts: Facts, columns: number): string => {
  const parts = told(facts)
  for (let full = parts.length; full > 0; full--) {
    const line = parts.map((part, place) => (place < full ? part.full : part.short)).join(SEPARATOR)
    if (line.length <= columns) return line
  }
  const [first, ...rest] = parts.map(({ short }) => short)
  let line = first ?? ""
  for (const part of rest) if (line.length + SEPARATOR.length + part.length <= columns) line += SEPARATOR + part
  return line
}

const SEPARATOR = ", "

interface Part {
  readonly full: string
  readonly short: string
}

/** Most important first. */
const told = ({ heard, loss, predicted, roundTrip, server, trouble }: Facts): ReadonlyArray<Part> => [
  ...(trouble === undefined ? [] : [same(trouble)]),
  ...(roundTrip === undefined ? [] : [{ full: `round trip ${time(roundTrip)}`, short: time(roundTrip) }]),
  heard === undefined
    ? { full: "nothing received yet", short: "no contact" }
    : { full: `heard ${duration(heard)} ago`, short: `${duration(heard)} ago` },
  ...(loss === undefined ? [] : [{ full: `${percent(loss)} lost`, short: `${percent(loss)} lost` }]),
  same(server),
  {
    full: `${predicted.shown} predicted, ${predicted.wrong} wrong`,
    short: `${predicted.wrong}/${predicted.shown} wrong`
  }
]

const same = (text: string): Part => ({ full: text, short: text })

/** Milliseconds, to as many digits as mean something. */
export const time = (millis: Millis): string =>
  millis < 10 ? `${millis.toFixed(1)} ms` : millis < 10_000 ? `${Math.round(millis)} ms` : duration(millis)

/** Whole seconds, as `N s`, `M:SS` or `H:MM:SS`. */
export const duration = (millis: Millis): string => {
  const seconds = Math.floor(Math.max(0, millis) / 1000)
  if (seconds < 60) return `${seconds} s`
  const two = (n: number): string => String(n).padStart(2, "0")
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** A share, 0 to 1: whole per cents, but never 0 where there is some, nor 100 where there is not all. */
export const percent = (share: number): string => {
  if (share <= 0) return "0 %"
  if (share >= 1) return "100 %"
  return share < 0.01 ? "<1 %" : share > 0.99 ? ">99 %" : `${Math.round(share * 100)} %`
}
