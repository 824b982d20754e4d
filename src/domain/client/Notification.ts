/**
 * The notification bar: what mosh itself has to tell, such as that the server has been silent for a while (spec 10.5).
 *
 * Of several things to tell, the most pressing is shown: that the session ends, the escape key's commands, how the session
 * fares when a person asked for that, trouble with the network, a passing message, that nothing was ever received. How
 * long the server has been silent is said with each.
 */
import * as StatusLine from "./StatusLine.ts"
import type { Machine, Millis } from "../Machine.ts"

/** What the bar's words depend on and never changes in a session. */
export interface Words {
  /** The server's UDP port. */
  readonly port: number
  /** How to leave, such as `[To quit: Ctrl-^ .]`; `undefined` when no key does that. */
  readonly quitHint: string | undefined
  /** The escape key's commands. */
  readonly help: string
  /** What follows where no server answers, such as `plain ssh`; `giving up` without it. */
  readonly unanswered?: string | undefined
}

export interface Notification {
  readonly words: Words
  readonly started: Millis
  /** When a server that was never heard is given up. */
  readonly giveUpAt: Millis
  /** When the newest remote state arrived. */
  readonly lastHeard: Millis
  /** When the newest local state that the server acknowledged was sent. */
  readonly lastAcknowledged: Millis
  /** Whether anything was ever received. */
  readonly connected: boolean
  /** Why the session ends. */
  readonly ending: string | undefined
  readonly helping: boolean
  readonly status: Status | undefined
  readonly trouble: Passing | undefined
  /** Until when the server's port counts as closed. */
  readonly closedUntil: Millis
  readonly message: Passing | undefined
  /** What the bar reads now; `undefined` when there is none. */
  readonly text: string | undefined
  readonly wake: Millis
}

/** A message with the time at which it goes. */
interface Passing {
  readonly text: string
  readonly until: Millis
}

/** The status line, while it is shown. */
interface Status {
  readonly line: string
  readonly until: Millis
  /** When it is to be brought up to date. */
  readonly sampleAt: Millis
}

/** How the session fares, and how wide the screen is that shows it. */
export interface Report {
  readonly facts: StatusLine.Facts
  readonly columns: number
}

export type Input =
  | { readonly _tag: "Contact"; readonly lastHeard: Millis; readonly lastAcknowledged: Millis }
  /** The server's host answered that nothing listens on the port. */
  | { readonly _tag: "Refused" }
  /** Sending or receiving failed, in words for a person. */
  | { readonly _tag: "Trouble"; readonly text: string }
  | { readonly _tag: "TroubleOver" }
  | { readonly _tag: "Message"; readonly text: string }
  /** The session ends; shown until it has. */
  | { readonly _tag: "Ending"; readonly text: string }
  | { readonly _tag: "Help"; readonly shown: boolean }
  /** A person asked how the session fares; asked again while that is shown, it goes. */
  | { readonly _tag: "Status"; readonly report: Report }
  /** How it fares now: the answer to `Sample`. */
  | { readonly _tag: "Report"; readonly report: Report }
  | { readonly _tag: "Tick" }

export type Output =
  /** `text` changed. */
  | { readonly _tag: "Redraw" }
  /** The status line wants a new `Report`. */
  | { readonly _tag: "Sample" }
  /** No server was heard for so long that the session should be shut down. */
  | { readonly _tag: "GiveUp" }

/** ms after which a server that was never heard is given up. */
export const GIVE_UP: Millis = 15_000

export const initial = (words: Words, now: Millis, giveUpAfter: Millis = GIVE_UP): Notification => ({
  words,
  started: now,
  giveUpAt: now + giveUpAfter,
  lastHeard: now,
  lastAcknowledged: now,
  connected: false,
  ending: undefined,
  helping: false,
  status: undefined,
  trouble: undefined,
  closedUntil: -Infinity,
  message: undefined,
  text: undefined,
  wake: now + CONNECTING
})

/** ms after which a person is told that nothing was received yet. */
const CONNECTING = 250
/** ms of silence after which the server, or its acknowledgement, is late. */
const SERVER_LATE = 6500
const REPLY_LATE = 10_000
/** ms that a message, or trouble that is over, stays. */
const MESSAGE = 1000
const TROUBLE = 3100
/** ms that a refused datagram shows: longer than the pause between two of them. */
const CLOSED = 5000
/** ms that the status line stays, and between two looks at how the session fares. */
const STATUS = 10_000
const SAMPLE = 1000
const NAME = "mosh: "

const step = (before: Notification, input: Input, now: Millis): readonly [Notification, ReadonlyArray<Output>] => {
  const outputs: Array<Output> = []
  let state = take(before, input, now)
  if (!state.connected && state.ending === undefined && now >= state.giveUpAt) {
    state = { ...state, ending: "Timed out waiting for server..." }
    outputs.push({ _tag: "GiveUp" })
  }
  if (state.status !== undefined && now >= state.status.until) state = { ...state, status: undefined }
  if (state.status !== undefined && now >= state.status.sampleAt) {
    state = { ...state, status: { ...state.status, sampleAt: now + SAMPLE } }
    outputs.push({ _tag: "Sample" })
  }
  const text = read(state, now)
  if (text !== before.text) outputs.push({ _tag: "Redraw" })
  return [{ ...state, text, wake: nextChange(state, now) }, outputs]
}

export const machine: Machine<Notification, Input, Output> = { step, deadline: (state) => state.wake }

const take = (state: Notification, input: Input, now: Millis): Notification => {
  switch (input._tag) {
    case "Contact":
      return {
        ...state,
        connected: state.connected || input.lastHeard > -Infinity,
        lastHeard: Math.max(state.lastHeard, input.lastHeard),
        closedUntil: input.lastHeard > state.lastHeard ? -Infinity : state.closedUntil,
        lastAcknowledged: Math.max(state.lastAcknowledged, input.lastAcknowledged)
      }
    case "Refused":
      return { ...state, closedUntil: now + CLOSED }
    case "Trouble":
      return { ...state, trouble: { text: input.text, until: now + TROUBLE } }
    case "TroubleOver":
      return state.trouble === undefined
        ? state
        : { ...state, trouble: { text: state.trouble.text, until: Math.min(state.trouble.until, now + MESSAGE) } }
    case "Message":
      return { ...state, message: { text: input.text, until: now + MESSAGE } }
    case "Ending":
      return { ...state, ending: input.text }
    case "Help":
      return { ...state, helping: input.shown }
    case "Status":
      return {
        ...state,
        status:
          state.status === undefined
            ? { line: statusLine(input.report), until: now + STATUS, sampleAt: now + SAMPLE }
            : undefined
      }
    case "Report":
      return state.status === undefined
        ? state
        : { ...state, status: { ...state.status, line: statusLine(input.report) } }
    case "Tick":
      return state
  }
}

const statusLine = ({ columns, facts }: Report): string => {
  const line = NAME + StatusLine.format(facts, columns - NAME.length)
  return line.length <= columns ? line : StatusLine.format(facts, columns)
}

/** The message to show, without how long the server has been silent. */
const message = (state: Notification, now: Millis): string | undefined => {
  if (state.ending !== undefined) return state.ending
  if (state.helping) return state.words.help
  if (state.trouble !== undefined && now < state.trouble.until) return state.trouble.text
  if (state.message !== undefined && now < state.message.until) return state.message.text
  return state.connected ? closed(state, now) : unanswered(state, now)
}

const closed = ({ closedUntil, words }: Notification, now: Millis): string | undefined =>
  now < closedUntil ? `UDP port ${words.port} is closed.` : undefined

/** No server was heard yet. With the quit hint at most 80 columns. */
const unanswered = (state: Notification, now: Millis): string | undefined => {
  const { port, unanswered = "giving up" } = state.words
  if (state.connected || now < state.started + CONNECTING) return undefined
  const what = now < state.closedUntil ? `UDP port ${port} is closed` : `No answer on UDP port ${port}`
  return Number.isFinite(state.giveUpAt) ? `${what}; ${unanswered} in ${countdown(state, now)} s.` : `${what}.`
}

/** Whole seconds until the server is given up. */
const countdown = ({ giveUpAt }: Notification, now: Millis): number => Math.ceil((giveUpAt - now) / 1000)

/** Since when the server, or else its reply, has been missing; `undefined` while neither is late. */
const lateness = (
  state: Notification,
  now: Millis
): { readonly since: Millis; readonly missing: "contact" | "reply" } | undefined => {
  if (now - state.lastHeard > SERVER_LATE) return { since: state.lastHeard, missing: "contact" }
  if (now - state.lastAcknowledged > REPLY_LATE) return { since: state.lastAcknowledged, missing: "reply" }
  return undefined
}

/** The bar's whole text. */
const read = (state: Notification, now: Millis): string | undefined => {
  // It says itself how long ago the server was heard, and has no room to spare.
  if (state.status !== undefined && state.ending === undefined && !state.helping) return state.status.line
  const told = message(state, now)
  const late = lateness(state, now)
  if (told === undefined && late === undefined) return undefined
  const hint = state.words.quitHint === undefined || told === state.words.help ? "" : ` ${state.words.quitHint}`
  // The countdown stands for the silence.
  if (late === undefined || (told !== undefined && told === unanswered(state, now))) return `${NAME}${told}${hint}`
  const elapsed = shownElapsed(now - late.since)
  return told === undefined
    ? `${NAME}Last ${late.missing} ${duration(elapsed, "seconds")} ago.${hint}`
    : `${NAME}${told} (${duration(elapsed, "s")} without ${late.missing}.)${hint}`
}

/** ms between two readings of the count: after a minute of silence a person no longer counts seconds. */
const interval = (elapsed: Millis): Millis => (elapsed < 60_000 ? 1000 : 3000)

/** Whole seconds of a silence, as far as the bar counts them. */
const shownElapsed = (elapsed: Millis): number => (elapsed - (elapsed % interval(elapsed))) / 1000

const duration = (seconds: number, unit: string): string => {
  if (seconds < 60) return `${seconds} ${unit}`
  const two = (n: number): string => String(n).padStart(2, "0")
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** When the text changes next if nothing happens before. */
const nextChange = (state: Notification, now: Millis): Millis => {
  const late = lateness(state, now)
  const elapsed = late === undefined ? 0 : now - late.since
  const candidates = [
    late === undefined ? Infinity : now + interval(elapsed) - (elapsed % interval(elapsed)),
    state.lastHeard + SERVER_LATE + 1,
    state.lastAcknowledged + REPLY_LATE + 1,
    state.trouble?.until ?? Infinity,
    state.message?.until ?? Infinity,
    state.status?.until ?? Infinity,
    state.status?.sampleAt ?? Infinity,
    state.closedUntil,
    state.connected ? Infinity : state.started + CONNECTING,
    state.connected || state.ending !== undefined ? Infinity : state.giveUpAt - (countdown(state, now) - 1) * 1000,
    state.connected || state.ending !== undefined ? Infinity : state.giveUpAt
  ]
  return Math.min(...candidates.filter((at) => at > now))
}
