/**
 * The real program: how it starts, which files and processes remain, what a stock client shows, and how it ends.
 */
import { describe, expect, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { createSocket } from "node:dgram"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { end, heedsSignals, isRunning, program, requirePrograms } from "../../support/peers.ts"
import { Tmux } from "../../support/tmux.ts"

const [NODE = "", ...SERVER] = program("ours", "mosh-server")
const PATH = process.env["PATH"] ?? "/usr/bin:/bin"
const CONNECT = /^MOSH CONNECT (\d+) ([A-Za-z0-9/+]{22})\n$/
const DETACHED = /\n\[mosh-server detached, pid = (\d+)\]\n$/

/** A home directory for one test, and the processes that end with it. */
class Scratch extends AsyncDisposableStack {
  readonly home = mkdtempSync(join(tmpdir(), "effect-mosh-home-"))

  constructor() {
    super()
    writeFileSync(join(this.home, ".hushlogin"), "")
    this.defer(() => rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  }
}

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs mosh-server as ssh would, until its output ends: ssh returns only then. */
const run = async (
  scratch: Scratch,
  line: ReadonlyArray<string>,
  environment: Record<string, string> = {}
): Promise<Ran> => {
  const env = { PATH, LANG: "C.UTF-8", HOME: scratch.home, SHELL: "/bin/bash", ...environment }
  const child = spawn(NODE, [...SERVER, ...line], { env, stdio: ["ignore", "pipe", "pipe"] })
  let stdout = ""
  let stderr = ""
  child.stdout.on("data", (bytes: Buffer) => (stdout += bytes.toString()))
  child.stderr.on("data", (bytes: Buffer) => (stderr += bytes.toString()))
  const code = await new Promise<number | null>((done) => child.on("close", done))
  return { code, stdout, stderr }
}

interface Started extends Ran {
  readonly port: number
  readonly key: string
  readonly pid: number
}

const start = async (
  scratch: Scratch,
  command: ReadonlyArray<string>,
  environment: Record<string, string> = {}
): Promise<Started> => {
  const ran = await run(scratch, ["new", "-c", "256", "-i", "127.0.0.1", "-p", "0", ...command], environment)
  const pid = Number(DETACHED.exec(ran.stderr)?.[1])
  const [, port = "", key = ""] = CONNECT.exec(ran.stdout) ?? []
  if (!(pid > 0)) throw new Error(JSON.stringify(ran))
  scratch.defer(() => end(pid))
  return { ...ran, port: Number(port), key, pid }
}

/** A program that prints a line when it runs, and then waits. */
const ready = ["--", "sh", "-c", "echo ready; exec cat"]

const size = { columns: 70, rows: 20 }

const connect = (scratch: Scratch, { key, port }: Started): Tmux => {
  const client = Tmux.start({
    size,
    command: ["/usr/bin/mosh-client", "127.0.0.1", String(port)],
    environment: { PATH, LANG: "C.UTF-8", HOME: scratch.home, MOSH_KEY: key, MOSH_PREDICTION_DISPLAY: "never" }
  })
  scratch.use(client)
  return client
}

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 15_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`)
    await sleep(25)
  }
}

/** A shell's first line is a prompt that ends in `$`, or in `#` for root. */
const prompts = (client: Tmux) => client.until("the shell prompts", ({ text }) => /[$#]$/.test(text[0] ?? ""))

const gone = (pid: number): Promise<void> => until(`process ${pid} ends`, () => !isRunning(pid))

describe.concurrent("mosh-server starts", () => {
  it("prints its line exactly, lets ssh exit, and continues under its own process name", async () => {
    await using scratch = new Scratch()
    const started = await start(scratch, ["--", "cat"])
    expect(started.code).toBe(0)
    expect(started.stdout).toMatch(CONNECT)
    expect(started.stderr.startsWith("\nmosh-server (effect-mosh ")).toBe(true)
    expect(isRunning(started.pid)).toBe(true)
    await heedsSignals(started.pid)
    const proc = (name: string) => readFileSync(`/proc/${started.pid}/${name}`, "latin1")
    expect(proc("cmdline").replaceAll("\0", " ")).toMatch(/^mosh-server new -c 256 -i 127\.0\.0\.1 -p 0 -- cat/)
    expect(proc("comm")).toMatch(/^mosh-server/)
    expect(proc("cmdline") + proc("environ")).not.toContain(started.key)
  })

  it("reports what it cannot do, and exits with 1", async () => {
    await using scratch = new Scratch()
    const busy = createSocket("udp4").bind(0)
    scratch.defer(() => void busy.close())
    await new Promise((done) => busy.on("listening", done))
    const { port } = busy.address()
    const refused = await run(scratch, ["new", "-p", String(port)])
    expect(refused).toMatchObject({ code: 1, stdout: "" })
    expect(refused.stderr).toBe(`mosh-server: cannot use UDP port ${port} on 0.0.0.0: Address already in use.\n`)
    const badPort = await run(scratch, ["new", "-p", "5:3"])
    expect(badPort).toMatchObject({ code: 1, stdout: "" })
    expect(badPort.stderr).toContain("Bad UDP port range (5:3)")
  })

  it("uses UTF-8 if neither end has chosen it", async () => {
    await using scratch = new Scratch()
    const started = await start(scratch, ["-l", "LANG=C", "--", "cat"], { LANG: "C" })
    const environment = readFileSync(`/proc/${started.pid}/environ`, "utf8").split("\0")
    expect(environment).toEqual(expect.arrayContaining(["LANG=C", "LC_CTYPE=C.UTF-8"]))
  })

  it("binds to any address if it cannot bind the requested one, and reports that", async () => {
    await using scratch = new Scratch()
    const ran = await run(scratch, ["new", "-i", "nonsense", "-p", "0", "--", "cat"], {
      MOSH_SERVER_NETWORK_TMOUT: "soon",
      MOSH_SERVER_SIGNAL_TMOUT: "-1"
    })
    scratch.defer(() => end(Number(DETACHED.exec(ran.stderr)?.[1])))
    expect(ran.code).toBe(0)
    expect(ran.stdout).toMatch(CONNECT)
    expect(ran.stderr.split("\n").slice(0, 3)).toEqual([
      "MOSH_SERVER_NETWORK_TMOUT not a valid integer, ignoring",
      "MOSH_SERVER_SIGNAL_TMOUT is negative, ignoring",
      "mosh-server: cannot use UDP port 0 on nonsense: not a numeric IP address; binding to any interface."
    ])
  })

  it("answers --help and --version on stdout", async () => {
    await using scratch = new Scratch()
    expect(await run(scratch, ["--help"])).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/^Usage: /)
    })
    expect(await run(scratch, ["--version"])).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/^mosh-server \(/)
    })
  })
})

describe.concurrent("mosh-server with a stock client", () => {
  it("runs a login shell at the window's size, and ends with it", async (context) => {
    await using scratch = new Scratch()
    requirePrograms(context, "mosh", "tmux")
    const server = await start(scratch, [], { PS1: "$ ", STY: "screen", MOSH_KEY: "not for the shell", EXTRA: "kept" })
    const client = connect(scratch, server)
    await prompts(client)
    await client.type("echo $0 $TERM $NCURSES_NO_UTF8_ACS [$STY$MOSH_KEY] $EXTRA; shopt login_shell; stty size\r")
    await client.see("-bash xterm-256color 1 [] kept")
    await client.see("login_shell     on")
    await client.see("20 70")
    await client.type("clear; stty -a | grep -o ' iutf8'; pwd; echo $PWD; grep SigIgn /proc/self/status\r")
    await client.see(" iutf8")
    await client.see("SigIgn: 0000000000000000")
    expect((await client.view()).text.filter((row) => row === scratch.home).length).toBe(2)
    await client.resize({ columns: 60, rows: 15 })
    await client.type("clear; stty size\r")
    await client.see("15 60")
    await client.type("exit\r")
    expect(await client.exit()).toBe(0)
    await gone(server.pid)
  })

  it("shows the effect of Ctrl-C at once during a flood", async (context) => {
    await using scratch = new Scratch()
    requirePrograms(context, "mosh", "tmux")
    const server = await start(scratch, ["--", "bash", "--norc"])
    const client = connect(scratch, server)
    await prompts(client)
    await client.type("yes 'a flood of text'\r")
    await client.see("a flood of text")
    await sleep(500)
    await client.press("C-c")
    await client.type("echo over-$((1+1))\r")
    await client.see("over-2")
    expect((await client.view()).text.join("\n")).toContain("^C")
  })

  it("reports that the command cannot be run, and ends", async (context) => {
    await using scratch = new Scratch()
    requirePrograms(context, "mosh", "tmux")
    const server = await start(scratch, ["--", "no-such-command"])
    const client = connect(scratch, server)
    await client.see("no-such-command")
    expect(await client.exit()).toBe(0)
    await gone(server.pid)
  })

  it("notifies its client when SIGTERM ends it", async (context) => {
    await using scratch = new Scratch()
    requirePrograms(context, "mosh", "tmux")
    const server = await start(scratch, ready)
    const client = connect(scratch, server)
    await client.see("ready")
    process.kill(server.pid, "SIGTERM")
    expect(await client.exit()).toBe(0)
    await gone(server.pid)
  })

  it("ignores SIGHUP, obeys SIGUSR1 if no client was received, and ends after the network limit", async (context) => {
    await using scratch = new Scratch()
    requirePrograms(context, "mosh", "tmux")
    const signalled = await start(scratch, ready, { MOSH_SERVER_SIGNAL_TMOUT: "1" })
    const limited = await start(scratch, ready, { MOSH_SERVER_NETWORK_TMOUT: "8" })
    const clients = [connect(scratch, signalled), connect(scratch, limited)]
    for (const client of clients) await client.see("ready")
    process.kill(signalled.pid, "SIGHUP")
    process.kill(limited.pid, "SIGHUP")
    process.kill(limited.pid, "SIGPIPE")
    for (const client of clients) process.kill(client.pid, "SIGKILL")
    // More than the second after which SIGUSR1 is obeyed. With the heartbeat, which may be 3 s old, less than the network limit.
    await sleep(2000)
    expect([signalled, limited].map(({ pid }) => isRunning(pid))).toEqual([true, true])
    process.kill(signalled.pid, "SIGUSR1")
    await Promise.all([gone(signalled.pid), gone(limited.pid)])
  })
})
