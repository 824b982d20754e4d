/**
 * Why the ssh of a relay ended, from its exit status and its messages.
 */
import type { Ending } from "../bootstrap/BootstrapTranscript.ts"
import * as LineFilter from "../bootstrap/LineFilter.ts"

export interface RelayFailure {
  readonly reason: RelayReason
  /** A phrase for the user, without anything that controls a terminal. */
  readonly text: string
}

export type RelayReason =
  /** The `mosh-server` there is not effect-mosh's, or an old one. */
  | "Unsupported"
  /** There is no such program. */
  | "ServerNotFound"
  /** The session's port is closed. */
  | "NoSession"
  /** ssh did not let the user in. */
  | "NotLetIn"
  /** The connection of ssh failed or was lost. */
  | "SshFailed"

/** Whether a further attempt would end the same way. */
export const isFinal = ({ reason }: RelayFailure): boolean => reason === "Unsupported" || reason === "ServerNotFound"

/** The exit status of `mosh-server relay` if the port of the session is closed. */
export const NO_SESSION = 3

/** ssh's exit status for its own failures. */
const SSH_FAILED = 255
const COMMAND_NOT_FOUND = 127

/** `lines`: the last lines that ssh and the relay printed on stderr. */
export const diagnose = (ending: Ending, lines: ReadonlyArray<string>): RelayFailure => {
  const printed = lines.map(printable).filter((line) => line !== "")
  const last = printed.at(-1)
  if (printed.some((line) => USAGE.test(line)))
    return { reason: "Unsupported", text: "the mosh-server there has no relay: it is not effect-mosh, or an old one" }
  if (ending.code === COMMAND_NOT_FOUND)
    return { reason: "ServerNotFound", text: `there is no mosh-server for the relay${because(last)}` }
  if (ending.code === NO_SESSION) return { reason: "NoSession", text: "the session has ended on its host" }
  if (ending.code === SSH_FAILED && printed.some((line) => NOT_LET_IN.test(line)))
    return { reason: "NotLetIn", text: last ?? "ssh refused the login" }
  return { reason: "SshFailed", text: last ?? status(ending) }
}

const status = ({ code, signal }: Ending): string =>
  signal === undefined ? `ssh ended with exit status ${code ?? "unknown"}` : `ssh was ended by ${signal}`

const because = (line: string | undefined): string => (line === undefined ? "" : ` (${line})`)

/** How a `mosh-server` without a relay responds. */
const USAGE = /^Usage: \S*mosh-server new/
const NOT_LET_IN = /Permission denied|Too many authentication failures|Host key verification failed/

const LENGTH_KEPT = 200

const printable = (text: string): string =>
  LineFilter.filter(text)
    .replace(/\u001b\[[\d;:]*[mK]|[\u0000-\u001f]/g, "")
    .trim()
    .slice(0, LENGTH_KEPT)
