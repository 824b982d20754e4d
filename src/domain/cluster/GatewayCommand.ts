/**
 * The commands that a gateway accepts from users who logged in by ssh: `mosh-server`'s command line, and a few more.
 *
 * | remote command                      | meaning                                                      |
 * | ----------------------------------- | ------------------------------------------------------------ |
 * | `mosh-fleet session NAME new …`     | attach to the session NAME, or open it                       |
 * | `mosh-fleet new …`                  | the same with the name `main`; what apps without options run |
 * | `mosh-fleet attach [--view] NAME …` | attach to the session NAME                                   |
 * | `mosh-fleet --list`                 | list the user's sessions                                     |
 * | `mosh-fleet --kill=NAME`            | end the session NAME                                         |
 *
 * The program's name does not matter: apps that only know `mosh-server` work. No part of the text is ever run by a shell.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as ServerArguments from "../arguments/ServerArguments.ts"
import * as ShellWords from "../arguments/ShellWords.ts"
import * as Messages from "./SessionMessages.ts"

/** What a user requests of the gateway. */
export type GatewayCommand =
  | {
      readonly _tag: "Open"
      readonly name: string
      readonly request: Messages.Request
      /** Whether the client connects to the address that the gateway prints; if not, to the one that ssh connected to. */
      readonly expectsAddress: boolean
    }
  | {
      readonly _tag: "Attach"
      readonly name: string
      readonly mode: Messages.Mode
      /** As above. */
      readonly expectsAddress: boolean
    }
  | { readonly _tag: "List" }
  | { readonly _tag: "End"; readonly name: string }
  /** The text is not such a command; `message` has lines for the user. */
  | { readonly _tag: "Refused"; readonly message: string }

/** The name of the session that a command without a name means. */
export const DEFAULT_NAME = "main"

/** The longest command that is parsed, in characters. Longer ones are refused. */
export const LONGEST = 65_536

const HELP = `This host has mosh sessions only. Commands:
  mosh --server="mosh-fleet session NAME" HOST   attach to your session NAME, or open it
  ssh HOST mosh-fleet --list                     list your sessions
  ssh HOST mosh-fleet --kill=NAME                end a session`

/**
 * Parses the remote command of a login: sshd's `SSH_ORIGINAL_COMMAND`, or what follows `-c`. Total, and untrusting: the text is the
 * user's.
 *
 * ```ts
 * import { GatewayCommand } from "effect-mosh/cluster"
 *
 * const command = GatewayCommand.parse("mosh-fleet session work 'new' '-c' '256' '-s' '-l' 'LANG=C.UTF-8'")
 * // command._tag is "Open", command.name is "work"
 * export const isOpen = command._tag === "Open" && command.name === "work"
 * ```
 */
export const parse = (text: string): GatewayCommand => {
  if (text.length > LONGEST) return refused(`mosh-fleet: the command has more than ${LONGEST} characters.`)
  const own = text.replace(REPORT_CONNECTION, "")
  const expectsAddress = own.length < text.length
  const split = ShellWords.split(own)
  if (Result.isFailure(split)) return refused(`mosh-fleet: ${split.failure}.`)
  const words = split.success
  const program = words.findIndex((word) => !PREFIX.test(word))
  if (program < 0) return refused(HELP)
  const parsed = ServerArguments.parse(words.slice(program + 1))
  switch (parsed._tag) {
    case "Session":
      return open(parsed.name, parsed.request, expectsAddress)
    case "Start":
      // Without "new", it is another program, or none: `scp -t file` looks like an address and a port.
      return words[program + 1] === "new" ? open(DEFAULT_NAME, parsed.request, expectsAddress) : refused(HELP)
    case "Attach": {
      const { mode, which = DEFAULT_NAME } = parsed
      return typeof which === "string"
        ? { _tag: "Attach", name: which, mode, expectsAddress }
        : refused("mosh-fleet: attach to a session by its name.")
    }
    case "List":
      return { _tag: "List" }
    case "Kill": {
      const { which } = parsed.kill
      return typeof which === "string" && which !== "all"
        ? { _tag: "End", name: which }
        : refused("mosh-fleet: end one session, by its name.")
    }
    case "Refused":
      // What is wrong with the options of `scp` or `rsync` is not what their users need to read.
      if (!/mosh/.test(words[program] ?? "")) return refused(HELP)
      return refused(parsed.complaints.join("\n").replaceAll("mosh-server:", "mosh-fleet:"))
    default:
      return refused(HELP)
  }
}

/**
 * What wrappers run before the server if the server's end reports the address (`--experimental-remote-ip=remote`). A gateway
 * then prints `MOSH IP` with the address of the machine that holds the session.
 */
const REPORT_CONNECTION = /^\s*sh -c '[^']*SSH_CONNECTION[^']*'\s*;/

/** Words before the program's name: shell keywords that change nothing here, and assignments. */
const PREFIX = /^(exec|env|command|[A-Za-z_][A-Za-z0-9_]*=.*)$/s

/** Variables that the user's end sets. Others, such as `LD_PRELOAD`, could change what runs on the machine. */
const LOCALE = new Set(
  ["LANG", "LANGUAGE", "LC_ALL"].concat(
    ["CTYPE", "NUMERIC", "TIME", "COLLATE", "MONETARY", "MESSAGES", "PAPER", "NAME"].map((name) => `LC_${name}`),
    ["ADDRESS", "TELEPHONE", "MEASUREMENT", "IDENTIFICATION"].map((name) => `LC_${name}`)
  )
)

const isRequest = Schema.is(Messages.Request)

const open = (name: string, request: ServerArguments.ServerRequest, expectsAddress: boolean): GatewayCommand => {
  const environment: Record<string, string> = { TERM: request.colors >= 256 ? "xterm-256color" : "xterm" }
  for (const text of request.locale) {
    const [variable = ""] = text.split("=", 1)
    if (LOCALE.has(variable)) environment[variable] = text.slice(variable.length + 1)
  }
  const accepted = { command: request.command, environment }
  return isRequest(accepted)
    ? { _tag: "Open", name, request: accepted, expectsAddress }
    : refused("mosh-fleet: a command has at most 64 words of 4096 characters.")
}

const refused = (message: string): GatewayCommand => ({ _tag: "Refused", message })
