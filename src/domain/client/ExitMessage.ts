/**
 * The lines that report on stderr how a session ended (spec 10.4). A clean end prints none.
 */
import { openPortAdvice } from "../arguments/OpenPorts.ts"
import type { Millis } from "../Machine.ts"
import type { SessionEnding } from "../wire/SessionEnding.ts"
import { plain } from "../session/PlainText.ts"
import * as SessionName from "../registry/SessionName.ts"
import { duration } from "./StatusLine.ts"

/** How a session ended, as far as the client knows. */
export interface Ending {
  /** The server's numeric address and UDP port. */
  readonly host: string
  readonly port: number
  readonly how: How
  /** How long ago the newest state of the server arrived, ms; `undefined` if none ever did. */
  readonly silentFor: Millis | undefined
  /** Why the last send failed, as a phrase for the user; `undefined` if it succeeded. */
  readonly unsent: string | undefined
  /** Whether the server's host reported that the port is closed. */
  readonly refused: boolean
  /** Why the server ended the session; `undefined` if it did not report that. */
  readonly reported: SessionEnding | undefined
  /** The name of the signal that ended this client, such as `SIGTERM`; `undefined` if none did. */
  readonly signal: string | undefined
  /** Whether the user typed within the last seconds, so that the user may have ended the program. */
  readonly typing: boolean
  /** Whether typed input remained unacknowledged. */
  readonly undelivered: boolean
  /** Whether the user asked to detach. */
  readonly detaching: boolean
  /** The command that attaches to a session on the same host: to `which`, or to the only one. Default: one without the host. */
  readonly attachCommand?: AttachCommand | undefined
  /** Only ssh could carry the session: why it did not, as a phrase for the user. */
  readonly throughSsh?: string | undefined
}

export type AttachCommand = (which: SessionName.Selector | undefined) => string

/** How the transport ended. */
export type How =
  /** The client shut down, and the server acknowledged it. */
  | "Acknowledged"
  /** The server shut down. */
  | "PeerShutdown"
  /** The client shut down, and the server did not acknowledge it in time. */
  | "TimedOut"
  /** The client exited without waiting for the server. */
  | "Abandoned"
  /** The session's key has encrypted as much as is safe (spec 2.3). */
  | "KeyExhausted"

/** Whether both ends know that the session is over. */
export const isClean = (how: How): boolean => how === "Acknowledged" || how === "PeerShutdown"

/** The lines to print; none after a clean end. */
export const lines = (ending: Ending): ReadonlyArray<string> => {
  const { silentFor, host, how, port, refused, undelivered } = ending
  if (silentFor === undefined && !isClean(how)) {
    const lost = undelivered ? ["mosh: what was typed did not reach the server."] : []
    return [...neverAnswered(ending), ...lost]
  }
  const output: Array<string> = []
  if (ending.signal !== undefined) output.push(`mosh: this client was ended by ${ending.signal}.`)
  else if (how === "PeerShutdown") output.push(...endedByOthers(ending))
  if (how === "KeyExhausted")
    output.push("mosh: the session's key has encrypted all it safely may, so the session had to end. Connect anew.")
  if (!isClean(how) && refused) output.push(...gone(host, port))
  else if (!isClean(how) && ending.detaching)
    output.push(
      `mosh: ${host} did not confirm the detach; the session keeps running there. To attach again: ${attach(ending)}`
    )
  else if (!isClean(how)) output.push(...unconfirmed(host, silentFor ?? 0))
  if (undelivered) output.push("mosh: some of what was typed last may not have reached the server.")
  return output
}

/** No line if the program exited: that is how sessions normally end. */
const endedByOthers = (ending: Ending): ReadonlyArray<string> => {
  const { host, reported, typing } = ending
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
    case "Detached":
      return [`mosh: detached; the session on ${host} keeps running. To attach again: ${attach(ending)}`]
    case "TakenOver":
      return [
        `mosh: another client${at(reported.from)} took over the session on ${host}. To take it back: ${attach(ending)}`
      ]
    case "ClientLeft":
      return [`mosh: the session on ${host} ended, because its last other client left.`]
    case undefined:
      if (reported !== undefined) return [`mosh: ${host} ended the session.`]
      // A stock server gives no reason.
      return typing ? [] : [`mosh: ${host} ended the session: its program exited, or a signal ended it.`]
  }
}

/** The command that attaches again. What the server calls the session is part of it only if it is a name or an ID. */
const attach = ({ attachCommand = withoutHost, reported }: Ending): string =>
  attachCommand(reported?.session === undefined ? undefined : SessionName.selector(reported.session))

const withoutHost: AttachCommand = (which) => `mosh --attach${which === undefined ? "" : `=${which}`} [user@]host`

const at = (address: string | undefined): string =>
  address === undefined || address === "" ? "" : `, at ${plain(address, LONGEST_ADDRESS)},`

const LONGEST_ADDRESS = 50

const neverAnswered = (ending: Ending): ReadonlyArray<string> =>
  ending.throughSsh === undefined ? withoutUdp(ending) : [`mosh: no session through ssh: ${ending.throughSsh}.`]

const withoutUdp = ({ host, port, refused, unsent }: Ending): ReadonlyArray<string> => [
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
          "That error comes from this machine: check its own network, routes and firewall first."
        ])
]

/** How the session ended, as a phrase for the verbose log. `answered`: whether the server ever answered. */
export const words = (how: How, answered: boolean): string =>
  answered || isClean(how) ? WORDS[how] : "the server never answered"

const WORDS: Readonly<Record<How, string>> = {
  Acknowledged: "we left, and the server confirmed it",
  PeerShutdown: "the server ended the session",
  TimedOut: "we left, and the server never confirmed it",
  Abandoned: "we left without waiting for the server",
  KeyExhausted: "the key has encrypted all it safely may"
}

/** Silence, ms, after which the server is more likely gone or unreachable than slow. */
const SILENT: Millis = 6500

const gone = (host: string, port: number): ReadonlyArray<string> => [
  `mosh did not shut down cleanly: UDP port ${port} of ${host} is closed.`,
  "Most likely the server has ended, or the machine was restarted; mosh --list [user@]host shows what still runs."
]

const unconfirmed = (host: string, silentFor: Millis): ReadonlyArray<string> => [
  silentFor > SILENT
    ? `mosh did not shut down cleanly: the server at ${host}, silent for ${duration(silentFor)}, did not confirm the end.`
    : `mosh did not shut down cleanly: the server at ${host} did not confirm the end.`,
  "It may still be running there: mosh --list [user@]host shows that, and mosh --kill ends it."
]
