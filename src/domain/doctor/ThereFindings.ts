/**
 * Checks of the server's machine, from its answers to `RemoteScript`.
 */
import * as Locale from "../environment/Locale.ts"
import * as Finding from "./Finding.ts"
import { all, one, type RemoteFacts } from "./RemoteScript.ts"

export interface Asked {
  /** mosh's argument for this machine: the destination, or `--local`. */
  readonly operand: string
  /** The server's command line, if the user named one. */
  readonly server: string | undefined
  /** The local environment, for its locale variables. */
  readonly environment: Locale.Environment
  /** When the server's time arrived, by the local clock, ms since 1970. */
  readonly answeredAt: number
}

export const findings = (facts: RemoteFacts, asked: Asked): ReadonlyArray<Finding.Finding> => [
  system(facts),
  server(facts, asked),
  locale(facts, asked),
  logout(facts),
  clock(facts, asked),
  firewall(facts)
]

/** Whether it is certain that there is no server to start. */
export const isWithoutServer = (found: ReadonlyArray<Finding.Finding>): boolean =>
  found.some(({ check, outcome }) => check === "mosh-server" && outcome === "failed")

/** A server by what its `--version` prints: whose it is, and which. */
export const serverVersion = (
  printed: ReadonlyArray<string>
): { readonly maker: "ours" | "stock"; readonly version: string } | undefined => {
  for (const line of printed) {
    const [, name, version] = /^mosh-server \((mosh|effect-mosh) ([^\s)]{1,40})\)/.exec(line) ?? []
    if (version !== undefined) return { maker: name === "mosh" ? "stock" : "ours", version }
  }
  return undefined
}

const { failed, ok, skipped, warning } = Finding.of("there")

const system = (facts: RemoteFacts): Finding.Finding => {
  const release = one(facts, "release")?.replaceAll('"', "")
  const kernel = one(facts, "system")
  const names = [release, kernel].filter((text) => text !== undefined)
  return names.length === 0 ? skipped("system", "no answer") : ok("system", names.join(", "))
}

const server = (facts: RemoteFacts, { operand, server }: Asked): Finding.Finding => {
  const path = server ?? one(facts, "server")
  const known = serverVersion(facts.version)
  if (known !== undefined) {
    const whose = known.maker === "stock" ? "stock mosh" : "effect-mosh"
    return ok("mosh-server", `${whose} ${known.version}${path === undefined ? "" : `, ${path}`}`)
  }
  const printed = facts.version.find((line) => line !== "")
  const missing = path === undefined || facts.version.some((line) => NOT_FOUND.test(line))
  if (!missing) {
    return warning("mosh-server", `${path} prints no known version: ${printed ?? "no output"}`, [
      "The UDP checks below show whether a session works with it."
    ])
  }
  const elsewhere = one(facts, "elsewhere")
  if (server === undefined && elsewhere !== undefined) {
    return failed("mosh-server", `there is ${elsewhere}, but not on the PATH: ${one(facts, "path") ?? "none"}`, [
      `Name its path: mosh --server=${elsewhere} ${operand}`,
      "or add its directory to the PATH of commands run by ssh, not only of login shells: in ~/.zshenv, or for bash",
      "at the top of ~/.bashrc."
    ])
  }
  return failed(
    "mosh-server",
    server === undefined ? `not on the PATH: ${one(facts, "path") ?? "none"}` : `no ${server}`,
    [
      ...(printed === undefined ? [] : [`It printed: ${printed}`]),
      "Install it there (apt, dnf or brew install mosh; or npm install --global effect-mosh),",
      `or name its path: mosh --server=/path/to/mosh-server ${operand}`
    ]
  )
}

/** How shells and `env` say that there is no such program. */
const NOT_FOUND = /not found|unknown command|no such file|not recognized/i

const locale = (facts: RemoteFacts, { environment, operand, server }: Asked): Finding.Finding => {
  const own = all(facts, "language")
  const ownNames = own[0] ?? "no variable chooses one"
  const charset = one(facts, "charmap") ?? Locale.charmapByName(variables(own))
  if (Locale.isUtf8(charset)) return ok("locale", `UTF-8 (${ownNames})`)

  const ours = Locale.decisive(environment)?.join("=") ?? "none"
  const offered = one(facts, "offered") ?? Locale.charmapByName(environment)
  if (Locale.isUtf8(offered)) return ok("locale", `UTF-8 from the local ${ours}; the server's own is ${charset}`)

  const text = `${charset} (${ownNames}), and the local ${ours} is not UTF-8 there`
  const next = Locale.isUtf8(one(facts, "neutral") ?? "")
    ? [`Try: mosh --server="env LC_ALL=C.UTF-8 ${server ?? "mosh-server"}" ${operand}`]
    : ["A UTF-8 locale has to be installed there, for instance: sudo locale-gen en_US.UTF-8"]
  // Then the server may find another; whether it does, its start will show.
  return server === undefined ? failed("locale", text, next) : warning("locale", text, next)
}

const variables = (assignments: ReadonlyArray<string>): Locale.Environment =>
  Object.fromEntries(assignments.map((text) => [text.split("=")[0] ?? "", text.slice(text.indexOf("=") + 1)]))

const logout = (facts: RemoteFacts): Finding.Finding => {
  const kills = one(facts, "kill")
  if (kills === undefined) return skipped("logout", "no systemd, which could end sessions at logout")
  if (kills !== "b true") return ok("logout", "systemd leaves processes running at logout")
  if (one(facts, "linger") === "Linger=yes") return ok("logout", "systemd lets this user's processes linger")
  return warning("logout", "systemd ends a user's processes at logout (KillUserProcesses=yes, no lingering)", [
    `If sessions end at logout, keep them with: sudo loginctl enable-linger ${one(facts, "user") ?? "USER"}`
  ])
}

const clock = (facts: RemoteFacts, { answeredAt }: Asked): Finding.Finding => {
  const seconds = /^\d{1,12}$/.exec(one(facts, "clock") ?? "")?.[0]
  if (seconds === undefined) return skipped("clock", "no answer; no session depends on it")
  const offset = Number(seconds) - Math.floor(answeredAt / 1000)
  if (Math.abs(offset) <= 1) return ok("clock", "as here, to a second; no session depends on it")
  return ok(
    "clock",
    `${duration(Math.abs(offset))} ${offset > 0 ? "ahead of" : "behind"} this one; no session depends on it`
  )
}

const duration = (seconds: number): string => {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}

const firewall = (facts: RemoteFacts): Finding.Finding => {
  const running = all(facts, "firewall")
  return running.length === 0
    ? skipped("firewall", "no firewall service runs; rules are not read; the UDP checks follow")
    : ok("firewall", `${running.join(" and ")} must let UDP in; the UDP checks follow`)
}

/** What is on the server's machine to keep UDP out. */
export const firewalls = (facts: RemoteFacts): ReadonlyArray<string> => all(facts, "firewall")
