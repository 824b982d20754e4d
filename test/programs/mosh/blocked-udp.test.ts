/**
 * Hosts that ssh reaches and UDP does not, always or for a while: networks that the test makes, with a real sshd.
 */
import { describe, expect, it, type TestContext } from "vitest"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { Networks, ROUTER, SERVER } from "../../support/networks.ts"
import { quoted } from "../../support/peers-shell.ts"
import { program, requirePrograms } from "../../support/peers.ts"
import { type Sshd, startSshd } from "../../support/sshd.ts"
import { Tmux } from "../../support/tmux.ts"

const TIMEOUT = { timeout: 120_000 }
const PATIENCE = 60_000
const environment = { PATH: process.env["PATH"] ?? "" }
const ourServer = program("ours", "mosh-server").map(quoted).join(" ")
const shell = ["sh", "-c", "echo ready; exec sh"]

const requireAll = (context: TestContext): void =>
  requirePrograms(context, "ssh", "sshd", "tmux", "ip", "nsenter", "unshare", "pgrep")

const start = ({ client }: Networks, config: string, sshd: Sshd, host: string) =>
  Tmux.start({
    size: { columns: 100, rows: 30 },
    command: [
      ...client,
      ...program("ours", "mosh"),
      `--ssh=ssh -F ${config}`,
      `--server=${ourServer}`,
      host,
      "--",
      ...shell
    ],
    environment: { ...environment, HOME: Path.join(sshd.directory, "home"), LANG: "C.UTF-8" }
  })

/** The processes that a client started and whose command lines match, all by default. */
const children = (pid: number, pattern = "."): ReadonlyArray<number> => {
  try {
    const found = execFileSync("pgrep", ["-P", String(pid), "-f", "--", pattern])
    return found.toString().trim().split("\n").map(Number)
  } catch {
    return []
  }
}

/** The number of relays of a client. */
const relays = (pid: number): number => children(pid, "'relay'").length

describe("where UDP is blocked, mosh", () => {
  it("continues through ssh, and by UDP when that works, without losing a key", TIMEOUT, async (context) => {
    requireAll(context)
    await using networks = await Networks.start(context)
    using sshd = await startSshd({ environment, within: networks.server, address: SERVER.IPv4 })
    await using terminal = await start(networks, sshd.clientConfig, sshd, sshd.host)
    await terminal.see("ready", PATIENCE)
    await terminal.type("echo one-$((1+1))\r")
    await terminal.see("one-2", PATIENCE)
    expect(relays(terminal.pid)).toBe(0)
    // The login ended when UDP answered.
    await expect.poll(() => children(terminal.pid), { timeout: PATIENCE }).toEqual([])
    networks.dropUdp(true)
    await terminal.type("echo two-$((2+2))\r")
    await terminal.see("two-4", PATIENCE)
    expect(relays(terminal.pid)).toBe(1)
    expect(children(terminal.pid, "-Snone")).toHaveLength(1)
    networks.dropUdp(false)
    await terminal.type("echo three-$((3+3))\r")
    await terminal.see("UDP works", PATIENCE)
    await terminal.see("three-6", PATIENCE)
    await terminal.type("exit\r")
    expect(await terminal.exit()).toBe(0)
    const { text } = await terminal.view()
    expect(text.filter((line) => /^(one-2|two-4|three-6)$/.test(line))).toEqual(["one-2", "two-4", "three-6"])
  })

  it("reaches a host behind a jump host to which there is no other way", TIMEOUT, async (context) => {
    requireAll(context)
    await using networks = await Networks.start(context)
    networks.forward(false)
    using jump = await startSshd({ environment, within: networks.router, address: ROUTER.IPv4 })
    using sshd = await startSshd({ environment, within: networks.server, address: SERVER.IPv4 })
    const config = Path.join(sshd.directory, "jump_config")
    const jumpConfig = Fs.readFileSync(jump.clientConfig, "utf8").replace(`Host ${jump.host}`, "Host jump")
    Fs.writeFileSync(config, `${jumpConfig}\n${Fs.readFileSync(sshd.clientConfig, "utf8")}  ProxyJump jump\n`)
    await using terminal = await start(networks, config, sshd, sshd.host)
    await terminal.see("ready", PATIENCE)
    expect(relays(terminal.pid)).toBe(1)
    // The relay uses the connection of the login. A later one logs in.
    expect([jump.logins(), sshd.logins()]).toEqual([1, 1])
    children(terminal.pid, "'relay'").forEach((pid) => process.kill(pid, "SIGKILL"))
    await terminal.type("echo one-$((1+1)); exit\r")
    await terminal.see("one-2", PATIENCE)
    expect([jump.logins(), sshd.logins()]).toEqual([2, 2])
    expect(await terminal.exit()).toBe(0)
  })
})
