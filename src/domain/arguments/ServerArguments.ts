/**
 * Parses the command line of `mosh-server` (spec 1.5).
 */
import * as Result from "effect/Result"
import { letters as LETTERS, manual } from "../manual/MoshServerManual.ts"
import type { Mode } from "../session/Attachments.ts"
import { DETACHABLE } from "../session/Persistence.ts"
import * as RequestOrigin from "../registry/RequestOrigin.ts"
import * as SessionName from "../registry/SessionName.ts"
import * as SessionCommand from "../registry/SessionCommand.ts"
import * as RelayFrame from "../relay/RelayFrame.ts"
import * as PortRange from "./PortRange.ts"
import { WITHOUT_TERMINAL } from "../command/CommandRequest.ts"
import { AGENT } from "../forwarding/AgentChoice.ts"
import * as PosixOptions from "./PosixOptions.ts"

export type ServerArguments =
  | { readonly _tag: "Help" }
  | { readonly _tag: "Version" }
  /** List this user's sessions: as a table for the user, as JSON for a script, or as lines for `mosh`. */
  | { readonly _tag: "List"; readonly form: "Table" | "Json" | "Lines" }
  /** End sessions of this user. */
  | { readonly _tag: "Kill"; readonly kill: SessionCommand.Kill; readonly forPrograms: boolean }
  /** Let one more client attach to a running session: to `which`, or to the only one. */
  | {
      readonly _tag: "Attach"
      readonly which: SessionName.Selector | undefined
      readonly mode: Mode
      readonly request: ServerRequest
      readonly complaints: ReadonlyArray<string>
    }
  /** Let one more client attach to the session `name`, or start it. */
  | {
      readonly _tag: "Session"
      readonly name: string
      readonly request: ServerRequest
      readonly complaints: ReadonlyArray<string>
    }
  /** Carry the datagrams of the session on `port` through standard input and output. */
  | { readonly _tag: "Relay"; readonly port: number }
  /** Start, after printing `complaints` on stderr: lines about unknown options. */
  | { readonly _tag: "Start"; readonly request: ServerRequest; readonly complaints: ReadonlyArray<string> }
  /** Print `complaints` on stderr and exit 1. */
  | { readonly _tag: "Refused"; readonly complaints: ReadonlyArray<string> }

export interface ServerRequest {
  readonly bind: Bind
  readonly ports: PortRange.PortRange
  /** Number of colours of the client's terminal; 0 if the option is missing. */
  readonly colors: number
  /** Number of `-v` options. */
  readonly verbosity: number
  /** The values of `-l`, in order: the client's locale variables as `NAME=VALUE`, and any other text. */
  readonly locale: ReadonlyArray<string>
  /** The program and its arguments; empty for a login shell. */
  readonly command: ReadonlyArray<string>
  /** Whether the session keeps running after its client left. A session with a name does so in any case. */
  readonly detachable: boolean
  /** Whether a program lets the user choose if several sessions can be attached. */
  readonly choose: boolean
  /** The session in which the user's `mosh` runs; `undefined` if in none. */
  readonly inside: RequestOrigin.Inside | undefined
  /** Whether programs of the session may use the agents of its clients. */
  readonly agent: boolean
  /** Whether to run commands without a terminal for the client, instead of `command` on one. */
  readonly withoutTerminal: boolean
}

export type Bind =
  | { readonly _tag: "Any" }
  /** The address at which sshd accepted the connection. */
  | { readonly _tag: "Ssh" }
  | { readonly _tag: "Address"; readonly address: string }

export const USAGE = `Usage: ${manual.usage[0]}`

const REFUSED: ServerArguments = { _tag: "Refused", complaints: [USAGE] }

const DEFAULT: ServerRequest = {
  bind: { _tag: "Any" },
  ports: PortRange.DEFAULT,
  colors: 0,
  verbosity: 0,
  locale: [],
  command: [],
  detachable: false,
  choose: false,
  inside: undefined,
  agent: false,
  withoutTerminal: false
}

/** Parses the arguments after the program's name. Total. */
export const parse = (line: ReadonlyArray<string>): ServerArguments => {
  const end = line.indexOf("--")
  const own = end < 0 ? line : line.slice(0, end)
  const command = end < 0 ? [] : line.slice(end + 1)

  const [first = ""] = own
  if (/^--(list$|kill(=|$))/.test(first) && !own.includes("--help")) return parseQuestion(first, own.slice(1))

  const question = own.find((argument) => argument === "--help" || argument === "-h" || argument === "--version")
  if (question !== undefined) return { _tag: question === "--version" ? "Version" : "Help" }

  if (own[0] === "attach") return parseAttach(own.slice(1))
  if (own[0] === "session") return parseSession(own.slice(1), command)
  if (own[0] === "relay") return parseRelay(own.slice(1))
  if (own[0] === "new") return parseOptions(own.slice(1), command)
  return own.length <= 2 ? parseLegacy(own, command) : REFUSED
}

/**
 * Parses `--list` and `--kill=WHICH`, which must be the first argument, where stock expects an address. A `--version`
 * after them requests lines for programs: a stock server ignores the rest, prints its version, and starts nothing.
 */
const parseQuestion = (question: string, others: ReadonlyArray<string>): ServerArguments => {
  const forPrograms = others.at(-1) === "--version"
  const rest = forPrograms ? others.slice(0, -1) : others
  const force = question !== "--list" && rest.at(-1) === "--force"
  const values = force ? rest.slice(0, -1) : rest
  if (question === "--list" && values.length === 0) return { _tag: "List", form: forPrograms ? "Lines" : "Table" }
  if (question === "--list" && values.length === 1 && values[0] === "--json") return { _tag: "List", form: "Json" }
  const value = question === "--kill" && values.length === 1 ? values[0] : question.slice("--kill=".length)
  if (question === "--list" || (question !== "--kill" && values.length > 0) || value === undefined) return REFUSED
  const which = SessionCommand.which(value)
  return Result.isSuccess(which)
    ? { _tag: "Kill", kill: { which: which.success, force }, forPrograms }
    : { _tag: "Refused", complaints: [`mosh-server: ${which.failure}`] }
}

/** `attach [--share|--view] [WHICH] [new] [options]`: wrappers append `new` and its options to the server's command line. */
const parseAttach = (all: ReadonlyArray<string>): ServerArguments => {
  const mode = MODES.get(all[0] ?? "") ?? "TakeOver"
  const own = mode === "TakeOver" ? all : all.slice(1)
  const [word = "", ...others] = own
  const isNamed = word !== "" && word !== "new" && !word.startsWith("-")
  const which = isNamed ? SessionName.selector(word) : undefined
  if (isNamed && which === undefined) {
    return { _tag: "Refused", complaints: [`mosh-server: attach ${word}: neither a name nor the ID of a session.`] }
  }
  const rest = isNamed ? others : own
  const options = parseOptions(rest[0] === "new" ? rest.slice(1) : rest, [])
  return options._tag === "Start" ? { ...options, _tag: "Attach", which, mode } : options
}

const MODES: ReadonlyMap<string, Mode> = new Map([
  ["--share", "Share"],
  ["--view", "View"]
])
/** `session NAME [new] [options]`, as `attach`; the command is for a session that is started. */
const parseSession = (own: ReadonlyArray<string>, command: ReadonlyArray<string>): ServerArguments => {
  const [text = "", ...rest] = own
  const name = SessionName.parse(text)
  if (Result.isFailure(name)) return { _tag: "Refused", complaints: [`mosh-server: session: ${name.failure}`] }
  const options = parseOptions(rest[0] === "new" ? rest.slice(1) : rest, command)
  return options._tag === "Start" ? { ...options, _tag: "Session", name: name.success } : options
}

/**
 * `relay PORT VERSION`. With two operands: stock servers refuse that, and take `relay` and a port alone for an address and
 * a port to listen on.
 */
const parseRelay = ([portText = "", version = "", ...others]: ReadonlyArray<string>): ServerArguments => {
  const port = Number(portText)
  if (!/^\d{1,5}$/.test(portText) || PortRange.portProblem(port) !== undefined || others.length > 0) return REFUSED
  return version === RelayFrame.VERSION
    ? { _tag: "Relay", port }
    : { _tag: "Refused", complaints: ["mosh-server: relay: the client needs another version of mosh-server."] }
}

/** Parses the old form, without `new`: `[IP [PORT]]`. */
const parseLegacy = (own: ReadonlyArray<string>, command: ReadonlyArray<string>): ServerArguments => {
  const [address, portText] = own
  const bind: Bind = address === undefined ? DEFAULT.bind : { _tag: "Address", address }
  const ports = portText === undefined ? Result.succeed(PortRange.DEFAULT) : PortRange.parse(portText)
  if (Result.isFailure(ports)) return badPort(portText ?? "", ports.failure, [])
  return { _tag: "Start", request: { ...DEFAULT, bind, ports: ports.success, command }, complaints: [] }
}

const parseOptions = (own: ReadonlyArray<string>, command: ReadonlyArray<string>): ServerArguments => {
  const complaints: Array<string> = []
  const locale: Array<string> = []
  let bind = DEFAULT.bind
  let ports = DEFAULT.ports
  let colors = DEFAULT.colors
  let verbosity = 0
  let { choose, detachable, inside } = DEFAULT
  let withoutTerminal = false
  let agent = false
  for (const token of PosixOptions.parse(LETTERS, own)) {
    const misunderstood = PosixOptions.complaint("mosh-server", token)
    if (misunderstood !== undefined) complaints.push(misunderstood, USAGE)
    if (token._tag === "Flag") {
      if (token.letter === "s") bind = { _tag: "Ssh" }
      else verbosity += 1
    }
    if (token._tag !== "Value") continue
    switch (token.letter) {
      case "i":
        bind = { _tag: "Address", address: token.value }
        break
      case "@":
        // Stock servers ignore this option, and we ignore values for newer servers.
        detachable ||= token.value === DETACHABLE
        choose ||= token.value === RequestOrigin.CHOOSE
        inside ??= RequestOrigin.parse(token.value)
        agent ||= token.value === AGENT
        withoutTerminal ||= token.value === WITHOUT_TERMINAL
        break
      case "l":
        locale.push(token.value)
        break
      case "p": {
        const range = PortRange.parse(token.value)
        if (Result.isFailure(range)) return badPort(token.value, range.failure, complaints)
        ports = range.success
        break
      }
      case "c":
        if (!/^[+-]?\d+$/.test(token.value)) {
          return {
            _tag: "Refused",
            complaints: [...complaints, `mosh-server: Bad number of colors (${token.value})`, USAGE]
          }
        }
        colors = Number(token.value)
        break
    }
  }
  return {
    _tag: "Start",
    request: { bind, ports, colors, verbosity, locale, command, detachable, choose, inside, agent, withoutTerminal },
    complaints
  }
}

/** Stock's wrapper searches for the words "Bad UDP port" (spec 1.2, step 7). */
const badPort = (text: string, why: string, complaints: ReadonlyArray<string>): ServerArguments => ({
  _tag: "Refused",
  complaints: [...complaints, why, `mosh-server: Bad UDP port range (${text})`, USAGE]
})

/**
 * The address at which sshd accepted the connection: the third word of `SSH_CONNECTION`, without the prefix of an
 * IPv4-mapped address. A failure is the warning to print before binding to any address.
 */
export const sshAddress = (connection: string | undefined): Result.Result<string, string> => {
  if (connection === undefined || connection === "") {
    return Result.fail("Warning: SSH_CONNECTION not found; binding to any interface.")
  }
  const address = connection.trim().split(/\s+/)[2]
  if (address === undefined) {
    return Result.fail("Warning: Could not parse SSH_CONNECTION; binding to any interface.")
  }
  return Result.succeed(address.replace(/^::ffff:/i, ""))
}
