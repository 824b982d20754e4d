/**
 * Checks of the ssh login: its route to the server's machine, and whether it succeeds.
 */
import type { BootstrapError } from "../bootstrap/BootstrapError.ts"
import type { Ending } from "../bootstrap/BootstrapTranscript.ts"
import * as Finding from "./Finding.ts"
import { NO_SERVER } from "./LinkFindings.ts"
import type { RemoteFacts } from "./RemoteScript.ts"

const { failed, ok, skipped } = Finding.of("ssh")

export const SKIPPED: ReadonlyArray<Finding.Finding> = [skipped("login", "this machine needs no ssh login")]

/**
 * Which way ssh takes, by its settings as `ssh -G` prints them; empty for an ssh other than OpenSSH. The
 * finding does not show a proxy command, which may hold a secret.
 */
export const way = (settings: string): Finding.Finding => {
  const named = new Map<string, string>()
  for (const line of settings.split(/\r?\n/)) {
    const blank = line.indexOf(" ")
    if (blank > 0) named.set(line.slice(0, blank).toLowerCase(), line.slice(blank + 1).trim())
  }
  const setting = (name: string) => {
    const value = named.get(name)
    return value === undefined || value === "" || value === "none" ? undefined : value
  }
  const host = setting("hostname")
  if (host === undefined) return skipped("way", "this ssh does not print its settings")
  const user = setting("user")
  const target = `${user === undefined ? "" : `${user}@`}${host}, TCP port ${setting("port") ?? "22"}`
  const jump = setting("proxyjump")
  if (jump !== undefined) return ok("way", `through ${jump} to ${target}`)
  return setting("proxycommand") === undefined
    ? ok("way", `directly to ${target}`)
    : ok("way", `by a proxy command of your own to ${target}`)
}

/** The login succeeded, and commands run there, after `ms` milliseconds. */
export const login = (facts: RemoteFacts, ms: number): Finding.Finding => {
  const seconds = `in ${(ms / 1000).toFixed(1)} s`
  if (facts.address !== undefined) return ok("login", `${seconds}, to ${facts.address}`)
  return ok(
    "login",
    facts.addressByServer === undefined
      ? seconds
      : `${seconds}, to ${facts.addressByServer} by the server's own account`
  )
}

/** The login failed; `ending` is absent when it timed out after `seconds`. */
export const noLogin = (
  destination: string,
  facts: RemoteFacts,
  ending: Ending | undefined,
  seconds: number
): Finding.Finding => {
  const words = facts.printed.map((line) => `ssh: ${line}`)
  if (ending === undefined) {
    return failed("login", `no answer from ${destination} within ${seconds} s`, [
      ...words,
      `To see what ssh waits for: ssh -v ${destination}`
    ])
  }
  const status = ending.signal === undefined ? `exit status ${ending.code ?? "unknown"}` : `ended by ${ending.signal}`
  return ending.code === SSH_FAILED
    ? failed("login", `ssh opened no session on ${destination} (${status})`, [
        ...words,
        `mosh logs in by ssh: once "ssh ${destination}" works, try again.`
      ])
    : failed("login", `${destination} runs no commands (${status})`, [
        ...words,
        `mosh needs this to work: ssh ${destination} true`
      ])
}

/** The local lookup of the name, which the user asked for, failed. */
export const addressUnknown = (error: BootstrapError): Finding.Finding => {
  const [first = "", ...others] = error.message.split("\n")
  return failed("login", first, others)
}

/** What cannot be checked without a login. */
export const UNREACHED: ReadonlyArray<Finding.Finding> = [
  Finding.of("there").skipped("mosh-server", "not reached"),
  NO_SERVER
]

/** ssh's own exit status for a failure of its own. */
const SSH_FAILED = 255
