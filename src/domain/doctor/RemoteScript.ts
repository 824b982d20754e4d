/**
 * What the doctor asks a server's machine: one command for whatever shell ssh finds there, and what it answers.
 *
 * The questions are a POSIX shell script on a single line, without backslashes, for csh and fish have to hand it over
 * too. Nothing in it needs root, changes anything, or goes on after it.
 */
import * as ConnectLine from "../bootstrap/ConnectLine.ts"
import * as Locale from "../environment/Locale.ts"
import * as ShellWords from "../arguments/ShellWords.ts"

/** What has been received of the answer. A stranger's words: nothing in them is certain but their number and length. */
export interface RemoteFacts {
  readonly stage: "before" | "facts" | "version" | "complete"
  /** Each answer by its question's name; repeated ones one a line. */
  readonly answers: ReadonlyMap<string, string>
  /** What `mosh-server --version` printed. */
  readonly version: ReadonlyArray<string>
  /** Lines that answer nothing: banners, ssh's and the shell's own words. */
  readonly printed: ReadonlyArray<string>
  /** The address that ssh reached, reported by the proxy command, or else by sshd. */
  readonly address: string | undefined
  readonly addressByServer: string | undefined
}

export const NOTHING: RemoteFacts = {
  stage: "before",
  answers: new Map(),
  version: [],
  printed: [],
  address: undefined,
  addressByServer: undefined
}

/**
 * The command. `server` is the server's command line as a shell reads it; `environment` is searched for the locale
 * variables that a session would hand over.
 */
export const command = (server: string, environment: Locale.Environment): string =>
  `sh -c ${ShellWords.quote(questions(environment).join("; "))} ; ${server} --version ; echo ${END}`

/** Takes in one line. Total. */
export const readLine = (facts: RemoteFacts, line: string): RemoteFacts => {
  const read = ConnectLine.parse(line)
  if (read._tag === "Address") return { ...facts, address: facts.address ?? read.address }
  if (read._tag === "SshConnection") return { ...facts, addressByServer: read.address }
  const text = line.trimEnd().slice(0, LENGTH_KEPT)
  if (text === BEGIN) return { ...facts, stage: "facts" }
  if (text === VERSION) return { ...facts, stage: "version" }
  if (text === END) return { ...facts, stage: "complete" }
  if (text.startsWith(MARK)) return answer(facts, text.slice(MARK.length))
  if (facts.stage === "version") return { ...facts, version: keep(facts.version, text) }
  return text === "" ? facts : { ...facts, printed: keep(facts.printed, text) }
}

/** An answer of one line; `undefined` when there is none, or an empty one. */
export const one = (facts: RemoteFacts, name: Question): string | undefined => all(facts, name)[0]

/** All answers to a question that has several. */
export const all = (facts: RemoteFacts, name: Question): ReadonlyArray<string> =>
  (facts.answers.get(name) ?? "").split("\n").filter((text) => text !== "")

export type Question =
  | "clock"
  | "system"
  | "release"
  | "user"
  | "path"
  | "server"
  | "elsewhere"
  | "language"
  | "charmap"
  | "offered"
  | "neutral"
  | "linger"
  | "kill"
  | "firewall"

const MARK = "MOSH-DOCTOR "
const BEGIN = `${MARK}begin`
const VERSION = `${MARK}version`
const END = `${MARK}end`

const LINES_KEPT = 20
const LENGTH_KEPT = 1000
const ANSWERS_KEPT = 20

const answer = (facts: RemoteFacts, text: string): RemoteFacts => {
  const [name = "", ...rest] = text.split(" ")
  const before = facts.answers.get(name)
  if (facts.stage !== "facts" || (before === undefined && facts.answers.size >= ANSWERS_KEPT)) return facts
  const lines = keep(before === undefined ? [] : before.split("\n"), rest.join(" ").trim())
  return { ...facts, answers: new Map(facts.answers).set(name, lines.join("\n")) }
}

const keep = (lines: ReadonlyArray<string>, line: string): ReadonlyArray<string> =>
  lines.length < LINES_KEPT ? [...lines, line] : lines

/** Where servers are installed, though not every shell looks there. */
const PLACES = [
  "/usr/bin",
  "/usr/local/bin",
  "/opt/homebrew/bin",
  "/opt/local/bin",
  "/home/linuxbrew/.linuxbrew/bin",
  "$HOME/bin",
  "$HOME/.local/bin"
]

const APPLE_FIREWALL = "/usr/libexec/ApplicationFirewall/socketfilterfw"

const questions = (environment: Locale.Environment): ReadonlyArray<string> => [
  `t() { echo "${MARK}$*"; }`,
  "t begin",
  'has() { command -v "$1" >/dev/null 2>&1; }',
  'charmap() { has locale && t "$1" "$(locale charmap 2>/dev/null)"; }',
  't clock "$(date +%s)"',
  't system "$(uname -srm)"',
  't release "$(sed -n "s/^PRETTY_NAME=//p" /etc/os-release 2>/dev/null)"',
  't user "$(id -un)"',
  't path "$PATH"',
  't server "$(command -v mosh-server)"',
  `for d in ${PLACES.map((place) => `"${place}"`).join(" ")}; do [ -x "$d/mosh-server" ] && t elsewhere "$d/mosh-server"; done`,
  ...["LC_ALL", "LC_CTYPE", "LANG"].map((name) => `[ -n "$${name}" ] && t language "${name}=$${name}"`),
  "charmap charmap",
  `(${offered(environment)} charmap offered)`,
  "(LC_ALL=C.UTF-8; export LC_ALL; charmap neutral)",
  'has loginctl && t linger "$(loginctl show-user "$(id -un)" -p Linger 2>/dev/null)"',
  `has busctl && t kill "$(busctl get-property ${LOGIN_MANAGER} KillUserProcesses 2>/dev/null)"`,
  'has systemctl && for s in firewalld nftables; do [ "$(systemctl is-active $s 2>/dev/null)" = active ] && t firewall $s; done',
  "grep -qi ^ENABLED=yes /etc/ufw/ufw.conf 2>/dev/null && t firewall ufw",
  `[ -x ${APPLE_FIREWALL} ] && ${APPLE_FIREWALL} --getglobalstate 2>/dev/null | grep -q enabled && t firewall "the application firewall of macOS"`,
  "t version"
]

const LOGIN_MANAGER = "org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager"

/**
 * Puts the variables that a session would hand over in the place of the machine's own. What no locale's name has, and not
 * every shell quotes alike, makes the name of none.
 */
const offered = (environment: Locale.Environment): string => {
  const set = Locale.VARIABLES.filter((name) => environment[name] !== undefined)
  return [
    `unset ${Locale.VARIABLES.join(" ")};`,
    ...set.map((name) => `${name}=${(environment[name] ?? "").replace(/[^\w.@:+/,-]/g, "_")};`),
    ...(set.length === 0 ? [] : [`export ${set.join(" ")};`])
  ].join(" ")
}
