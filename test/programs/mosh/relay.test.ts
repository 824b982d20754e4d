/**
 * Sessions that ssh carries: a real sshd on loopback, and `mosh-server relay` behind it.
 */
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest"
import { execFileSync } from "node:child_process"
import { quoted } from "../../support/peers-shell.ts"
import { program, requirePrograms } from "../../support/peers.ts"
import { type Sshd, startSshd } from "../../support/sshd.ts"
import { Tmux } from "../../support/tmux.ts"
import { mosh, Workshop } from "./workshop.ts"

const TIMEOUT = { timeout: 90_000 }
const ourServer = program("ours", "mosh-server").map(quoted).join(" ")

describe.concurrent("mosh --transport=ssh", () => {
  let workshop: Workshop
  let sshd: Promise<Sshd> | undefined
  beforeAll(() => {
    workshop = new Workshop()
  })
  afterAll(async () => {
    ;(await sshd)?.[Symbol.dispose]()
    workshop[Symbol.dispose]()
  })

  const options = async (context: TestContext, server: string): Promise<ReadonlyArray<string>> => {
    requirePrograms(context, "ssh", "sshd", "tmux", "pgrep")
    const { clientConfig } = await (sshd ??= startSshd({ environment: { PATH: process.env["PATH"] ?? "" } }))
    return ["--transport=ssh", `--ssh=ssh -F ${clientConfig}`, `--server=${server}`, "-p", "0"]
  }

  const inTerminal = async (words: ReadonlyArray<string>) =>
    Tmux.start({
      size: { columns: 100, rows: 30 },
      command: [...program("ours", "mosh"), ...words],
      environment: { PATH: process.env["PATH"] ?? "", HOME: workshop.directory, LANG: "C.UTF-8" }
    })

  /** The ssh of the relay that a process started. */
  const relayOf = (pid: number): number =>
    Number(execFileSync("pgrep", ["-P", String(pid), "-f", "'relay'"]).toString())

  it("carries a session, and starts another ssh when its own is killed", TIMEOUT, async (context) => {
    const words = await options(context, ourServer)
    await using terminal = await inTerminal([...words, "loopback", "--", "sh", "-c", "seq -f row-%g 200; exec sh"])
    await terminal.see("row-200")
    await terminal.type("echo by-$((1+1))\r")
    await terminal.see("by-2")
    // As if it had written to an ssh that has just ended.
    process.kill(terminal.pid, "SIGPIPE")
    await terminal.type("echo still-$((2+2))\r")
    await terminal.see("still-4")
    const first = relayOf(terminal.pid)
    process.kill(first, "SIGKILL")
    await terminal.type("echo after-$((2+2))\r")
    await terminal.see("after-4")
    expect(relayOf(terminal.pid)).not.toBe(first)
    await terminal.type("exit 5\r")
    expect(await terminal.exit()).toBe(0)
    expect((await terminal.view()).text.join("\n")).toContain("[mosh is exiting.]")
  })

  it("carries a session of Debian's server", TIMEOUT, async (context) => {
    requirePrograms(context, "mosh")
    const server = workshop.script(
      "either",
      `if [ "$1" = relay ]; then exec ${ourServer} "$@"; fi`,
      'exec /usr/bin/mosh-server "$@"'
    )
    const words = await options(context, server)
    await using terminal = await inTerminal([
      ...words,
      "loopback",
      "--",
      "sh",
      "-c",
      "echo ready; read line; echo got $line; read line"
    ])
    await terminal.see("ready")
    await terminal.type("this\r")
    await terminal.see("got this")
    await terminal.type("\r")
    expect(await terminal.exit()).toBe(0)
  })

  it("reports in one line that a host has no relay", TIMEOUT, async (context) => {
    requirePrograms(context, "mosh")
    const ran = await mosh([...(await options(context, "/usr/bin/mosh-server")), "loopback", "--", "sleep", "100"])
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(/^mosh: no session through ssh: the mosh-server there has no relay[^\n]*\n/)
  })

  it("refuses the option where there is no ssh", async () => {
    const ran = await mosh(["--local", "--transport=ssh"])
    expect(ran.code).toBe(255)
    expect(ran.stderr).toContain("--transport=ssh needs a host")
  })
})
