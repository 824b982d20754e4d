/**
 * What `--verbose` tells of a session, in lines for a person: how it began, what changed, how it fared, how it ended.
 *
 * Nothing is told of what was typed or shown, and nothing of the key. A quiet session is told nothing of: there is no
 * clock here, and heartbeats are no news.
 */
import type { Millis } from "../Machine.ts"
import type { DropReason } from "../ssp/DropReason.ts"
import type { Size } from "../terminal/Frame.ts"
import { duration, percent, time } from "./StatusLine.ts"

/** How the session fares. All counts are since its start. */
export interface Facts {
  /** When the server was last heard; -Infinity before. */
  readonly lastHeard: Millis
  /** The smoothed round trip and the resend timeout, ms; the round trip is `undefined` before the first sample. */
  readonly roundTrip: Millis | undefined
  readonly timeout: Millis
  /** The least time between two of our updates, ms. */
  readonly pace: Millis
  /** The share of the server's recent datagrams that never came, 0 to 1; `undefined` while unknown. */
  readonly loss: number | undefined
  readonly trouble: string | undefined
  /** Whether the server understands what only effect-mosh does. */
  readonly kin: boolean
  /** Screens received that differed from the one before. */
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

export type Event =
  /** `prediction` and `terminal` in words. */
  | {
      readonly _tag: "Started"
      readonly server: string
      readonly size: Size
      readonly prediction: string
      readonly terminal: string
    }
  /** Something of the facts may have changed. */
  | { readonly _tag: "Fared"; readonly facts: Facts }
  | { readonly _tag: "Resized"; readonly size: Size }
  | { readonly _tag: "Suspended" }
  | { readonly _tag: "Continued" }
  /** We start to leave. */
  | { readonly _tag: "Leaving"; readonly why: string }
  | { readonly _tag: "Ended"; readonly how: string; readonly facts: Facts }

export interface Journal {
  readonly started: Millis
  /** The facts that the last line about how it fares was made of, and when. */
  readonly told: Facts | undefined
  readonly toldAt: Millis
  /** The facts of the last event. */
  readonly before: Facts | undefined
  /** The range of round trips seen, ms. */
  readonly shortest: Millis
  readonly longest: Millis
}

/** ms between two lines about how the session fares. */
const PERIOD: Millis = 10_000
/** ms of silence that are worth a line when they are over. */
const SILENCE: Millis = 6500

export const initial = (now: Millis): Journal => ({
  started: now,
  told: undefined,
  toldAt: now,
  before: undefined,
  shortest: Infinity,
  longest: -Infinity
})

/** The lines to tell. `now` is monotonic, as `Facts.lastHeard`. */
export const step = (state: Journal, event: Event, now: Millis): readonly [Journal, ReadonlyArray<string>] => {
  switch (event._tag) {
    case "Started": {
      const { prediction, server, size, terminal } = event
      const words = `session with ${server} by UDP; ${terminal}, ${measure(size)}; prediction ${prediction}`
      return [{ ...state, started: now, toldAt: now }, [words]]
    }
    case "Fared":
      return fare(state, event.facts, now)
    case "Resized":
      return [state, [`the terminal has ${measure(event.size)} now`]]
    case "Suspended":
      return [state, ["suspended"]]
    case "Continued":
      return [state, ["continued"]]
    case "Leaving":
      return [state, [`leaving: ${event.why}`]]
    case "Ended": {
      const [after, lines] = fare(state, event.facts, -Infinity)
      return [after, [...lines, ...summary(after, event.how, event.facts, now)]]
    }
  }
}

const measure = ({ columns, rows }: Size): string => `${columns} columns and ${rows} rows`

const fare = (before: Journal, facts: Facts, now: Millis): readonly [Journal, ReadonlyArray<string>] => {
  const lines = changes(before, facts)
  const { roundTrip } = facts
  let state: Journal = {
    ...before,
    before: facts,
    shortest: Math.min(before.shortest, roundTrip ?? Infinity),
    longest: Math.max(before.longest, roundTrip ?? -Infinity)
  }
  if (now >= state.toldAt + PERIOD && isNews(state.told, facts)) {
    lines.push(period(state, facts, now))
    state = { ...state, told: facts, toldAt: now }
  }
  return [state, lines]
}

/** What is told at once. */
const changes = ({ before, started }: Journal, facts: Facts): Array<string> => {
  const lines: Array<string> = []
  const { counters, lastHeard, trouble } = facts
  const heardBefore = before?.lastHeard ?? -Infinity
  if (lastHeard > -Infinity && heardBefore === -Infinity) {
    const what = facts.kin ? "the server is effect-mosh, too" : "the server speaks plain mosh"
    lines.push(`first answer after ${time(lastHeard - started)}; ${what}`)
  } else if (lastHeard - heardBefore > SILENCE) {
    lines.push(`heard the server again after ${duration(lastHeard - heardBefore)}`)
  }
  const roams = counters.roams - (before?.counters.roams ?? 0)
  if (roams > 0) lines.push(`took a new local UDP port (number ${counters.roams + 1})`)
  if (trouble !== before?.trouble) lines.push(trouble === undefined ? "the trouble is over" : `trouble: ${trouble}`)
  return lines
}

/** Whether more happened than heartbeats. */
const isNews = (told: Facts | undefined, facts: Facts): boolean =>
  told === undefined ||
  facts.screens !== told.screens ||
  facts.predicted.shown !== told.predicted.shown ||
  facts.counters.retransmissions !== told.counters.retransmissions ||
  facts.counters.sendErrors !== told.counters.sendErrors ||
  total(facts.counters.dropped) !== total(told.counters.dropped)

const total = (dropped: Facts["counters"]["dropped"]): number => Object.values(dropped).reduce((a, b) => a + b, 0)

/** How it fared since the last such line. */
const period = ({ told, toldAt }: Journal, facts: Facts, now: Millis): string => {
  const { counters, pace, predicted, roundTrip, timeout } = facts
  const since = (count: (of: Facts) => number) => count(facts) - (told === undefined ? 0 : count(told))
  const seconds = Math.max(1, (now - toldAt) / 1000)
  const screens = since((of) => of.screens)
  return [
    roundTrip === undefined ? "no round trip yet" : `round trip ${time(roundTrip)}, resends after ${time(timeout)}`,
    `${count(screens, "screen")} (${(screens / seconds).toFixed(1)} a second), own updates at least ${time(pace)} apart`,
    `${since((of) => of.counters.sent)} sent, ${since((of) => of.counters.received)} received, ${lost(facts)}`,
    `${since((of) => of.counters.retransmissions)} said again`,
    drops(counters.dropped, told?.counters.dropped),
    `${since((of) => of.predicted.shown)} predicted, ${predicted.wrong - (told?.predicted.wrong ?? 0)} wrong`
  ].join("; ")
}

const summary = (state: Journal, how: string, facts: Facts, now: Millis): ReadonlyArray<string> => {
  const { counters, predicted } = facts
  const { longest, shortest } = state
  const range =
    longest < shortest
      ? "no round trip was measured"
      : `round trip ${time(shortest)} to ${time(longest)}, ${time(facts.roundTrip ?? longest)} at the end`
  return [
    `ended after ${duration(now - state.started)}: ${how}`,
    `in all ${count(counters.sent, "datagram")} sent, ${counters.received} received, ${lost(facts, " lately")}; ${range}`,
    `in all ${counters.retransmissions} said again, ${count(counters.roams, "new local port")}, ` +
      `${count(counters.sendErrors, "failed send")}; ${drops(counters.dropped, undefined)}`,
    `in all ${count(facts.screens, "screen")}; ${count(predicted.shown, "key")} predicted, ${predicted.wrong} of them wrong`
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

/** What was dropped, by reason, beyond what was dropped `before`. */
const drops = (dropped: Facts["counters"]["dropped"], before: Facts["counters"]["dropped"] | undefined): string => {
  const told: Array<string> = []
  for (const reason of Object.keys(REASONS) as Array<DropReason>) {
    const number = dropped[reason] - (before?.[reason] ?? 0)
    if (number > 0) told.push(`${number} ${REASONS[reason]}`)
  }
  return told.length === 0 ? "none dropped" : `dropped: ${told.join(", ")}`
}
