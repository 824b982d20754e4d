/**
 * The commands by which a server is started (spec 1.2 step 6).
 */
import type { Environment } from "../environment/Locale.ts"
import * as Locale from "../environment/Locale.ts"
import * as PortRange from "../arguments/PortRange.ts"
import * as ShellWords from "../arguments/ShellWords.ts"
import type { AddressSource, Family, Place, SessionRequest } from "../arguments/WrapperArguments.ts"

/**
 * The arguments of `mosh-server`. `colors` is how many the person's terminal shows; `environment` is searched for locale
 * variables.
 */
export const serverArguments = (
  request: SessionRequest,
  colors: number,
  environment: Environment
): ReadonlyArray<string> => [
  "new",
  "-c",
  String(colors),
  ...bindArguments(request),
  ...(request.ports === undefined ? [] : ["-p", PortRange.format(request.ports)]),
  ...Locale.VARIABLES.flatMap((name) => {
    const value = environment[name]
    return value === undefined ? [] : ["-l", `${name}=${value}`]
  }),
  ...(request.command.length === 0 ? [] : ["--", ...request.command])
]

/** One command for a shell. `server` is shell text itself, so that `env X=1 mosh-server` works. */
export const serverCommand = (server: string, parameters: ReadonlyArray<string>): string =>
  [server, ...parameters.map(ShellWords.quote)].join(" ")

export interface SshRun {
  readonly place: Extract<Place, { _tag: "Ssh" }>
  /** Where to connect to: the destination of `place`, or the address it was resolved to. */
  readonly destination: string
  readonly addressFrom: AddressSource
  readonly family: Family
  /** The words that start this very program, for it to be ssh's proxy command. */
  readonly self: ReadonlyArray<string>
  /** What the remote shell is to run. */
  readonly command: string
}

/** The whole command line of ssh, its program first. */
export const sshCommand = (run: SshRun): ReadonlyArray<string> => {
  const { place } = run
  return [
    ...sshWords(place),
    // The person's typing belongs to the session, not to ssh; passwords are asked for on the terminal itself.
    "-n",
    ...(place.pty ? ["-tt"] : []),
    ...familyArguments(run),
    ...(run.addressFrom === "proxy" ? proxyArguments(run) : []),
    run.destination,
    "--",
    run.addressFrom === "remote" ? `${TELL_SSH_CONNECTION} ; ${run.command}` : run.command
  ]
}

/** The whole command line of an ssh that runs something there and ends with it: no terminal, no session. */
export const plainCommand = (place: SshRun["place"], family: Family, command: string): ReadonlyArray<string> => [
  ...sshWords(place),
  "-n",
  ...familyArguments({ addressFrom: "remote", family }),
  place.destination,
  "--",
  command
]

/** What a person types to log in there by ssh alone, as words. */
export const loginCommand = (place: SshRun["place"]): ReadonlyArray<string> => [...sshWords(place), place.destination]

/** The whole command line of an ssh that runs the same as a session would, without mosh. */
export const plainSession = (place: SshRun["place"], { command, family }: SessionRequest): ReadonlyArray<string> => [
  ...sshWords(place),
  "-t",
  ...familyArguments({ addressFrom: "remote", family }),
  place.destination,
  ...(command.length === 0 ? [] : ["--", command.map(ShellWords.quote).join(" ")])
]

/** The question by which ssh tells its settings for a destination, without connecting. */
export const settingsCommand = (place: SshRun["place"]): ReadonlyArray<string> => [
  ...sshWords(place),
  "-G",
  place.destination
]

const sshWords = ({ ssh, sshPort }: SshRun["place"]): ReadonlyArray<string> => [
  ...ssh,
  ...(sshPort === undefined ? [] : ["-p", String(sshPort)])
]

/** Only OpenSSH's own program is known to take the question for one. */
export const tellsSettings = (place: SshRun["place"]): boolean => place.ssh[0]?.split("/").at(-1) === "ssh"

/** What ssh's settings (as `ssh -G` prints them) say of one thing; `undefined` when nothing. */
export const setting = (settings: string, wanted: string): string | undefined => {
  for (const line of settings.split(/\r?\n/)) {
    const space = line.indexOf(" ")
    if (line.slice(0, space) === wanted && line.length > space + 1) return line.slice(space + 1)
  }
  return undefined
}

/** Whether ssh's settings lead it to the host through something else. */
export const goesThroughProxy = (settings: string): boolean =>
  ["proxyjump", "proxycommand"].some((name) => (setting(settings, name) ?? "none") !== "none")

/** Run on the server, by any shell: tells the two ends of the ssh connection. */
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
 * A connection that another ssh shares has an address nobody tells us, hence `-S none`. ssh replaces `%h` and `%p`, so a
 * percent sign of our own is doubled.
 */
const proxyArguments = ({ family, self }: SshRun): ReadonlyArray<string> => {
  const words = [...self, `--family=${family}`].map((word) => ShellWords.quote(word.replaceAll("%", "%%")))
  return ["-S", "none", "-o", `ProxyCommand=${words.join(" ")} --fake-proxy -- %h %p`]
}
