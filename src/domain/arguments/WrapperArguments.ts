/**
 * Parses the command line of `mosh`: all options of stock mosh (spec 1.1), and ours.
 */
import * as Result from "effect/Result"
import {
  ADDRESS_SOURCES,
  FALLBACKS,
  FAMILIES,
  type OptionId,
  options as OPTIONS,
  TRANSPORTS
} from "../manual/MoshOptions.ts"
import { PREFERENCES, type ScrollbackPreference } from "../client/ScrollbackPreference.ts"
import * as ForwardSpec from "../forwarding/ForwardSpec.ts"
import * as DisplayPreference from "../prediction/trust/DisplayPreference.ts"
import type { Mode } from "../session/Attachments.ts"
import { plain } from "../session/PlainText.ts"
import * as Persistence from "../session/Persistence.ts"
import * as SessionName from "../registry/SessionName.ts"
import * as LongOptions from "./LongOptions.ts"
import * as PortRange from "./PortRange.ts"
import * as RemoteAddress from "../bootstrap/RemoteAddress.ts"
import * as ShellWords from "./ShellWords.ts"
import * as SshCommandLine from "./SshCommandLine.ts"

export type WrapperArguments =
  | { readonly _tag: "Help" }
  | { readonly _tag: "Version" }
  /** Run as ssh's proxy command, connected to `port` of `host` (spec 1.3). */
  | { readonly _tag: "FakeProxy"; readonly family: Family; readonly host: string; readonly port: number }
  | { readonly _tag: "Open"; readonly request: SessionRequest }
  /** Run a command without a terminal. */
  | { readonly _tag: "Run"; readonly request: SessionRequest; readonly run: SshCommandLine.SshCommandLine }
  /** Check everything that a session needs, and report the results. */
  | { readonly _tag: "Doctor"; readonly request: SessionRequest }
  /** List the user's live sessions at the place, with `json` for scripts. */
  | { readonly _tag: "List"; readonly request: SessionRequest; readonly json: boolean }
  /** End the session that the list calls `which`, or with `all` every session; with `force` also those that have a client. */
  | { readonly _tag: "Kill"; readonly request: SessionRequest; readonly which: string; readonly force: boolean }

/** The requested session. */
export interface SessionRequest {
  readonly place: Place
  /** The program and its arguments; empty for a login shell. */
  readonly command: ReadonlyArray<string>
  /** The session that already runs, to which to attach: `which`, or the only one. `undefined`: start a new one. */
  readonly attach: { readonly which: SessionName.Selector | undefined } | undefined
  /** What the client of a session that already runs may do. */
  readonly mode: Mode
  /** The name of the session to attach to, or to start if there is none. `undefined`: none. */
  readonly session: string | undefined
  /** Whether a new session keeps running after its client left, even without a name. */
  readonly detachable: boolean
  /** The server's command line, in shell syntax. Default: `mosh-server`; with `--local`, the one of this installation. */
  readonly server: string | undefined
  /** The client program to run. Default: our own client, in this process. */
  readonly client: string | undefined
  readonly ports: PortRange.PortRange | undefined
  readonly bind: ServerBind
  readonly family: Family
  readonly prediction: DisplayPreference.DisplayPreference
  readonly predictOverwrite: boolean
  /** Whether to use the terminal's alternate screen. */
  readonly initTerminal: boolean
  /** Whether rows that scroll off get into the terminal's own history; `undefined`: as `MOSH_SCROLLBACK` has it. */
  readonly scrollback: ScrollbackPreference | undefined
  /** What to forward, in the order of the options; `undefined`: nothing, not even what ssh's configuration asks for. */
  readonly forwards: ReadonlyArray<ForwardSpec.ForwardSpec> | undefined
  /** Report each step to `file`, or without one to stderr; `undefined`: do not report. */
  readonly verbose: { readonly file: string | undefined } | undefined
  /** What carries the session's datagrams. */
  readonly transport: Transport
  /** What to use if no UDP gets through. */
  readonly fallback: "ssh" | undefined
  /** Whether programs there may use this machine's agent; `undefined`: as ssh's configuration has it. Default: that. */
  readonly agent?: boolean | undefined
  /** Whether the server runs commands without a terminal, instead of `command` on one. Default: no. */
  readonly withoutTerminal?: boolean | undefined
}

export type Place =
  /** This machine, without ssh, at one of its numeric addresses. */
  | { readonly _tag: "Local"; readonly address: string }
  | {
      readonly _tag: "Ssh"
      /** `[user@]host` as ssh understands it: it may be an alias. */
      readonly destination: string
      readonly ssh: ReadonlyArray<string>
      readonly sshPort: number | undefined
      readonly pty: boolean
      /** How to learn the server's address. Default: `proxy`, unless ssh itself connects through a proxy. */
      readonly addressFrom: AddressSource | undefined
    }

/** `Ssh`: the address at which sshd accepted the connection, or with `--local` the named one. */
export type ServerBind =
  | { readonly _tag: "Ssh" }
  | { readonly _tag: "Any" }
  | { readonly _tag: "Address"; readonly address: string }

export type Family = (typeof FAMILIES)[number]

export type Transport = (typeof TRANSPORTS)[number]

export type AddressSource = (typeof ADDRESS_SOURCES)[number]

/**
 * The environment variables that set what options do not: `MOSH_PREDICTION_DISPLAY`, `MOSH_PREDICTION_OVERWRITE` and
 * `MOSH_DETACHABLE`.
 */
export interface Defaults {
  readonly predictionDisplay: string | undefined
  readonly predictionOverwrite?: string | undefined
  readonly detachable?: string | undefined
}

/** Parses the arguments after the program's name. A failure is one sentence for the user. */
export const parse = (line: ReadonlyArray<string>, environment: Defaults): Result.Result<WrapperArguments, string> =>
  SshCommandLine.isSshCommandLine(line, (argument) => LongOptions.takesNext(OPTIONS, argument))
    ? parseRun(line, environment)
    : parseOwn(line, environment)

/** Parses the command line of `mosh -T`. */
const parseRun = (line: ReadonlyArray<string>, environment: Defaults): Result.Result<WrapperArguments, string> =>
  Result.gen(function* () {
    const run = yield* SshCommandLine.parse(line)
    const asked = yield* parseOwn(
      [...run.mosh, "--", ...(run.destination === undefined ? [] : [run.destination])],
      environment
    )
    if (asked._tag !== "Open") return asked
    const { client, place } = asked.request
    if (client !== undefined)
      return yield* Result.fail("A command without a terminal needs the client that is built in.")
    const request: SessionRequest = {
      ...asked.request,
      place: place._tag === "Local" ? place : { ...place, ssh: [...place.ssh, ...run.ssh], pty: false },
      agent: run.agent ?? asked.request.agent,
      forwards: asked.request.forwards && run.forwards,
      withoutTerminal: true
    }
    return { _tag: "Run" as const, request, run }
  })

const parseOwn = (line: ReadonlyArray<string>, environment: Defaults): Result.Result<WrapperArguments, string> => {
  const read = LongOptions.parse(OPTIONS, line)
  if (Result.isFailure(read)) return Result.fail(read.failure)
  const { beforeEnd, operands, options } = read.success
  const flags = new Map<OptionId, boolean>()
  const values = new Map<OptionId, string | undefined>()
  const asked: Array<readonly [ForwardSpec.Flag, string]> = []
  for (const option of options) {
    if (option._tag === "Flag") {
      flags.set(option.id, option.on)
      const shorthand = SHORTHANDS[option.id]
      if (shorthand !== undefined) values.set(shorthand[0], shorthand[1])
    } else {
      values.set(option.id, option.value)
      const forward = FORWARDS[option.id]
      if (forward !== undefined) asked.push([forward, option.value ?? ""])
    }
  }
  if (flags.get("help")) return Result.succeed({ _tag: "Help" })
  if (flags.get("version")) return Result.succeed({ _tag: "Version" })
  if (flags.get("no-terminal")) {
    return Result.fail(
      "-T goes before the host. Single letters beside it have ssh's meaning, and mosh's own options are long."
    )
  }
  return Result.gen(function* () {
    const family = yield* oneOf("--family", FAMILIES, values.get("family")?.toLowerCase() ?? "prefer-inet")
    if (flags.get("fake-proxy")) return yield* fakeProxy(family, operands)

    const ports = yield* optional(values.get("port"), udpPorts)
    const prediction = yield* DisplayPreference.parse(values.get("predict") ?? environment.predictionDisplay)
    const fallback = yield* optional(values.get("fallback"), (text) => oneOf("--fallback", FALLBACKS, text))
    const transport = yield* optional(values.get("transport"), (text) => oneOf("--transport", TRANSPORTS, text))
    const scrollback = yield* optional(values.get("scrollback"), (text) => oneOf("--scrollback", PREFERENCES, text))
    const forwards: Array<ForwardSpec.ForwardSpec> = []
    for (const [flag, text] of asked) forwards.push(yield* ForwardSpec.parse(flag, text))
    const mode = flags.get("view") === true ? "View" : flags.get("share") === true ? "Share" : "TakeOver"
    const attach =
      values.has("attach") || mode !== "TakeOver"
        ? { which: yield* optional(values.get("attach"), selector) }
        : undefined
    const useless =
      mode !== "View" ? undefined : flags.get("agent") === true ? "-A" : forwards.map(ForwardSpec.display)[0]
    if (useless !== undefined) {
      return yield* Result.fail(`A client that only watches forwards nothing: ${useless} has no meaning with --view.`)
    }
    const session = yield* optional(values.get("session"), sessionName)
    if (session !== undefined && attach !== undefined) {
      const instead = mode === "TakeOver" ? "" : `; to share or watch it, use --attach=${session}`
      return yield* Result.fail(`--session=${session} attaches if the session exists, and excludes --attach${instead}.`)
    }
    const which = values.get("kill")
    const isQuestion = flags.get("doctor") === true || flags.get("list") === true || which !== undefined
    const [destination, ...afterDestination] = operands
    const local = flags.get("local") === true || (isQuestion && destination === undefined)
    // `mosh --local -- top` names no host.
    const here = local && beforeEnd === 0 && !isNumericAddress(destination ?? "")
    const place = local
      ? yield* localPlace(here || destination === undefined ? LOOPBACK : destination, afterDestination)
      : yield* sshPlace(destination, flags, values)
    const request: SessionRequest = {
      place,
      command: here ? operands : afterDestination,
      attach,
      mode,
      session,
      detachable: flags.get("detachable") ?? Persistence.isRequested(environment.detachable),
      server: values.get("server"),
      client: values.get("client"),
      ports,
      bind: serverBind(values.get("bind-server") ?? "ssh"),
      family,
      prediction,
      predictOverwrite: flags.get("predict-overwrite") ?? environment.predictionOverwrite === "yes",
      initTerminal: flags.get("init") ?? true,
      scrollback,
      agent: flags.get("agent"),
      forwards: flags.get("forwarding") === false ? undefined : forwards,
      verbose: values.has("verbose") ? { file: values.get("verbose") } : undefined,
      // Plain ssh is what is wanted where no UDP gets through.
      transport: transport ?? (place._tag === "Local" || fallback !== undefined ? "udp" : "auto"),
      fallback
    }
    if (transport === "ssh" && place._tag === "Local")
      return yield* Result.fail("--transport=ssh needs a host that ssh reaches, and --local uses no ssh.")
    if (transport === "ssh" && request.client !== undefined)
      return yield* Result.fail("--transport=ssh needs the client that is built in, without --client.")
    const [surplus] = request.command
    if (!isQuestion && attach !== undefined && surplus !== undefined) {
      return yield* Result.fail(`The session that is attached runs its program already: ${surplus} has no meaning.`)
    }
    if (!isQuestion) return { _tag: "Open" as const, request }
    if (surplus !== undefined) return yield* Result.fail(`No command is run here: ${surplus} has no meaning.`)
    if (which !== undefined) return { _tag: "Kill" as const, request, which, force: flags.get("force") ?? false }
    return flags.get("list") === true
      ? { _tag: "List" as const, request, json: flags.get("json") ?? false }
      : { _tag: "Doctor" as const, request: { ...request, attach: undefined, session: undefined } }
  })
}

const FORWARDS: { readonly [Id in OptionId]?: ForwardSpec.Flag } = {
  "local-forward": "L",
  "remote-forward": "R",
  "dynamic-forward": "D"
}

/** Flags that set a value of another option; the last one counts. */
const SHORTHANDS: { readonly [Id in OptionId]?: readonly [OptionId, string] } = {
  always: ["predict", "always"],
  never: ["predict", "never"],
  inet: ["family", "inet"],
  inet6: ["family", "inet6"]
}

const sshPlace = (
  destination: string | undefined,
  flags: ReadonlyMap<OptionId, boolean>,
  values: ReadonlyMap<OptionId, string | undefined>
): Result.Result<Place, string> =>
  Result.gen(function* () {
    if (destination === undefined || destination === "") {
      return yield* Result.fail("Which host? Usage: mosh [user@]host")
    }
    if (!RemoteAddress.isSafeDestination(destination)) {
      return yield* Result.fail(`A host cannot be called ${plain(destination, LONGEST_NAME)}.`)
    }
    const command = values.get("ssh") ?? "ssh"
    const words = yield* Result.mapError(ShellWords.split(command), (problem) => `In --ssh=${command}, ${problem}.`)
    if (words.length === 0) return yield* Result.fail("The option --ssh needs a command.")
    return {
      _tag: "Ssh" as const,
      destination,
      ssh: words,
      sshPort: yield* optional(values.get("ssh-port"), sshPort),
      pty: flags.get("ssh-pty") ?? true,
      addressFrom: yield* optional(values.get("remote-ip"), (text) =>
        oneOf("--experimental-remote-ip", ADDRESS_SOURCES, text)
      )
    }
  })

/** Maximum number of characters of a refused name in a message. */
const LONGEST_NAME = 100

/** The default address of a local session. */
const LOOPBACK = "127.0.0.1"

const localPlace = (host: string, command: ReadonlyArray<string>): Result.Result<Place, string> => {
  if (isNumericAddress(host)) return Result.succeed({ _tag: "Local", address: host })
  const why = `With --local, or -l for short, the host must be an address of this machine, such as ${LOOPBACK}, and not ${host}.`
  // Probably `mosh host ls -l`.
  return Result.fail(command.length === 0 ? why : `${LongOptions.FOR_A_COMMAND} ${why}`)
}

/** Whether a text looks like an IP address. The system checks whether it is a valid one. */
export const isNumericAddress = (text: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || /^(?=.*:)[\da-fA-F:.]+(%\w+)?$/.test(text)

const fakeProxy = (family: Family, operands: ReadonlyArray<string>): Result.Result<WrapperArguments, string> => {
  const [host, port, ...others] = operands
  return host !== undefined && port !== undefined && others.length === 0 && isPort(port)
    ? Result.succeed({ _tag: "FakeProxy", family, host, port: Number(port) })
    : Result.fail("Usage: mosh --fake-proxy -- HOST PORT")
}

const sessionName = (text: string): Result.Result<string, string> =>
  Result.mapError(SessionName.parse(text), (problem) => `--session=${plain(text, LONGEST_NAME)}: ${problem}`)

const selector = (text: string): Result.Result<SessionName.Selector, string> => {
  const which = SessionName.selector(text)
  return which === undefined
    ? Result.fail(
        `--attach=${plain(text, LONGEST_NAME)} is neither the name nor the ID of a session: mosh --list HOST shows them.`
      )
    : Result.succeed(which)
}

const serverBind = (text: string): ServerBind => {
  const word = text.toLowerCase()
  if (word === "ssh") return { _tag: "Ssh" }
  return word === "any" ? { _tag: "Any" } : { _tag: "Address", address: text }
}

const udpPorts = (text: string): Result.Result<PortRange.PortRange, string> =>
  /^\d+(:\d+)?$/.test(text)
    ? Result.mapError(PortRange.parse(text), (problem) => `--port=${text}: ${problem}.`)
    : Result.fail(`--port=${text} is neither a UDP port nor a range: use -p 60001 or -p 60000:61000.`)

const sshPort = (text: string): Result.Result<number, string> =>
  isPort(text) ? Result.succeed(Number(text)) : Result.fail(`--ssh-port=${text} is not a TCP port (1 to 65535).`)

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535

const oneOf = <Word extends string>(
  what: string,
  words: ReadonlyArray<Word>,
  text: string
): Result.Result<Word, string> => {
  const word = words.find((candidate) => candidate === text)
  return word === undefined ? Result.fail(`${what}=${text} is not one of ${words.join(", ")}.`) : Result.succeed(word)
}

const optional = <A>(
  text: string | undefined,
  read: (text: string) => Result.Result<A, string>
): Result.Result<A | undefined, string> => (text === undefined ? Result.succeed(undefined) : read(text))
