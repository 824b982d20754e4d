/**
 * The lines that `--verbose` prints about a session: how it began, what changed, the state of its connection, how it
 * ended.
 *
 * The lines never contain the key, nor anything that was typed or shown. An idle session prints nothing: heartbeats are
 * not reported, and lines are printed only in response to events.
 */
import type { Millis } from "../Machine.ts"
import type { DropReason } from "../ssp/DropReason.ts"
import type { Size } from "../terminal/Frame.ts"
import { duration, percent, time } from "./StatusLine.ts"

/** The state of the connection. All counts are since the start of the session. */
export interface Facts {
  /** The server's address, as `host:port`, or `ssh` for a relay. */
  readonly server: string
  /** When the newest state of the server arrived; -Infinity before the first. */
  readonly lastHeard: Millis
  /**
   * The smoothed round trip and the retransmission timeout, ms; the round trip is `undefined` before the first sample.
   */
  readonly roundTrip: Millis | undefined
  readonly timeout: Millis
  /** The minimum interval between two of the client's updates, ms. */
  readonly pace: Millis
  /** The share of the server's recent datagrams that were lost, 0 to 1; `undefined` while unknown. */
  readonly loss: number | undefined
  readonly trouble: string | undefined
  /** Whether the server is effect-mosh, too, and so understands more than stock's protocol. */
  readonly isEffectMosh: boolean
  /** Number of received screens that differed from the one before. */
  readonly screens: number
  readonly predicted: { readonly shown: number; readonly wrong: number }
  readonly counters: {
    readonly sent: number
    readonly received: number
    readonly dropped: Readonly<Record<DropReason, number>>
    readonly sendErrors: number
    readonly roams: number
    readonly retransmissions: number
  }
}

/** What happened in a session. */
export type Event =
  /** The session began. `prediction` and `terminal` are phrases for the user. */
  | {
      readonly _tag: "Started"
      readonly server: string
      readonly size: Size
      readonly prediction: string
      readonly terminal: string
    }
  /** The state of the connection may have changed. */
  | { readonly _tag: "StatusChanged"; readonly facts: Facts }
  | { readonly _tag: "Resized"; readonly size: Size }
  | { readonly _tag: "Suspended" }
  | { readonly _tag: "Continued" }
  /** The client starts to shut down. */
  | { readonly _tag: "Leaving"; readonly why: string }
  | { readonly _tag: "Ended"; readonly how: string; readonly facts: Facts }

/** What the log remembers between two events. */
export interface VerboseLog {
  readonly started: Millis
  /** The state that the last periodic line reported, and when; `undefined` before the first. */
  readonly reported: Facts | undefined
  readonly reportedAt: Millis
  /** The state at the last event. */
  readonly before: Facts | undefined
  /** The shortest and the longest round trip so far, ms. */
  readonly shortest: Millis
  readonly longest: Millis
}

/** Minimum interval between two periodic lines, ms. */
const PERIOD: Millis = 10_000
/** Silence, ms, whose end is reported. */
const SILENCE: Millis = 6500

export const initial = (now: Millis): VerboseLog => ({
  started: now,
  reported: undefined,
  reportedAt: now,
  before: undefined,
  shortest: Infinity,
  longest: -Infinity
})

/** The lines to print for an event. `now` is a reading of the clock of `Facts.lastHeard`. */
export const step = (state: VerboseLog, event: Event, now: Millis): readonly [VerboseLog, ReadonlyArray<string>] => {
  switch (event._tag) {
    case "Started": {
      const { prediction, server, size, terminal } = event
      const words = `session with ${server} by UDP; ${terminal}, ${measure(size)}; prediction ${prediction}`
      return [{ ...state, started: now, reportedAt: now }, [words]]
    }
    case "StatusChanged":
      return statusChanged(state, event.facts, now)
    case "Resized":
      return [state, [`the terminal has ${measure(event.size)} now`]]
    case "Suspended":
      return [state, ["suspended"]]
    case "Continued":
      return [state, ["continued"]]
    case "Leaving":
      return [state, [`leaving: ${event.why}`]]
    case "Ended": {
      const [after, lines] = statusChanged(state, event.facts, -Infinity)
      return [after, [...lines, ...summary(after, event.how, event.facts, now)]]
    }
  }
}

const measure = ({ columns, rows }: Size): string => `${columns} columns and ${rows} rows`

const statusChanged = (before: VerboseLog, facts: Facts, now: Millis): readonly [VerboseLog, ReadonlyArray<string>] => {
  const lines = changes(before, facts)
  const { roundTrip } = facts
  let state: VerboseLog = {
    ...before,
    before: facts,
    shortest: Math.min(before.shortest, roundTrip ?? Infinity),
    longest: Math.max(before.longest, roundTrip ?? -Infinity)
  }
  if (now >= state.reportedAt + PERIOD && isNews(state.reported, facts)) {
    lines.push(period(state, facts, now))
    state = { ...state, reported: facts, reportedAt: now }
  }
  return [state, lines]
}

/** The lines for changes that are reported at once. */
const changes = ({ before, started }: VerboseLog, facts: Facts): Array<string> => {
  const lines: Array<string> = []
  const { counters, lastHeard, trouble } = facts
  const heardBefore = before?.lastHeard ?? -Infinity
  if (lastHeard > -Infinity && heardBefore === -Infinity) {
    const what = facts.isEffectMosh ? "the server is effect-mosh, too" : "the server speaks plain mosh"
    lines.push(`first answer after ${time(lastHeard - started)}; ${what}`)
  } else if (lastHeard - heardBefore > SILENCE) {
    lines.push(`the server answered again after ${duration(lastHeard - heardBefore)}`)
  }
  const roams = counters.roams - (before?.counters.roams ?? 0)
  if (before !== undefined && facts.server !== before.server) lines.push(`the session uses ${facts.server} now`)
  if (roams > 0) lines.push(`took a new local UDP port (number ${counters.roams + 1})`)
  if (trouble !== before?.trouble) lines.push(trouble === undefined ? "the trouble is over" : `trouble: ${trouble}`)
  return lines
}

/** Whether anything but heartbeats happened. */
const isNews = (reported: Facts | undefined, facts: Facts): boolean =>
  reported === undefined ||
  facts.screens !== reported.screens ||
  facts.predicted.shown !== reported.predicted.shown ||
  facts.counters.retransmissions !== reported.counters.retransmissions ||
  facts.counters.sendErrors !== reported.counters.sendErrors ||
  total(facts.counters.dropped) !== total(reported.counters.dropped)

const total = (dropped: Facts["counters"]["dropped"]): number => Object.values(dropped).reduce((a, b) => a + b, 0)

/** The periodic line: the state of the connection, and what happened since the last such line. */
const period = ({ reported, reportedAt }: VerboseLog, facts: Facts, now: Millis): string => {
  const { counters, pace, predicted, roundTrip, timeout } = facts
  const since = (count: (of: Facts) => number) => count(facts) - (reported === undefined ? 0 : count(reported))
  const seconds = Math.max(1, (now - reportedAt) / 1000)
  const screens = since((of) => of.screens)
  return [
    roundTrip === undefined ? "no round trip yet" : `round trip ${time(roundTrip)}, resends after ${time(timeout)}`,
    `${count(screens, "screen")} (${(screens / seconds).toFixed(1)} a second), own updates at least ${time(pace)} apart`,
    `${since((of) => of.counters.sent)} sent, ${since((of) => of.counters.received)} received, ${lost(facts)}`,
    `${since((of) => of.counters.retransmissions)} retransmitted`,
    drops(counters.dropped, reported?.counters.dropped),
    `${since((of) => of.predicted.shown)} predicted, ${predicted.wrong - (reported?.predicted.wrong ?? 0)} wrong`
  ].join("; ")
}

const summary = (state: VerboseLog, how: string, facts: Facts, now: Millis): ReadonlyArray<string> => {
  const { counters, predicted } = facts
  const { longest, shortest } = state
  const range =
    longest < shortest
      ? "no round trip was measured"
      : `round trip ${time(shortest)} to ${time(longest)}, ${time(facts.roundTrip ?? longest)} at the end`
  return [
    `ended after ${duration(now - state.started)}: ${how}`,
    `total: ${count(counters.sent, "datagram")} sent, ${counters.received} received, ${lost(facts, " lately")}; ${range}`,
    `total: ${counters.retransmissions} retransmitted, ${count(counters.roams, "new local port")}, ` +
      `${count(counters.sendErrors, "failed send")}; ${drops(counters.dropped, undefined)}`,
    `total: ${count(facts.screens, "screen")}; ${count(predicted.shown, "key")} predicted, ${predicted.wrong} of them wrong`
  ]
}

const lost = ({ loss }: Facts, when = ""): string =>
  loss === undefined ? "loss unknown" : `${percent(loss)} lost${when}`

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`

const REASONS: Readonly<Record<DropReason, string>> = {
  oversize: "too long",
  short: "too short",
  unauthentic: "not authentic",
  misdirected: "our own, come back",
  late: "repeated or outdated",
  fragment: "malformed fragments",
  compression: "not compressed as agreed",
  instruction: "malformed",
  version: "of another protocol version",
  diff: "not fitting any state",
  limit: "over a limit"
}

/** The dropped datagrams by reason, without those that had been dropped `before`. */
const drops = (dropped: Facts["counters"]["dropped"], before: Facts["counters"]["dropped"] | undefined): string => {
  const counts: Array<string> = []
  for (const reason of Object.keys(REASONS) as Array<DropReason>) {
    const number = dropped[reason] - (before?.[reason] ?? 0)
    if (number > 0) counts.push(`${number} ${REASONS[reason]}`)
  }
  return counts.length === 0 ? "none dropped" : `dropped: ${counts.join(", ")}`
}
