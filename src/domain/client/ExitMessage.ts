/**
 * What a person is told, on stderr, about how a session ended (spec 10.4). A clean end needs no words.
 */
import { openPortAdvice } from "../arguments/OpenPorts.ts"
import type { Millis } from "../Machine.ts"
import type { SessionEnding } from "../wire/SessionEnding.ts"
import { duration } from "./StatusLine.ts"

export interface Ending {
  /** The server's numeric address, and its UDP port. */
  readonly host: string
  readonly port: number
  readonly how: How
  /** How long ago the server was last heard; `undefined` when it never was. */
  readonly heard: Millis | undefined
  /** Why datagrams could not be sent at last, in words for a person; `undefined` when they could. */
  readonly unsent: string | undefined
  /** Whether the server's host answered that nothing listens on the port. */
  readonly refused: boolean
  /** Why the server ended the session, where it reports that. */
  readonly reported: SessionEnding | undefined
  /** The signal that ended this client, such as `SIGTERM`. */
  readonly signal: string | undefined
  /** Whether the user typed in the last seconds: then the end may be the user's own. */
  readonly typing: boolean
  /** Whether something was typed that the server never confirmed. */
  readonly undelivered: boolean
}

export type How =
  /** We left, and the server confirmed it. */
  | "Acknowledged"
  /** The server ended the session. */
  | "PeerShutdown"
  /** We left, and the server never confirmed it. */
  | "TimedOut"
  /** We left, and were told not to wait for the server. */
  | "Abandoned"
  /** The session's key had encrypted all it may (spec 2.3). */
  | "KeyExhausted"

/** Whether both sides know that the session is over. */
export const isClean = (how: How): boolean => how === "Acknowledged" || how === "PeerShutdown"

/** The lines to print; none after a clean end. */
export const lines = (ending: Ending): ReadonlyArray<string> => {
  const { heard, host, how, port, refused, undelivered } = ending
  if (heard === undefined && !isClean(how)) return neverAnswered(ending)
  const said: Array<string> = []
  if (ending.signal !== undefined) said.push(`mosh: this client was ended by ${ending.signal}.`)
  else if (how === "PeerShutdown") said.push(...endedByOthers(ending))
  if (how === "KeyExhausted")
    said.push("mosh: the session's key has encrypted all it safely may, so the session had to end. Connect anew.")
  if (!isClean(how) && refused) said.push(...gone(host, port))
  else if (!isClean(how)) said.push(...unconfirmed(host, heard ?? 0))
  if (undelivered) said.push("mosh: some of what was typed last may not have reached the server.")
  return said
}

/** Nothing where the program exited by itself: that is how a session ends. */
const endedByOthers = ({ host, reported, typing }: Ending): ReadonlyArray<string> => {
  switch (reported?.why) {
    case "ProgramEnded":
      return []
    case "ProgramKilled":
      return [`mosh: the session's program on ${host} was ended by signal ${(reported.status ?? 128) - 128}.`]
    case "ProgramNotStarted":
      return [`mosh: the session's program could not be started on ${host}.`]
    case "Terminated":
      return [`mosh: a signal ended the session on ${host} (mosh --kill, or a shutdown).`]
    case "HungUp":
      return [`mosh: the session was ended on ${host} by SIGUSR1, because this client had been silent.`]
    case "ClientSilent":
      return [
        `mosh: ${host} ended the session: this client was silent for longer than MOSH_SERVER_NETWORK_TMOUT allows.`
      ]
    case undefined:
      if (reported !== undefined) return [`mosh: ${host} ended the session.`]
      // A stock server gives no reason.
      return typing ? [] : [`mosh: ${host} ended the session: its program exited, or a signal ended it.`]
  }
}

const neverAnswered = ({ host, port, refused, unsent }: Ending): ReadonlyArray<string> => [
  `mosh did not make a successful connection to ${host.includes(":") ? `[${host}]` : host}:${port}:`,
  ...(refused
    ? [
        `${host} answers that its UDP port ${port} is closed.`,
        "The server has ended, or a firewall rejects UDP. mosh --doctor looks for the cause."
      ]
    : unsent === undefined
      ? [
          `the server at ${host} never answered on UDP port ${port}.`,
          "Most likely a firewall in between drops UDP.",
          ...openPortAdvice(port),
          "Or have the server take a port that is open already: mosh -p PORT. mosh --doctor looks for the cause."
        ]
      : [
          `nothing could be sent to ${host}: ${unsent}.`,
          "That is said by this machine: look at its own network, routes and firewall first."
        ])
]

/** In words for the journal; `answered`: whether the server was ever heard. */
export const words = (how: How, answered: boolean): string =>
  answered || isClean(how) ? WORDS[how] : "the server never answered"

const WORDS: Readonly<Record<How, string>> = {
  Acknowledged: "we left, and the server confirmed it",
  PeerShutdown: "the server ended the session",
  TimedOut: "we left, and the server never confirmed it",
  Abandoned: "we left without waiting for the server",
  KeyExhausted: "the key has encrypted all it safely may"
}

/** ms after which a server is rather gone, or cut off, than slow. */
const SILENT: Millis = 6500

const gone = (host: string, port: number): ReadonlyArray<string> => [
  `mosh did not shut down cleanly: UDP port ${port} of ${host} is closed.`,
  "Most likely the server has ended, or the machine was restarted; mosh --list [user@]host shows what still runs."
]

const unconfirmed = (host: string, heard: Millis): ReadonlyArray<string> => [
  heard > SILENT
    ? `mosh did not shut down cleanly: the server at ${host}, silent for ${duration(heard)}, did not confirm the end.`
    : `mosh did not shut down cleanly: the server at ${host} did not confirm the end.`,
  "It may still be running there: mosh --list [user@]host shows that, and mosh --kill ends it."
]
