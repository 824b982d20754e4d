/**
 * Decides what the notification bar shows, such as that the server has been silent for a while (spec 10.5).
 *
 * The bar shows the first of these that applies: that the session ends; what ssh asks the user; the escape key's commands; the
 * command line that the user types; the status line, if the user asked for it; a network error; a passing message; that nothing was ever received.
 * Each is followed by the duration of the server's silence, if that is long.
 */
import * as StatusLine from "./StatusLine.ts"
import type { Machine, Millis } from "../Machine.ts"

/** The parts of the bar's texts that do not change during a session. */
export interface Words {
  /** The server's UDP port; `undefined` if ssh carries the session. */
  readonly port: number | undefined
  /** How to quit, such as `[To quit: Ctrl-^ .]`; `undefined` if no key does that. */
  readonly quitHint: string | undefined
  /** The escape key's commands. */
  readonly help: string
  /** What follows if the server never answers, such as `plain ssh`. Default: `giving up`. */
  readonly unanswered?: string | undefined
}

/** The bar's state. */
export interface Notification {
  readonly words: Words
  readonly started: Millis
  /** When to give up on a server that has never answered. */
  readonly giveUpAt: Millis
  /** When the newest remote state arrived. */
  readonly lastHeard: Millis
  /** When the newest local state that the server acknowledged was sent. */
  readonly lastAcknowledged: Millis
  /** Whether any remote state was ever received. */
  readonly connected: boolean
  /** Why the session ends, for the user; `undefined` while it does not. */
  readonly ending: string | undefined
  readonly helping: boolean
  /** The command line, while the user types one. */
  readonly prompt: string | undefined
  /** What ssh asks the user, with what is shown of the answer. */
  readonly question: string | undefined
  readonly status: Status | undefined
  readonly trouble: Passing | undefined
  /** Until when the bar reports the server's port as closed. */
  readonly closedUntil: Millis
  readonly message: Passing | undefined
  /** The bar's current text; `undefined` if it has none. */
  readonly text: string | undefined
  readonly wake: Millis
}

/** A message, and when it disappears. */
interface Passing {
  readonly text: string
  readonly until: Millis
}

/** The status line, while it is shown. */
interface Status {
  readonly line: string
  readonly until: Millis
  /** When the line is to be updated. */
  readonly sampleAt: Millis
}

/** The state of the connection, and the width of the screen that shows it, in columns. */
export interface Report {
  readonly facts: StatusLine.Facts
  readonly columns: number
}

export type Input =
  | { readonly _tag: "Contact"; readonly lastHeard: Millis; readonly lastAcknowledged: Millis }
  /** The server's host reported that the port is closed. */
  | { readonly _tag: "Refused" }
  /** Sending or receiving failed; `text` is a phrase for the user. */
  | { readonly _tag: "Trouble"; readonly text: string }
  | { readonly _tag: "TroubleOver" }
  /** `undefined` removes the message that is shown. */
  | { readonly _tag: "Message"; readonly text: string | undefined }
  /** The session ends; shown until it has ended. `undefined`: it continues after all. */
  | { readonly _tag: "Ending"; readonly text: string | undefined }
  | { readonly _tag: "Help"; readonly shown: boolean }
  /** The user types a command line; `undefined`: no longer. */
  | { readonly _tag: "Prompt"; readonly text: string | undefined }
  /** ssh asks the user; `undefined`: no longer. */
  | { readonly _tag: "Question"; readonly text: string | undefined }
  /** The user toggled the status line. */
  | { readonly _tag: "Status"; readonly report: Report }
  /** The current state of the connection: the answer to `Sample`. */
  | { readonly _tag: "Report"; readonly report: Report }
  | { readonly _tag: "Tick" }

export type Output =
  /** `text` changed. */
  | { readonly _tag: "Redraw" }
  /** Send a new `Report` for the status line. */
  | { readonly _tag: "Sample" }
  /** Shut the session down: the server did not answer in time. */
  | { readonly _tag: "GiveUp" }

/** How long to wait for the server's first answer, ms. */
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
  prompt: undefined,
  question: undefined,
  status: undefined,
  trouble: undefined,
  closedUntil: -Infinity,
  message: undefined,
  text: undefined,
  wake: now + CONNECTING
})

/** Time, ms, after which the bar reports that nothing was received yet. */
const CONNECTING = 250
/** Silence, ms, after which the bar reports that the server, or its acknowledgement, is late. */
const SERVER_LATE = 6500
const REPLY_LATE = 10_000
/** How long the user may take for an answer to ssh, ms, before the client gives up on a server that has never answered. */
const ANSWER = 60_000
/** How long a message, an error, and an error that is over remain visible, ms. */
const MESSAGE = 5000
const TROUBLE = 3100
const TROUBLE_OVER = 1000
/** How long the bar reports a closed port, ms: longer than the interval between two refused datagrams. */
const CLOSED = 5000
/** How long the status line remains visible, and the interval between its updates, ms. */
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
        : { ...state, trouble: { text: state.trouble.text, until: Math.min(state.trouble.until, now + TROUBLE_OVER) } }
    case "Message":
      return { ...state, message: input.text === undefined ? undefined : { text: input.text, until: now + MESSAGE } }
    case "Ending":
      return { ...state, ending: input.text }
    case "Help":
      return { ...state, helping: input.shown }
    case "Prompt":
      return { ...state, prompt: input.text }
    case "Question":
      return {
        ...state,
        question: input.text,
        giveUpAt: input.text === undefined ? state.giveUpAt : Math.max(state.giveUpAt, now + ANSWER)
      }
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

/** The message to show, without the duration of the silence. */
const message = (state: Notification, now: Millis): string | undefined => {
  if (state.ending !== undefined) return state.ending
  if (state.helping) return state.words.help
  if (state.trouble !== undefined && now < state.trouble.until) return state.trouble.text
  if (state.message !== undefined && now < state.message.until) return state.message.text
  return state.connected ? closed(state, now) : unanswered(state, now)
}

const closed = ({ closedUntil, words }: Notification, now: Millis): string | undefined =>
  now < closedUntil ? `${closedPort(words)}.` : undefined

const closedPort = ({ port }: Words): string =>
  port === undefined ? "The session's port is closed" : `UDP port ${port} is closed`

/** The message while the server has never answered: at most 80 columns, quit hint included. */
const unanswered = (state: Notification, now: Millis): string | undefined => {
  const { port, unanswered = "giving up" } = state.words
  if (state.connected || now < state.started + CONNECTING) return undefined
  const silence = port === undefined ? "Connecting through ssh" : `No answer on UDP port ${port}`
  const what = now < state.closedUntil ? closedPort(state.words) : silence
  return Number.isFinite(state.giveUpAt) ? `${what}; ${unanswered} in ${countdown(state, now)} s.` : `${what}.`
}

/** Whole seconds until the client gives up on the server. */
const countdown = ({ giveUpAt }: Notification, now: Millis): number => Math.ceil((giveUpAt - now) / 1000)

/** Since when the server's states, or else its acknowledgements, are missing; `undefined` while neither is late. */
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
  if (state.question !== undefined && state.ending === undefined) return `${NAME}${state.question}`
  if (state.prompt !== undefined && state.ending === undefined && !state.helping) return `mosh> ${state.prompt}_`
  // The status line contains the duration of the silence itself, and has no room for a second one.
  if (state.status !== undefined && state.ending === undefined && !state.helping) return state.status.line
  const text = message(state, now)
  const late = lateness(state, now)
  if (text === undefined && late === undefined) return undefined
  const hint =
    state.words.quitHint === undefined || text === state.words.help || text?.includes("\n") === true
      ? ""
      : ` ${state.words.quitHint}`
  // The countdown implies the silence.
  if (late === undefined || (text !== undefined && text === unanswered(state, now))) return `${NAME}${text}${hint}`
  const elapsed = shownElapsed(now - late.since)
  return text === undefined
    ? `${NAME}Last ${late.missing} ${duration(elapsed, "seconds")} ago.${hint}`
    : `${NAME}${text} (${duration(elapsed, "s")} without ${late.missing}.)${hint}`
}

/** The interval at which the duration is updated, ms: less often after a minute. */
const interval = (elapsed: Millis): Millis => (elapsed < 60_000 ? 1000 : 3000)

/** The duration of a silence in whole seconds, as of its last update. */
const shownElapsed = (elapsed: Millis): number => (elapsed - (elapsed % interval(elapsed))) / 1000

const duration = (seconds: number, unit: string): string => {
  if (seconds < 60) return `${seconds} ${unit}`
  const two = (n: number): string => String(n).padStart(2, "0")
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** When the text changes next if no input arrives before. */
const nextChange = (state: Notification, now: Millis): Millis => {
  const late = lateness(state, now)
  const elapsed = late === undefined ? 0 : now - late.since
  const isGivingUp = !state.connected && state.ending === undefined
  return Math.min(
    late === undefined ? Infinity : ifAfter(now, now + interval(elapsed) - (elapsed % interval(elapsed))),
    ifAfter(now, state.lastHeard + SERVER_LATE + 1),
    ifAfter(now, state.lastAcknowledged + REPLY_LATE + 1),
    ifAfter(now, state.trouble?.until),
    ifAfter(now, state.message?.until),
    ifAfter(now, state.status?.until),
    ifAfter(now, state.status?.sampleAt),
    ifAfter(now, state.closedUntil),
    state.connected ? Infinity : ifAfter(now, state.started + CONNECTING),
    isGivingUp ? ifAfter(now, state.giveUpAt - (countdown(state, now) - 1) * 1000) : Infinity,
    isGivingUp ? ifAfter(now, state.giveUpAt) : Infinity
  )
}

/** `at`, if it is after `now`; otherwise Infinity, as for NaN, which results where the server has never answered. */
const ifAfter = (now: Millis, at: Millis | undefined): Millis => (at !== undefined && at > now ? at : Infinity)
