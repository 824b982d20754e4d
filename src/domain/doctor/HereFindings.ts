/**
 * Checks of the local machine: what a session needs here.
 */
import * as Locale from "../environment/Locale.ts"
import * as Finding from "./Finding.ts"

export interface Here {
  /** Name and version of the program, as `--version` prints them. */
  readonly program: string
  /** Node's version, `v24.1.0`, and the system that it runs on. */
  readonly node: string
  readonly system: string
  /** The size of the terminal; `undefined` without one. */
  readonly terminal: { readonly columns: number; readonly rows: number } | undefined
  /** How many colours terminfo gives for `TERM`; `undefined` when it does not know the terminal. */
  readonly colors: number | undefined
  readonly environment: Locale.Environment
}

export const findings = (here: Here): ReadonlyArray<Finding.Finding> => [
  ok("mosh", here.program),
  node(here),
  terminal(here),
  locale(here)
]

/** Which ssh there is, from the lines `printed` that `ssh -V` printed; `undefined` when there is no such program. */
export const ssh = (program: string, printed: ReadonlyArray<string> | undefined, needed: boolean): Finding.Finding => {
  if (printed === undefined) {
    const next = ["Install OpenSSH's client (apt install openssh-client), or name another with --ssh=COMMAND."]
    return needed
      ? failed("ssh", `there is no program ${program}`, next)
      : warning("ssh", `there is no program ${program}; sessions on other machines need it`, next)
  }
  const version = sshVersion(printed)
  return version === undefined
    ? warning("ssh", `${program} prints no OpenSSH version: ${printed[0] ?? "no output"}`, [
        "mosh needs OpenSSH's ProxyCommand option. If this is another ssh, check that its manual has it."
      ])
    : ok("ssh", version)
}

/** The version among the lines that `ssh -V` prints: `OpenSSH_9.2p1 Debian-2`. */
export const sshVersion = (printed: ReadonlyArray<string>): string | undefined =>
  printed.map((line) => /^OpenSSH_[^\s,]+[^,]*/.exec(line)?.[0].trim()).find((version) => version !== undefined)

const { failed, ok, warning } = Finding.of("here")

const OLDEST_NODE = 24

const node = ({ node, system }: Here): Finding.Finding => {
  const major = Number(/^v(\d+)/.exec(node)?.[1])
  return major >= OLDEST_NODE
    ? ok("Node", `${node}, ${system}`)
    : failed("Node", `${node}, ${system}`, [`The programs need Node ${OLDEST_NODE} or later: https://nodejs.org`])
}

const terminal = ({ colors, environment, terminal }: Here): Finding.Finding => {
  if (terminal === undefined) return ok("terminal", "none here: a session would be printed as plain text")
  const term = environment["TERM"] ?? ""
  if (term === "") {
    return failed("terminal", "TERM is not set", [
      "Set it to your terminal's type, for instance: export TERM=xterm-256color"
    ])
  }
  const size = `${terminal.columns}×${terminal.rows}`
  if (term === "dumb") return ok("terminal", `${term}, ${size}: a session would be printed as plain text`)
  return colors === undefined
    ? warning("terminal", `${term}, ${size}; terminfo here does not know it`, [
        `Install its terminfo entry, or name a similar terminal: TERM=xterm-256color`
      ])
    : ok("terminal", `${term}, ${size}, ${colors} colours`)
}

const locale = ({ environment }: Here): Finding.Finding => {
  const charset = Locale.charmapByName(environment)
  const by = Locale.decisive(environment)?.join("=") ?? "no variable chooses one"
  return Locale.isUtf8(charset)
    ? ok("locale", `UTF-8 (${by})`)
    : failed("locale", `${charset}, not UTF-8 (${by})`, [
        "Choose a UTF-8 locale here, for instance: export LC_ALL=C.UTF-8"
      ])
}
