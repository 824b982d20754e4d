/**
 * The commands that start a server (spec 1.2 step 6).
 */
import type { Environment } from "../environment/Locale.ts"
import * as Locale from "../environment/Locale.ts"
import * as TrueColor from "../environment/TrueColor.ts"
import * as ForwardSpec from "../forwarding/ForwardSpec.ts"
import { WITHOUT_TERMINAL } from "../command/CommandRequest.ts"
import { AGENT } from "../forwarding/AgentChoice.ts"
import * as PortRange from "../arguments/PortRange.ts"
import * as ShellWords from "../arguments/ShellWords.ts"
import type { SshCommandLine } from "../arguments/SshCommandLine.ts"
import * as RelayFrame from "../relay/RelayFrame.ts"
import { DETACHABLE } from "../session/Persistence.ts"
import * as RequestOrigin from "../registry/RequestOrigin.ts"
import type { AddressSource, Family, Place, SessionRequest } from "../arguments/WrapperArguments.ts"

/**
 * The arguments of `mosh-server`. `colors` is the number of colours of the user's terminal; `environment` contains the
 * locale variables, `COLORTERM`, and `MOSH_SESSION` if the user is in a session; `host` is the name of this machine.
 */
export const serverArguments = (
  request: SessionRequest,
  colors: number,
  environment: Environment,
  host = ""
): ReadonlyArray<string> => [
  ...sessionArguments(request),
  "new",
  "-c",
  String(colors),
  ...bindArguments(request),
  ...(request.ports === undefined ? [] : ["-p", PortRange.format(request.ports)]),
  ...Locale.VARIABLES.flatMap((name) => {
    const value = environment[name]
    return value === undefined ? [] : ["-l", `${name}=${value}`]
  }),
  ...(request.withoutTerminal === true ? [] : TrueColor.assignments(environment).flatMap((sent) => ["-l", sent])),
  ...(request.detachable ? ["-@", DETACHABLE] : []),
  ...originArguments(request, environment, host),
  ...(request.agent === true ? ["-@", AGENT] : []),
  // Stock servers ignore the mode, and would start a login shell without a program.
  ...(request.withoutTerminal === true ? ["-@", WITHOUT_TERMINAL, "--", "true"] : []),
  ...(request.command.length === 0 ? [] : ["--", ...request.command])
]

const sessionArguments = ({ attach, mode, session }: SessionRequest): ReadonlyArray<string> => {
  if (session !== undefined) return ["session", session]
  if (attach === undefined) return []
  return [
    "attach",
    ...(mode === "TakeOver" ? [] : [mode === "View" ? "--view" : "--share"]),
    ...(attach.which === undefined ? [] : [String(attach.which)])
  ]
}

/** What a server needs to know to attach. Other requests start a session, which may be inside of any other. */
const originArguments = (
  { attach, session }: SessionRequest,
  environment: Environment,
  host: string
): ReadonlyArray<string> => {
  if (attach === undefined && session === undefined) return []
  const inside = RequestOrigin.format(environment["MOSH_SESSION"], host)
  return [
    ...(attach !== undefined && attach.which === undefined ? ["-@", RequestOrigin.CHOOSE] : []),
    ...(inside === undefined ? [] : ["-@", inside])
  ]
}

/** One command in shell syntax. `server` is shell syntax too, so that `env X=1 mosh-server` works. */
export const serverCommand = (server: string, parameters: ReadonlyArray<string>): string =>
  [server, ...parameters.map(ShellWords.quote)].join(" ")

export interface SshRun {
  readonly place: Extract<Place, { _tag: "Ssh" }>
  /** Where to connect to: the destination of `place`, or the address it was resolved to. */
  readonly destination: string
  readonly addressFrom: AddressSource
  readonly family: Family
  /** Whether ssh's configuration has forwardings. The session has them, not the ssh that starts it. */
  readonly clearsForwardings?: boolean
  /** The words that start this program as ssh's proxy command. */
  readonly self: ReadonlyArray<string>
  /** The command for the remote shell. */
  readonly command: string
}

/** The command line of ssh, including its program. */
export const sshCommand = (run: SshRun): ReadonlyArray<string> => [
  ...sshWords(run.place),
  // Typed keys are for the session, not for ssh. ssh reads passwords from the terminal itself.
  "-n",
  ...(run.place.pty ? ["-tt"] : []),
  ...familyArguments(run),
  ...(run.addressFrom === "proxy" ? ["-S", "none", ...proxyArguments(run)] : []),
  ...remoteArguments(run)
]

/**
 * The command line of an ssh that logs in, and accepts commands at the control socket `socket` until it is ended. It runs no
 * command itself.
 */
export const masterCommand = (run: SshRun, socket: string): ReadonlyArray<string> => [
  ...sshWords(run.place),
  "-n",
  "-N",
  "-M",
  "-S",
  socket,
  "-oControlPersist=no",
  ...familyArguments(run),
  ...(run.addressFrom === "proxy" ? proxyArguments(run) : []),
  ...(run.clearsForwardings === true ? CLEAR_FORWARDINGS : []),
  run.destination
]

/**
 * As `sshCommand`, through the connection of `masterCommand`. Without `-n`, because ssh takes the size of the window from its
 * standard input, which must not be readable.
 */
export const sharedCommand = (run: SshRun, socket: string): ReadonlyArray<string> => [
  ...sshWords(run.place),
  "-S",
  socket,
  "-oControlMaster=no",
  ...(run.place.pty ? ["-tt"] : []),
  ...familyArguments(run),
  ...remoteArguments(run)
]

const remoteArguments = (run: SshRun): ReadonlyArray<string> => [
  ...(run.clearsForwardings === true ? CLEAR_FORWARDINGS : []),
  run.destination,
  "--",
  run.addressFrom === "remote" ? `${TELL_SSH_CONNECTION} ; ${run.command}` : run.command
]

/** The command line of an ssh that runs one remote command without a terminal. */
export const plainCommand = (place: SshRun["place"], family: Family, command: string): ReadonlyArray<string> => [
  ...sshWords(place),
  "-n",
  ...familyArguments({ addressFrom: "remote", family }),
  place.destination,
  "--",
  command
]

/** The connection that an ssh uses: one of its own, the one that the user's settings name, or that at a control socket. */
export type Connection = "Own" | "Configured" | { readonly socket: string }

/**
 * The command line of the ssh that carries the datagrams of the session on `port`. `server` is shell syntax. Of ssh's
 * configuration it uses what leads to the host, and not what a login does there: no terminal, no forwarding. `connection`:
 * its own by default, because a shared one would fail with the others.
 */
export const relayCommand = (
  place: SshRun["place"],
  family: Family,
  server: string,
  port: number,
  connection: Connection = "Own"
): ReadonlyArray<string> => [
  ...sshWords(place),
  ...(tellsSettings(place) ? [...connectionArguments(connection), ...RELAY_OPTIONS] : ["-T"]),
  ...familyArguments({ addressFrom: "remote", family }),
  place.destination,
  "--",
  serverCommand(server, ["relay", String(port), RelayFrame.VERSION])
]

/** The command line of a login by ssh alone, as words. */
export const loginCommand = (place: SshRun["place"]): ReadonlyArray<string> => [...sshWords(place), place.destination]

/** The command line of an ssh that runs the session's program without mosh. */
export const plainSession = (
  place: SshRun["place"],
  { agent, command, family, forwards }: SessionRequest
): ReadonlyArray<string> => [
  ...sshWords(place),
  "-t",
  ...agentWords(agent),
  ...(forwards ?? []).flatMap(ForwardSpec.option),
  ...(forwards === undefined ? CLEAR_FORWARDINGS : []),
  ...familyArguments({ addressFrom: "remote", family }),
  place.destination,
  ...(command.length === 0 ? [] : ["--", command.map(ShellWords.quote).join(" ")])
]

/** The command line of an ssh that does what `mosh -T` was asked to do. */
export const plainRun = (
  place: SshRun["place"],
  { agent, forwards, forwardsOnly, readsInput, text, what }: Omit<SshCommandLine, "mosh" | "ssh" | "destination">
): ReadonlyArray<string> => [
  ...sshWords(place),
  "-T",
  ...agentWords(agent),
  ...forwards.flatMap(ForwardSpec.option),
  ...(forwardsOnly ? ["-N"] : []),
  ...(readsInput ? [] : ["-n"]),
  ...(what === "subsystem" ? ["-s"] : []),
  place.destination,
  ...(what === "shell" ? [] : ["--", text])
]

/** The command line of an ssh that prints its settings for a destination, without connecting. */
export const settingsCommand = (place: SshRun["place"]): ReadonlyArray<string> => [
  ...sshWords(place),
  "-G",
  place.destination
]

const agentWords = (agent: boolean | undefined): ReadonlyArray<string> =>
  agent === undefined ? [] : [agent ? "-A" : "-a"]

const CLEAR_FORWARDINGS = ["-o", "ClearAllForwardings=yes"]

const connectionArguments = (connection: Connection): ReadonlyArray<string> => {
  if (connection === "Own") return ["-Snone"]
  return connection === "Configured" ? [] : ["-S", connection.socket, "-oControlMaster=no"]
}

const RELAY_OPTIONS = ["-T", "-x", "-a", ...CLEAR_FORWARDINGS, "-oPermitLocalCommand=no", "-oConnectTimeout=10"]

const sshWords = ({ ssh, sshPort }: SshRun["place"]): ReadonlyArray<string> => [
  ...ssh,
  ...(sshPort === undefined ? [] : ["-p", String(sshPort)])
]

/** Whether the program understands `settingsCommand`: only OpenSSH's is known to. */
export const tellsSettings = (place: SshRun["place"]): boolean => place.ssh[0]?.split("/").at(-1) === "ssh"

/** One of ssh's settings (as `ssh -G` prints them); `undefined` if it is missing. */
export const setting = (settings: string, wanted: string): string | undefined => {
  for (const line of settings.split(/\r?\n/)) {
    const space = line.indexOf(" ")
    if (line.slice(0, space) === wanted && line.length > space + 1) return line.slice(space + 1)
  }
  return undefined
}

/** Whether ssh's settings make it connect through another host or a proxy command. */
export const goesThroughProxy = (settings: string): boolean =>
  ["proxyjump", "proxycommand"].some((name) => (setting(settings, name) ?? "none") !== "none")

/** Whether ssh's settings let several commands share one connection (`ControlPath`). */
export const sharesConnection = (settings: string): boolean => (setting(settings, "controlpath") ?? "none") !== "none"

/**
 * Whether the login can be made by `masterCommand`. The user's own shared connection has priority where a login can use it: one
 * that reports the address itself cannot.
 */
export const canKeepLogin = (place: SshRun["place"], addressFrom: AddressSource, settings: string): boolean =>
  tellsSettings(place) &&
  !place.ssh.slice(1).some((word) => ABOUT_SHARING.test(word)) &&
  (addressFrom === "proxy" || !sharesConnection(settings))

/** Options of ssh that decide on sharing, or on what runs when the user is let in. */
const ABOUT_SHARING = /^-[A-Za-z0-9]*[MNSWf]|[Cc]ontrol([Mm]aster|[Pp]ath|[Pp]ersist)|[Ff]ork[Aa]fter/

/** Runs on the server, in any shell: prints the two ends of the ssh connection. */
const TELL_SSH_CONNECTION = `sh -c '[ -n "$SSH_CONNECTION" ] && printf "\\nMOSH SSH_CONNECTION %s\\n" "$SSH_CONNECTION"'`

const bindArguments = ({ bind, place }: SessionRequest): ReadonlyArray<string> => {
  switch (bind._tag) {
    case "Any":
      return []
    case "Address":
      return ["-i", bind.address]
    case "Ssh":
      return place._tag === "Local" ? ["-i", place.address] : ["-s"]
  }
}

const familyArguments = ({ addressFrom, family }: Pick<SshRun, "addressFrom" | "family">): ReadonlyArray<string> => {
  if (addressFrom !== "remote") return []
  if (family === "inet") return ["-4"]
  return family === "inet6" ? ["-6"] : []
}

/**
 * Needs a new connection, because a shared one does not run the proxy command, which reports the address. ssh replaces `%h`
 * and `%p`, so percent signs in our own words are doubled.
 */
const proxyArguments = ({ family, self }: SshRun): ReadonlyArray<string> => {
  const words = [...self, `--family=${family}`].map((word) => ShellWords.quote(word.replaceAll("%", "%%")))
  return ["-o", `ProxyCommand=${words.join(" ")} --fake-proxy -- %h %p`]
}
