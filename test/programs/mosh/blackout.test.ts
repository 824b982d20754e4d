/**
 * Servers that ssh reaches and UDP does not. These tests last as long as users have to wait; in a file of their own, they
 * run at the same time.
 */
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest"
import { createSocket, type Socket } from "node:dgram"
import { once } from "node:events"
import * as Fs from "node:fs"
import { quoted } from "../../support/peers-shell.ts"
import { program, requirePrograms } from "../../support/peers.ts"
import { type Sshd, startSshd } from "../../support/sshd.ts"
import { Tmux } from "../../support/tmux.ts"
import { KEY, mosh, Workshop } from "./workshop.ts"

const TIMEOUT = { timeout: 90_000 }

/** `O_NONBLOCK` in the octal flags of `/proc/PID/fdinfo`. */
const NONBLOCK = 0o4000

describe.concurrent("where no datagram is answered, mosh", () => {
  let workshop: Workshop
  let silent: Socket | undefined
  let port = 0
  let sshd: Promise<Sshd> | undefined
  beforeAll(async () => {
    workshop = new Workshop()
    // Outside mosh's port range: for a port of the range, the message recommends opening the whole range.
    do {
      silent?.close()
      silent = createSocket("udp4")
      silent.bind(0, "127.0.0.1")
      await once(silent, "listening")
      port = silent.address().port
    } while (port > 60000)
  })
  afterAll(async () => {
    silent?.close()
    ;(await sshd)?.[Symbol.dispose]()
    workshop[Symbol.dispose]()
  })

  /** The option with which ssh finds the hosts of these tests. */
  const ssh = async (context: TestContext): Promise<string> => {
    requirePrograms(context, "ssh", "sshd", "tmux")
    const { clientConfig, host } = await (sshd ??= startSshd({ environment: { PATH: process.env["PATH"] ?? "" } }))
    const config = workshop.path("config")
    // Written once: an ssh of another test may be reading it.
    if (!Fs.existsSync(config)) {
      const own = Fs.readFileSync(clientConfig, "utf8")
      const translated = own.replace(host, "translated").replace("127.0.0.1", "localhost") + `  ProxyJump ${host}\n`
      Fs.writeFileSync(config, `${own}${translated}`)
    }
    return `--ssh=ssh -F ${config}`
  }
  /** A server that reports an address where there is no server. */
  const absent = () => `--server=echo MOSH CONNECT ${port} ${KEY}; :`

  const inTerminal = async (context: TestContext, ...options: ReadonlyArray<string>) =>
    Tmux.start({
      size: { columns: 110, rows: 30 },
      command: [
        ...program("ours", "mosh"),
        await ssh(context),
        absent(),
        ...options,
        "loopback",
        "--",
        "sh",
        "-c",
        "echo by-$((1+1))-ssh; tty; read line; exit 7"
      ],
      environment: { PATH: process.env["PATH"] ?? "", HOME: workshop.directory, LANG: "C.UTF-8" }
    })

  it("reports which port of which address does not answer", TIMEOUT, async () => {
    const fake = workshop.ssh(["MOSH IP 127.0.0.1", `MOSH CONNECT ${port} ${KEY}`])
    const ran = await mosh([`--ssh=${fake}`, "host"])
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain(`the server at 127.0.0.1 never answered on UDP port ${port}`)
    expect(ran.stderr).toMatch(/firewall.*UDP/)
    expect(ran.stderr).toContain(`sudo ufw allow ${port}/udp`)
    // The input from the pipe is lost, so mosh does not continue by itself.
    expect(ran.stderr).toContain(`mosh: without UDP: ${fake} -t host\n`)
  })

  it("switches to plain ssh if --fallback=ssh is given, and reports it", TIMEOUT, async (context) => {
    await using terminal = await inTerminal(context, "--fallback=ssh")
    // Typed for the session that never begins: reported, and not passed to the plain session.
    await terminal.see("plain ssh in ")
    await terminal.type("lost\r")
    await terminal.see("mosh: going on by plain ssh", 40_000)
    await terminal.see("by-2-ssh")
    const { text } = await terminal.see("/dev/pts")
    expect(text.join("\n")).toMatch(
      /never answered on UDP port \d+[^]*typed did not reach the server[^]*going on by plain ssh[^]*\/dev\/pts/
    )
    expect(Fs.readFileSync(`/proc/${terminal.pid}/comm`, "utf8")).toBe("ssh\n")
    await terminal.type("\r")
    expect(await terminal.exit()).toBe(7)
  })

  it("becomes plain ssh: same process, terminal as before, default signals", TIMEOUT, async (context) => {
    requirePrograms(context, "tmux")
    using own = new Workshop()
    const ssh = own.script(
      "login",
      'if ! [ -e "$here/called" ]; then',
      '  : > "$here/called"',
      `  echo MOSH IP 127.0.0.1; echo MOSH CONNECT ${port} ${KEY}; exit`,
      "fi",
      "echo $$ > $here/pid",
      "grep -E 'Sig(Ign|Blk)' /proc/self/status > $here/signals",
      "cat /proc/$$/fdinfo/[012] | grep flags > $here/flags",
      "stty -a > $here/ssh-modes",
      "kill -9 $$"
    )
    const line = [...program("ours", "mosh"), `--ssh=${ssh}`, "--fallback=ssh", "host"].map(quoted).join(" ")
    await using terminal = await Tmux.start({
      size: { columns: 80, rows: 24 },
      command: ["sh", "-c", `stty -a > ${quoted(own.path("modes"))}; exec ${line}`],
      environment: { PATH: process.env["PATH"] ?? "", HOME: own.directory, LANG: "C.UTF-8" }
    })
    await expect.poll(() => own.has("ssh-modes"), { timeout: 60_000 }).toBe(true)
    const { pid } = terminal
    expect(await terminal.exit()).toBe(128 + 9)
    const written = (name: string) => Fs.readFileSync(own.path(name), "utf8").trim()
    expect(Number(written("pid"))).toBe(pid)
    expect(written("signals")).toBe("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000")
    expect(written("ssh-modes")).toBe(written("modes"))
    const flags = written("flags").matchAll(/flags:\s+(\d+)/g)
    expect(Array.from(flags, ([, octal = ""]) => Number.parseInt(octal, 8) & NONBLOCK)).toEqual([0, 0, 0])
  })

  it("asks without the option, and treats any answer but yes as no", TIMEOUT, async (context) => {
    const terminals = await Promise.all([1, 2, 3].map(() => inTerminal(context)))
    try {
      await Promise.all(terminals.map((terminal) => terminal.see("Use plain ssh instead? [y/N]", 60_000)))
      const [yes, no, interrupted] = terminals as [Tmux, Tmux, Tmux]
      await yes.type("y\r")
      await no.type("\r")
      // Set for tmux, the variable would reach the shells around mosh, too.
      process.kill(interrupted.pid, "SIGINT")
      await yes.see("by-2-ssh")
      await yes.type("\r")
      expect(await Promise.all(terminals.map((terminal) => terminal.exit()))).toEqual([7, 1, 1])
      expect((await no.view()).text.join("\n")).not.toContain("by-2-ssh")
    } finally {
      await Promise.all(terminals.map((terminal) => terminal[Symbol.asyncDispose]()))
    }
  })

  it("reports that a server ended at once", TIMEOUT, async (context) => {
    const option = await ssh(context)
    const server = program("ours", "mosh-server").map(quoted).join(" ")
    workshop.script(
      "doomed",
      `${server} "$@" 2> "$here/words"`,
      `kill -9 $(sed -n 's/.*detached, pid = \\([0-9]*\\).*/\\1/p' "$here/words")`
    )
    const ran = await mosh([option, "-p", "0", `--server=${workshop.path("doomed")}`, "loopback"])
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(
      /^mosh: UDP port \d+ of 127\.0\.0\.1 says: connection refused\. mosh-server was started there/m
    )
    expect(ran.stderr).toContain(`ssh -F ${workshop.path("config")} loopback pgrep -af mosh-server`)
    expect(ran.stderr).toMatch(/KillUserProcesses=yes.*loginctl enable-linger/)
  })

  it("doubts an address that only the server reported", TIMEOUT, async (context) => {
    const ran = await mosh([await ssh(context), absent(), "--experimental-remote-ip=remote", "translated"])
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(/^mosh: 127\.0\.0\.1 is how translated calls itself.*NAT, or a jump host/m)
    expect(ran.stderr).toContain("mosh --experimental-remote-ip=local ADDRESS")
  })
})
