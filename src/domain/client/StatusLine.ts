/**
 * Formats the state of a connection as one line, for users who press the escape key and then `i`.
 *
 * The line never exceeds a row. If not everything fits, parts are abbreviated, the least important first; then parts
 * that still do not fit are left out.
 */
import type { Millis } from "../Machine.ts"
import type { AttachedClient } from "../wire/streams/AttachedClients.ts"
import * as OtherClients from "./OtherClients.ts"

/** The state of a connection. */
export interface Facts {
  /** The current network error, as a phrase for the user; `undefined` if there is none. */
  readonly trouble: string | undefined
  /** The smoothed round trip, ms; `undefined` before the first sample. */
  readonly roundTrip: Millis | undefined
  /** The share of the server's recent datagrams that were lost, 0 to 1; `undefined` while unknown. */
  readonly loss: number | undefined
  /** How long ago the newest state of the server arrived, ms; `undefined` if none ever did. */
  readonly silentFor: Millis | undefined
  /** The server's address, as `host:port`, or `ssh` for a relay. */
  readonly server: string
  /** At how many addresses the server may be. */
  readonly addresses: number
  /** Number of keystrokes that were predicted, and how many of them wrongly. */
  readonly predicted: { readonly shown: number; readonly wrong: number }
  /** Whether the server reports that input is not echoed, as at a password prompt. */
  readonly password: boolean
  /** The clients that the session has; empty if only this one. */
  readonly attached: ReadonlyArray<AttachedClient>
}

/**
 * The line, of at most `columns` characters; if not even its first part fits, that part alone. ASCII except for
 * `trouble`.
 */
export const format = (facts: Facts, columns: number): string => {
  const parts = partsOf(facts)
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

/** The parts of the line, most important first. */
const partsOf = ({
  addresses,
  attached,
  silentFor,
  loss,
  password,
  predicted,
  roundTrip,
  server,
  trouble
}: Facts): ReadonlyArray<Part> => [
  ...(trouble === undefined ? [] : [same(trouble)]),
  ...(password ? [same("password")] : []),
  ...others(attached),
  ...(roundTrip === undefined ? [] : [{ full: `round trip ${time(roundTrip)}`, short: time(roundTrip) }]),
  silentFor === undefined
    ? { full: "nothing received yet", short: "no contact" }
    : { full: `heard ${duration(silentFor)} ago`, short: `${duration(silentFor)} ago` },
  ...(loss === undefined ? [] : [{ full: `${percent(loss)} lost`, short: `${percent(loss)} lost` }]),
  path(server, addresses),
  {
    full: `${predicted.shown} predicted, ${predicted.wrong} wrong`,
    short: `${predicted.wrong}/${predicted.shown} wrong`
  }
]

/** The path that the session uses. */
const path = (server: string, addresses: number): Part =>
  server === "ssh"
    ? { full: "through ssh", short: "ssh" }
    : { full: addresses > 1 ? `${server}, one of ${addresses} addresses` : server, short: server }

/** The session's other clients. */
const others = (attached: ReadonlyArray<AttachedClient>): ReadonlyArray<Part> => {
  const names = OtherClients.names(attached)
  if (names.length === 0) return []
  return [{ full: `with ${names.join(" and ")}`, short: `${names.length} ${names.length === 1 ? "other" : "others"}` }]
}

const same = (text: string): Part => ({ full: text, short: text })

/** Formats ms, with one decimal below 10 ms. */
export const time = (millis: Millis): string =>
  millis < 10 ? `${millis.toFixed(1)} ms` : millis < 10_000 ? `${Math.round(millis)} ms` : duration(millis)

/** Formats ms as whole seconds: `N s`, `M:SS` or `H:MM:SS`. */
export const duration = (millis: Millis): string => {
  const seconds = Math.floor(Math.max(0, millis) / 1000)
  if (seconds < 60) return `${seconds} s`
  const two = (n: number): string => String(n).padStart(2, "0")
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** Formats a share of 0 to 1 in whole per cents. Only 0 is `0 %`, and only 1 is `100 %`. */
export const percent = (share: number): string => {
  if (share <= 0) return "0 %"
  if (share >= 1) return "100 %"
  return share < 0.01 ? "<1 %" : share > 0.99 ? ">99 %" : `${Math.round(share * 100)} %`
}
