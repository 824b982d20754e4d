/**
 * Decides when the ssh that carries a relay is started, given up and started again.
 *
 * An ssh that ends is replaced: at once if it worked, otherwise after a delay that doubles with each failure. An ssh that
 * carries nothing back is replaced too, because TCP takes minutes to notice a lost connection. A change of the network
 * shortens both waits. Nothing is due while the session is silent, so an idle session does not wake up.
 */
import type { Machine, Millis } from "../Machine.ts"

export type Phase =
  /** No ssh is wanted. */
  | { readonly _tag: "Stopped" }
  /** ssh logs in. `until`: when it is given up; `Infinity` while the user is asked. */
  | { readonly _tag: "Starting"; readonly since: Millis; readonly until: Millis }
  /** The relay has greeted. `unanswered`: when the first datagram was sent after the newest one arrived. */
  | { readonly _tag: "Up"; readonly since: Millis; readonly unanswered: Millis; readonly patience: Millis }
  /** The next ssh starts at `until`. */
  | { readonly _tag: "Waiting"; readonly until: Millis }

export interface RelayLink {
  readonly phase: Phase
  /** Consecutive failures. */
  readonly failures: number
}

export type Input =
  /** Whether a relay is wanted. */
  | { readonly _tag: "Wanted"; readonly wanted: boolean }
  /** The relay greeted. */
  | { readonly _tag: "Greeted" }
  /** Bytes arrived from the relay. */
  | { readonly _tag: "Received" }
  /** A datagram was written to ssh. */
  | { readonly _tag: "Sent" }
  /** ssh ended by itself. `isFinal`: another one would end the same way. */
  | { readonly _tag: "Ended"; readonly isFinal: boolean }
  /** The user is being asked for a password, or no longer. */
  | { readonly _tag: "Asking"; readonly asking: boolean }
  /** The host slept, or its network changed. */
  | { readonly _tag: "Disrupted" }
  | { readonly _tag: "Tick" }

export type Output =
  /** Start an ssh. */
  | { readonly _tag: "Start" }
  /** End the ssh that was started last. Its end is not an input. */
  | { readonly _tag: "Kill" }
  /** The relay can carry datagrams from now on. */
  | { readonly _tag: "Usable" }
  /** The relay carries none any more. Precedes the other outputs. */
  | { readonly _tag: "Unusable" }

export const STOPPED: RelayLink = { phase: { _tag: "Stopped" }, failures: 0 }

/** How long a login may take, ms, besides the user's answers. */
export const LOGIN: Millis = 30_000
/** Silence, ms, after which a relay is dead. A server sends a heartbeat every 3 s. */
export const SILENCE: Millis = 8000
/** The same after the network changed, ms. */
export const SILENCE_DISRUPTED: Millis = 1500
/** The delays between failed attempts, ms. */
export const FIRST_DELAY: Millis = 1000
export const MAX_DELAY: Millis = 60_000
/** An ssh that lasted longer, ms, did not fail. */
const LASTED: Millis = 10_000

const step = (link: RelayLink, input: Input, now: Millis): readonly [RelayLink, ReadonlyArray<Output>] => {
  const [next, outputs] = advance(link, input, now)
  const wasUp = isUp(link)
  if (wasUp === isUp(next)) return [next, outputs]
  return [next, wasUp ? [{ _tag: "Unusable" }, ...outputs] : [...outputs, { _tag: "Usable" }]]
}

const advance = (link: RelayLink, input: Input, now: Millis): readonly [RelayLink, ReadonlyArray<Output>] => {
  const { phase } = link
  switch (input._tag) {
    case "Wanted":
      if (input.wanted) return phase._tag === "Stopped" ? start(0, now) : [link, []]
      return [STOPPED, isRunning(phase) ? [{ _tag: "Kill" }] : []]
    case "Greeted":
      return phase._tag === "Starting"
        ? [{ ...link, phase: { _tag: "Up", since: now, unanswered: Infinity, patience: SILENCE } }, []]
        : [link, []]
    case "Received":
      return phase._tag === "Up" && (phase.unanswered !== Infinity || phase.patience !== SILENCE)
        ? [{ ...link, phase: { ...phase, unanswered: Infinity, patience: SILENCE } }, []]
        : [link, []]
    case "Sent":
      return phase._tag === "Up" && phase.unanswered === Infinity
        ? [{ ...link, phase: { ...phase, unanswered: now } }, []]
        : [link, []]
    case "Ended":
      if (!isRunning(phase)) return [link, []]
      if (input.isFinal) return [{ ...STOPPED, failures: link.failures + 1 }, []]
      return retry(link, now, [])
    case "Asking":
      return phase._tag === "Starting"
        ? [{ ...link, phase: { ...phase, until: input.asking ? Infinity : now + LOGIN } }, []]
        : [link, []]
    case "Disrupted":
      return disrupted(link, now)
    case "Tick":
      return now >= deadline(link) ? due(link, now) : [link, []]
  }
}

const isRunning = ({ _tag }: Phase): boolean => _tag === "Starting" || _tag === "Up"

const start = (failures: number, now: Millis): readonly [RelayLink, ReadonlyArray<Output>] => [
  { phase: { _tag: "Starting", since: now, until: now + LOGIN }, failures },
  [{ _tag: "Start" }]
]

/** Starts another ssh, now or after a delay. */
const retry = (
  { failures, phase }: RelayLink,
  now: Millis,
  outputs: ReadonlyArray<Output>
): readonly [RelayLink, ReadonlyArray<Output>] => {
  const hasWorked = phase._tag === "Up" && (failures === 0 || now - phase.since >= LASTED)
  // An ssh that greeted and ended at once counts as a failure of the next one.
  const count = hasWorked && phase.since <= now - LASTED ? 0 : failures + 1
  if (hasWorked) {
    const [link, started] = start(count, now)
    return [link, [...outputs, ...started]]
  }
  return [{ phase: { _tag: "Waiting", until: now + delay(count) }, failures: count }, outputs]
}

/** The delay before the next attempt, after so many failures. */
const delay = (failures: number): Millis => Math.min(MAX_DELAY, FIRST_DELAY * 2 ** Math.min(failures - 1, 16))

const disrupted = (link: RelayLink, now: Millis): readonly [RelayLink, ReadonlyArray<Output>] => {
  const { phase } = link
  switch (phase._tag) {
    case "Waiting":
      return start(0, now)
    case "Up":
      return [
        {
          ...link,
          phase: { ...phase, patience: SILENCE_DISRUPTED, unanswered: phase.unanswered === Infinity ? Infinity : now }
        },
        []
      ]
    default:
      return [link, []]
  }
}

const due = (link: RelayLink, now: Millis): readonly [RelayLink, ReadonlyArray<Output>] => {
  switch (link.phase._tag) {
    case "Waiting":
      return start(link.failures, now)
    case "Starting":
    case "Up":
      return retry(link, now, [{ _tag: "Kill" }])
    case "Stopped":
      return [link, []]
  }
}

const deadline = ({ phase }: RelayLink): Millis => {
  switch (phase._tag) {
    case "Stopped":
      return Infinity
    case "Starting":
    case "Waiting":
      return phase.until
    case "Up":
      return phase.unanswered + phase.patience
  }
}

export const machine: Machine<RelayLink, Input, Output> = { step, deadline }

/** Whether the relay can carry datagrams. */
export const isUp = ({ phase }: RelayLink): boolean => phase._tag === "Up"
