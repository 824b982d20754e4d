/**
 * Reads the output of ssh and the server, line by line, up to the server's endpoint or an error (spec 1.2 steps 7 and 8).
 */
import * as Result from "effect/Result"
import { BootstrapError, type BootstrapReason } from "./BootstrapError.ts"
import * as ConnectLine from "./ConnectLine.ts"
import * as LineFilter from "./LineFilter.ts"
import * as SessionReply from "../registry/SessionReply.ts"

export interface Transcript {
  /** The destination; `null` for this machine, without ssh. */
  readonly destination: string | null
  /** The command line of a login by ssh alone. */
  readonly login: string | undefined
  /** The program of the server's command line, as error messages name it. */
  readonly program: string
  readonly askedForRange: boolean
  /** Whether the request is for a session that may run already: only effect-mosh's `mosh-server` understands it. */
  readonly asksForSession: boolean
  /** The sessions among which the user has to choose, as far as the server listed them. */
  readonly offered: SessionReply.Reply
  /** The server's address, if it is known here or the proxy command reported it. */
  readonly address: string | undefined
  /** The address at which sshd was reached, by its own account: wrong behind NAT. */
  readonly addressByServer: string | undefined
  /** The last other lines, by which `diagnose` recognises a failure. */
  readonly lines: ReadonlyArray<string>
  /** The style in which the next line for the user continues. */
  readonly style: LineFilter.Style
}

/** Where a server listens, and the key of its one session. */
export interface ServerEndpoint {
  readonly address: string
  readonly port: number
  readonly key: string
  /** Only the server reported this address: it may not be reachable from here. */
  readonly addressUncertain: boolean
}

export type Progress =
  | { readonly _tag: "Listening"; readonly transcript: Transcript }
  /** As `Listening`; `text` is the line as the user's terminal may have it: filtered, and without a key. */
  | { readonly _tag: "Show"; readonly transcript: Transcript; readonly text: string }
  /** Later lines are ignored. */
  | { readonly _tag: "Ended"; readonly result: Result.Result<ServerEndpoint, BootstrapError> }

export interface Ending {
  /** The exit status, or `undefined` when a signal ended it. */
  readonly code: number | undefined
  readonly signal: string | undefined
}

export const begin = (options: {
  readonly destination: string | null
  /** The command line of a login by ssh alone. Default: `ssh` and the destination. */
  readonly login?: string | undefined
  /** The server's command line; its last word is the program. */
  readonly server: string
  readonly askedForRange: boolean
  /** Default: no. */
  readonly asksForSession?: boolean
  readonly address: string | undefined
}): Transcript => ({
  destination: options.destination,
  login: options.login,
  program:
    options.server
      .trim()
      .split(/[\s/]+/)
      .at(-1) ?? "",
  askedForRange: options.askedForRange,
  asksForSession: options.asksForSession ?? false,
  offered: SessionReply.initial,
  address: options.address,
  addressByServer: undefined,
  lines: [],
  style: ""
})

/** Processes one line, without its line feed. */
export const readLine = (transcript: Transcript, line: string): Progress => {
  const read = ConnectLine.parse(line)
  switch (read._tag) {
    case "Other": {
      const offered = transcript.asksForSession ? SessionReply.readLine(transcript.offered, line) : undefined
      if (offered !== undefined) return { _tag: "Listening", transcript: { ...transcript, offered } }
      const shown = withoutKey(LineFilter.filter(read.text))
      const lines = [...transcript.lines.slice(1 - LINES_KEPT), kept(shown)]
      // The message about the error explains more than the usage of stock's server.
      if (transcript.asksForSession && USAGE.test(shown)) {
        return { _tag: "Listening", transcript: { ...transcript, lines } }
      }
      const { style, text } = LineFilter.continued(transcript.style, shown)
      return { _tag: "Show", transcript: { ...transcript, lines, style }, text }
    }
    case "Address":
      return transcript.address === undefined
        ? { _tag: "Listening", transcript: { ...transcript, address: read.address } }
        : failed(transcript, "AddressRepeated", `${transcript.address} and ${read.address}`)
    case "SshConnection":
      return { _tag: "Listening", transcript: { ...transcript, addressByServer: read.address } }
    case "Malformed":
      return failed(transcript, "LineMalformed", kept(withoutKey(printable(read.text))))
    case "Connect": {
      const address = transcript.address ?? transcript.addressByServer
      if (address === undefined) return failed(transcript, "AddressUnknown", "")
      const { key, port } = read
      const addressUncertain = transcript.address === undefined
      return { _tag: "Ended", result: Result.succeed({ address, port, key, addressUncertain }) }
    }
  }
}

/** The error of a command that ended before it printed the server's endpoint. */
export const diagnose = (transcript: Transcript, ending: Ending): BootstrapError => {
  const { askedForRange, asksForSession, destination, lines, program } = transcript
  const printed = (pattern: RegExp) => lines.find((line) => pattern.test(line))
  const because = (reason: BootstrapReason, detail: string) => failure(transcript, reason, detail)
  const status = ending.signal === undefined ? `exit status ${ending.code ?? "unknown"}` : `ended by ${ending.signal}`

  if (printed(LOCALE) !== undefined) return because("LocaleNotUtf8", status)
  if (askedForRange && printed(BAD_PORTS) !== undefined) return because("PortRangeNotUnderstood", status)
  const taken = printed(PORTS_TAKEN)
  if (taken !== undefined) return because("PortsTaken", printable(taken))
  const joined = printed(JOINED)
  if (joined !== undefined) return because("LineMalformed", printable(joined))
  if (asksForSession && printed(USAGE) !== undefined) return because("SessionsUnsupported", status)
  const bySsh = destination !== null
  if (bySsh && ending.code === SSH_FAILED) {
    const [, reason] = SSH_WORDS.find(([words]) => printed(words) !== undefined) ?? []
    return because(reason ?? "SshFailed", status)
  }
  const missing = lines.some((line) => line.includes(program) && NOT_FOUND.test(line))
  if (missing || ending.code === COMMAND_NOT_FOUND) return because("ServerNotFound", status)
  if (printed(asksForSession ? REFUSAL : LIMIT) !== undefined) return because("SessionRefused", status)
  return because(bySsh && ending.signal !== undefined ? "SshFailed" : "ServerFailed", status)
}

const LINES_KEPT = 50
const LENGTH_KEPT = 300

/** ssh's exit status for its own failures; any other status is the remote command's. */
const SSH_FAILED = 255
/** The exit status of POSIX shells for an unknown command. */
const COMMAND_NOT_FOUND = 127

/** Messages of OpenSSH and our proxy command for a failed connection; the first that matches counts. */
const SSH_WORDS: ReadonlyArray<readonly [RegExp, BootstrapReason]> = [
  [/HOST IDENTIFICATION HAS CHANGED/, "HostKeyChanged"],
  [/Host key verification failed/, "HostKeyUnknown"],
  [/Permission denied|Too many authentication failures/, "NotLetIn"],
  [/could not resolve|no address of/i, "NameUnknown"],
  [/connection refused/i, "SshRefused"],
  [/timed out|unreachable|no route to host/i, "SshUnreachable"]
]

/** The messages of sh, bash, zsh, fish, csh, ksh, busybox, env and Windows for an unknown command. */
const NOT_FOUND = /not found|unknown command|no such file|not recognized/i
const LOCALE = /mosh-server needs a UTF-8/
const BAD_PORTS = /Bad UDP port/
/** How a `mosh-server` that knows no sessions responds to a request for one: stock's, or an earlier effect-mosh. */
const USAGE = /^Usage: \S*mosh-server new/
/** How effect-mosh's `mosh-server` begins an error. */
const REFUSAL = /^mosh-server: /
/** The refusal of a further session. */
const LIMIT = /^mosh-server: .*MOSH_SERVER_MAX_DETACHED/
const PORTS_TAKEN = /(bind|UDP port).*: address already in use/i

/** The server's line, preceded by text without a line feed that the remote shell printed. */
const JOINED = /MOSH CONNECT \d+ \S/

const kept = (text: string): string => text.slice(0, LENGTH_KEPT)

const failed = (transcript: Transcript, reason: BootstrapReason, detail: string): Progress => ({
  _tag: "Ended",
  result: Result.fail(failure(transcript, reason, detail))
})

const failure = ({ destination, login }: Transcript, reason: BootstrapReason, detail: string): BootstrapError =>
  new BootstrapError({ reason, destination, detail, ...(login === undefined ? {} : { login }) })

/**
 * Hides the key of a session, which must not reach the terminal's scrollback or a pasted report. The whole word at its
 * position is replaced, so that nothing remains of a key that is truncated or has text appended.
 */
const withoutKey = (text: string): string => text.replace(/(?<=MOSH CONNECT\s+\d+\s+)\S+/g, "(a key)")

/** Untrusted text for one of our messages, without anything that controls the terminal. */
const printable = (text: string): string =>
  LineFilter.filter(text)
    .replace(/\u001b\[[\d;:]*[mK]|[\u0000-\u001f]/g, "")
    .trim()
