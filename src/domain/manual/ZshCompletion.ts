/**
 * Generates zsh's completion of the programs' arguments. Hosts come from zsh's own completion of ssh.
 */
import { quote } from "../arguments/ShellWords.ts"
import * as Manual from "./Manual.ts"

/** One file for all of them; it belongs on `fpath`, as `_mosh`. */
export const render = (
  manuals: ReadonlyArray<Manual.Manual>
): string => `#compdef ${manuals.map(({ name }) => name).join(" ")}
# What zsh offers after these names. Made from the definitions that their --help is made from.

local curcontext=$curcontext state line
local -A opt_args

case $service in
${manuals.map(program).join("\n")}
esac
`

const program = (manual: Manual.Manual): string =>
  [
    `  ${manual.name})`,
    `    _arguments -C \\`,
    ...Manual.documented(manual).map((option) => `      ${specification(option)} \\`),
    ...(manual.operand === "host"
      ? [`      '1:host:->host' \\`, `      '*::command:_normal' && return 0`, ...HOST]
      : [
          ...(manual.firstWords === undefined ? [] : [`      '1:command:(${manual.firstWords.join(" ")})' \\`]),
          `      '*:argument:_default'`
        ]),
    "    ;;"
  ].join("\n")

const HOST = [
  `    if [[ $state == host ]]; then`,
  `      if compset -P '*@'; then`,
  `        _ssh_hosts`,
  `      else`,
  `        _alternative 'hosts:host:_ssh_hosts' 'users:user:_users -S @'`,
  `      fi`,
  `    fi`
]

const specification = (option: Manual.Option): string => {
  const spelt = Manual.spellings(option).map((spelling) => spelling + join(option, spelling))
  const [first = ""] = spelt
  const exclusive = spelt.length > 1 ? `'(${Manual.spellings(option).join(" ")})'` : ""
  const shown = spelt.length > 1 ? `{${spelt.join(",")}}` : quote(first)
  return `${exclusive}${shown}${quote(`[${escape(option.meaning)}]${action(option)}`)}`
}

/** How a value follows a spelling: after `=`, or as a word of its own. */
const join = ({ kind }: Manual.Option, spelling: string): string => {
  if (kind === "optional") return "=-"
  if (kind !== "value") return ""
  return spelling.startsWith("--") ? "=" : "+"
}

const action = ({ completes, kind, value, words }: Manual.Option): string => {
  if (value === undefined) return ""
  const offered = words !== undefined ? `(${words.join(" ")})` : ACTIONS[completes ?? "none"]
  return `${kind === "optional" ? "::" : ":"}${escape(value)}:${offered}`
}

const ACTIONS: Readonly<Record<string, string>> = { command: "_command_names -e", file: "_files", none: " " }

const escape = (text: string): string => text.replace(/[[\]:\\]/g, "\\$&")
