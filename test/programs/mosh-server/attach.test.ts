/**
 * Sessions that outlive their clients: real programs, ours and stock's clients.
 */
import { expect, it, vi } from "@effect/vitest"
import * as Dgram from "node:dgram"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { end, isRunning, type Maker, program, requirePrograms, startServer } from "../../support/peers.ts"
import { endWithUs } from "../../support/leftovers.ts"
import { Tmux } from "../../support/tmux.ts"
import { type Ran, start } from "../mosh/workshop.ts"

vi.setConfig({ testTimeout: 60_000 })

const PATH = process.env["PATH"] ?? "/usr/bin:/bin"
const LOOPBACK = ["-i", "127.0.0.1", "-p", "0"]

interface Endpoint {
  readonly port: number
  readonly key: string
}

/** A user's home, with its sessions. */
class Home extends AsyncDisposableStack {
  readonly directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-attach-"))
  readonly environment = { HOME: this.directory, LANG: "C.UTF-8", PATH, TERM: "xterm-256color", SHELL: "/bin/sh" }
  #clients = 0

  constructor() {
    super()
    this.defer(() => Fs.rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 }))
  }

  /** `mosh-server` with these arguments. */
  server(line: ReadonlyArray<string>, more: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const environment = { ...this.environment, XDG_STATE_HOME: undefined, XDG_RUNTIME_DIR: undefined, ...more }
    return start([...program("ours", "mosh-server"), ...line], { environment }).ended
  }

  /** A running session, and its process. */
  async session(line: ReadonlyArray<string>): Promise<Endpoint & { readonly pid: number; readonly isNew: boolean }> {
    const ran = await this.server(line)
    const [, verb, pid] = /\[mosh-server (detached|attached), pid = (\d+)\]/.exec(ran.stderr) ?? []
    if (pid === undefined) throw new Error(`no session: ${ran.stdout}${ran.stderr}`)
    endWithUs(Number(pid))
    this.defer(() => end(Number(pid)))
    return { ...endpoint(ran), pid: Number(pid), isNew: verb === "detached" }
  }

  /** A client in a terminal, and its process id. */
  async client(maker: Maker, { key, port }: Endpoint): Promise<{ readonly tmux: Tmux; readonly pid: number }> {
    const file = Path.join(this.directory, `client-${++this.#clients}`)
    const words = [...program(maker, "mosh-client"), "127.0.0.1", String(port)]
    const tmux = this.use(
      Tmux.start({
        size: { columns: 80, rows: 24 },
        command: ["/bin/sh", "-c", 'echo $$ > "$0"; exec "$@"', file, ...words],
        environment: { ...this.environment, MOSH_KEY: key, MOSH_PREDICTION_DISPLAY: "never" }
      })
    )
    await until("the client starts", () => Fs.existsSync(file) && Fs.readFileSync(file, "utf8").endsWith("\n"))
    return { tmux, pid: Number(Fs.readFileSync(file, "utf8")) }
  }
}

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`)
    await sleep(25)
  }
}

const endpoint = ({ stderr, stdout }: Ran): Endpoint => {
  const [, port, key] = /^MOSH CONNECT (\d+) ([A-Za-z0-9/+]{22})$/m.exec(stdout) ?? []
  if (port === undefined || key === undefined) throw new Error(`no MOSH CONNECT: ${stdout}${stderr}`)
  return { port: Number(port), key }
}

/** Whether no process has the UDP port. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = Dgram.createSocket("udp4")
    socket.once("error", () => resolve(false))
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)))
  })

/** `attach` once the session has registered itself. */
const attach = async (home: Home, which: string | number): Promise<Endpoint> => {
  let ran = await home.server(["attach", String(which), "new", ...LOOPBACK])
  await until(`session ${which} can be attached`, async () => {
    if (ran.code === 0) return true
    ran = await home.server(["attach", String(which), "new", ...LOOPBACK])
    return ran.code === 0
  })
  return endpoint(ran)
}

for (const [before, after] of [
  ["ours", "stock"],
  ["stock", "ours"]
] as const) {
  it(`after kill -9 of ${before} client, ${after} client attaches to the same screen, and nothing is lost`, async (context) => {
    requirePrograms(context, "tmux", "mosh")
    await using home = new Home()
    const server = await startServer("ours", { environment: home.environment, command: ["cat"] })
    using _ = server
    const first = await home.client(before, server)
    await first.tmux.type("typed before\n")
    await first.tmux.until("the echo", ({ text }) => text.filter((line) => line === "typed before").length === 2)
    process.kill(first.pid, "SIGKILL")
    await until("the client is dead", () => !isRunning(first.pid))
    const next = await attach(home, server.pid)
    expect(next.key).not.toBe(server.key)
    const second = await home.client(after, next)
    await second.tmux.until("the screen", ({ text }) => text.filter((line) => line === "typed before").length === 2)
    await second.tmux.type("typed after\n")
    await second.tmux.until("the echo", ({ text }) => text.filter((line) => line === "typed after").length === 2)
    await until("the old port is closed", () => isFree(server.port))
    expect(isRunning(server.pid)).toBe(true)
  })
}

it("mosh --attach becomes the client of the session with an ID, and refuses one that does not exist", async (context) => {
  requirePrograms(context, "tmux")
  await using home = new Home()
  const server = await startServer("ours", { environment: home.environment, command: ["cat"] })
  using _ = server
  const first = await home.client("ours", server)
  await first.tmux.type("here\n")
  await first.tmux.see("here")
  await attach(home, server.pid)
  const mosh = (which: number, ...more: ReadonlyArray<string>) =>
    home.use(
      Tmux.start({
        size: { columns: 120, rows: 24 },
        command: [...program("ours", "mosh"), "--local", `--attach=${which}`, ...more],
        environment: { ...home.environment, MOSH_PREDICTION_DISPLAY: "never" }
      })
    )
  const second = mosh(server.pid)
  await second.see("here")
  await second.type("there\n")
  await second.until("the echo", ({ text }) => text.filter((line) => line === "there").length === 2)
  expect(await first.tmux.exit()).toBe(0)
  const viewer = mosh(server.pid, "--view")
  await viewer.see("there")
  await viewer.type("nothing of this\n")
  await viewer.see("You are watching: what you type is not sent.")
  const sharer = mosh(server.pid, "--share")
  await sharer.see("there")
  await sharer.type("together\n")
  await second.until("the echo", ({ text }) => text.filter((line) => line === "together").length === 2)
  await second.type("\x1ei")
  await second.see("with 127.0.0.1 (watching) and 127.0.0.1")
  await second.type("\x1ed")
  expect(await second.exit()).toBe(0)
  await second.see(`the session on 127.0.0.1 keeps running. To attach again: mosh --attach=${server.pid} --local`)
  await sharer.type("\x1ed")
  expect(await sharer.exit()).toBe(0)
  // A viewer that quits does not end the session that it watched.
  await viewer.type("\x1e.")
  expect(await viewer.exit()).toBe(0)
  const last = mosh(server.pid)
  const { text } = await last.see("together")
  expect(text.join("\n")).not.toContain("nothing of this")
  const third = mosh(2 ** 31 - 1)
  expect(await third.exit()).not.toBe(0)
  await third.see(`no session of yours here is called ${2 ** 31 - 1}`)
})

it("a client that is replaced exits with status 0, and names the client that took over", async (context) => {
  requirePrograms(context, "tmux", "mosh")
  await using home = new Home()
  const server = await startServer("ours", { environment: home.environment, command: ["cat"] })
  using _ = server
  const first = await home.client("ours", server)
  await first.tmux.type("here\n")
  await first.tmux.see("here")
  const second = await home.client("stock", await attach(home, server.pid))
  await second.tmux.see("here")
  expect(await first.tmux.exit()).toBe(0)
  await first.tmux.see("another client, at 127.0.0.1, took over the session")
  await until("the old port is closed", () => isFree(server.port))
})

it("the control socket is private, refuses anything else, and other sockets of the directory stay", async (context) => {
  requirePrograms(context, "mosh")
  await using home = new Home()
  const server = await startServer("ours", { environment: home.environment, command: ["cat"] })
  using _ = server
  await attach(home, server.pid)
  const state = Path.join(home.directory, ".local/state/effect-mosh")
  const [machine = ""] = Fs.readdirSync(state)
  const directory = Path.join(state, machine)
  expect(Fs.statSync(directory).mode & 0o777).toBe(0o700)
  expect(Fs.statSync(Path.join(directory, `${server.pid}.control`)).mode & 0o777).toBe(0o600)
  const refused = await home.server(["attach", "nothere"])
  expect(refused).toMatchObject({ code: 1, stdout: "" })
  expect(refused.stderr).toContain("no session of yours here is called nothere")
})
