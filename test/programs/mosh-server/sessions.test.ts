/**
 * Real programs list and end sessions: through a real sshd, ours and stock's, and beside hostile ones.
 */
import { describe, expect, it, vi } from "@effect/vitest"
import { execFileSync, spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import * as SessionCommand from "../../../src/domain/registry/SessionCommand.ts"
import { end, isRunning, type Maker, program, requirePrograms, startServer } from "../../support/peers.ts"
import { quoted } from "../../support/peers-shell.ts"
import { startSshd } from "../../support/sshd.ts"
import { Tmux } from "../../support/tmux.ts"
import { mosh, type Ran, start, Workshop } from "../mosh/workshop.ts"

// Each of these tests runs several programs, one after another.
vi.setConfig({ testTimeout: 60_000 })

const PATH = process.env["PATH"] ?? "/usr/bin:/bin"

/** A user's home. */
class Home extends AsyncDisposableStack {
  readonly directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-sessions-"))
  readonly environment = { HOME: this.directory, LANG: "C.UTF-8", PATH, TERM: "xterm-256color", SHELL: "/bin/sh" }

  constructor() {
    super()
    this.defer(() => Fs.rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 }))
  }

  async serve(
    maker: Maker,
    command: ReadonlyArray<string> = ["cat"],
    environment: Readonly<Record<string, string>> = this.environment
  ) {
    const served = this.use(await startServer(maker, { environment, command }))
    // It is listed only from then on.
    await until("it has its name", () => Fs.readFileSync(`/proc/${served.pid}/comm`, "utf8") === "mosh-server\n")
    return served
  }

  connect(server: { readonly port: number; readonly key: string }): Tmux {
    return this.use(
      Tmux.start({
        size: { columns: 80, rows: 24 },
        command: ["/usr/bin/mosh-client", "127.0.0.1", String(server.port)],
        environment: { ...this.environment, MOSH_KEY: server.key, MOSH_PREDICTION_DISPLAY: "never" }
      })
    )
  }

  /** The log of the sessions that ended. */
  ended(): string {
    const directory = Path.join(this.directory, ".local/state/effect-mosh")
    const [machine = ""] = Fs.readdirSync(directory)
    return Fs.readFileSync(Path.join(directory, machine, "ended.log"), "utf8")
  }
}

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`)
    await sleep(25)
  }
}

const gone = (pid: number): Promise<void> => until(`process ${pid} ends`, () => !isRunning(pid))

/** A session's row of the table. Sessions of other tests are listed, too. */
const row = ({ stdout }: Ran, pid: number): string =>
  stdout.split("\n").find((line) => line.startsWith(`${pid} `)) ?? `no row for ${pid} in: ${stdout}`

/** The user's environment, with nothing from the account that runs the tests. */
const person = (home: Home) => ({
  environment: { ...home.environment, XDG_STATE_HOME: undefined, XDG_RUNTIME_DIR: undefined }
})

const here = (home: Home, line: ReadonlyArray<string>): Promise<Ran> => mosh(line, person(home))

const server = (home: Home, line: ReadonlyArray<string>): Promise<Ran> =>
  start([...program("ours", "mosh-server"), ...line], person(home)).ended

describe.concurrent("sessions of this machine", () => {
  it("are listed with their program and their client, and end on request", async (context) => {
    requirePrograms(context, "mosh", "tmux")
    await using home = new Home()
    const served = await home.serve("ours", ["sh", "-c", "echo ready; exec cat"])
    const before = await here(home, ["--list"])
    expect(before).toMatchObject({ code: 0, stderr: "" })
    expect(row(before, served.pid)).toMatch(
      /^\d+ +- +\d{4}-\d\d-\d\d \d\d:\d\d +none yet +- +sh -c 'echo ready; exec cat'$/
    )
    const client = home.connect(served)
    await client.see("ready")
    for (const ran of [await here(home, ["--list"]), await server(home, ["--list"])])
      expect(row(ran, served.pid)).toMatch(/ attached \d+ s +127\.0\.0\.1 +cat +~/)
    expect(before.stdout + JSON.stringify(await server(home, ["--list", "--version"]))).not.toContain(served.key)

    const killed = await here(home, [`--kill=${served.pid}`])
    expect(killed).toEqual({ code: 0, stderr: "", stdout: `Session ${served.pid} on this machine has ended.\n` })
    expect(isRunning(served.pid)).toBe(false)
    expect(await client.exit()).toBe(0)
    const again = await here(home, ["--kill", String(served.pid)])
    expect(again).toMatchObject({ code: 1, stderr: `No mosh session ${served.pid} of yours on this machine.\n` })
    expect(home.ended()).toContain(`mosh-server[${served.pid}]: the session ended after `)
    expect(home.ended()).toContain("a signal ended it\n")
  })

  it.skipIf(process.platform !== "linux")("are distinguished by program, directory and title", async (context) => {
    requirePrograms(context, "mosh", "tmux")
    await using home = new Home()
    Fs.mkdirSync(Path.join(home.directory, "project"))
    const served = await home.serve("ours", ["sh"], { ...home.environment, PS1: "ready> " })
    const client = home.connect(served)
    await client.see("ready>")
    await client.type("cd project; printf '\\033]0;my title\\007'; cat -v\r")
    const shows = (what: RegExp) =>
      until(`${what}`, async () => what.test(row(await server(home, ["--list"]), served.pid)))
    await shows(/ cat -v +~\/project +my title$/)
    await client.press("C-c")
    await shows(/ sh +~\/project +my title$/)
    expect(isRunning(served.pid)).toBe(true)
  })

  it("log how their program ended, or that they were killed", async (context) => {
    requirePrograms(context, "mosh", "tmux")
    await using home = new Home()
    const failing = await home.serve("ours", ["sh", "-c", "exit 3"])
    expect(await home.connect(failing).exit()).toBe(0)
    await gone(failing.pid)
    expect(home.ended()).toContain(`mosh-server[${failing.pid}]: the session ended after`)
    expect(home.ended()).toContain(": its program ended with status 3\n")

    const killed = await home.serve("ours")
    await until("it is known", async () => row(await server(home, ["--list"]), killed.pid).endsWith(" cat"))
    end(killed.pid)
    await gone(killed.pid)
    expect(row(await server(home, ["--list"]), killed.pid)).toMatch(/^no row/)
    expect(home.ended()).toContain(`mosh-server[${killed.pid}]: the session ended without a word`)
  })

  it("are reported if they do not answer, and if they are stock's", async (context) => {
    requirePrograms(context, "mosh")
    await using home = new Home()
    const stopped = await home.serve("ours")
    const stock = await home.serve("stock")
    await until("it is known", async () => row(await server(home, ["--list"]), stopped.pid).endsWith(" cat"))
    process.kill(stopped.pid, "SIGSTOP")
    const ran = await server(home, ["--list"])
    expect(row(ran, stopped.pid)).toContain("? (it does not answer)")
    expect(row(ran, stock.pid)).toContain("? (stock mosh: it does not tell)")
    expect(await server(home, [`--kill=${stock.pid}`])).toMatchObject({ code: 0 })
    expect(isRunning(stock.pid)).toBe(false)
  })

  it("work in a home that cannot be written to", async () => {
    await using home = new Home()
    const served = await home.serve("ours", ["cat"], { ...home.environment, HOME: "/proc" })
    expect(row(await server(home, ["--list"]), served.pid)).toContain("? (it does not answer)")
    expect(await server(home, [`--kill=${served.pid}`])).toMatchObject({ code: 0 })
  })

  it("are not ended by the process id of another program", async () => {
    await using home = new Home()
    const ran = await server(home, [`--kill=${process.pid}`])
    expect(ran).toMatchObject({ code: 1, stderr: `No mosh session ${process.pid} of yours on this machine.\n` })
  })

  it("are found by the names that users see", async (context) => {
    requirePrograms(context, "mosh", "pgrep", "ss")
    await using home = new Home()
    const served = await home.serve("ours")
    const pgrep = execFileSync("pgrep", ["-af", "mosh-server"], { encoding: "utf8" })
    expect(pgrep).toContain(`${served.pid} mosh-server new -c 256`)
    const sockets = execFileSync("ss", ["-ulpnH"], { encoding: "utf8" }).split("\n")
    const own = sockets.filter((line) => line.includes(`:${served.port} `))
    expect(own.join("\n")).toContain(`(("mosh-server",pid=${served.pid},`)
  })
})

describe.concurrent("sessions of another machine", () => {
  /** A machine that ssh reaches, with stock's `mosh-server`, ours, or none. */
  const machine = async (home: Home, maker: Maker | undefined) => {
    const bin = Path.join(home.directory, "bin")
    Fs.mkdirSync(bin)
    if (maker !== undefined) {
      const words = program(maker, "mosh-server").map(quoted).join(" ")
      Fs.writeFileSync(Path.join(bin, "mosh-server"), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 })
    }
    const name = maker === undefined ? ["--server=no-such-server"] : []
    const sshd = home.use(await startSshd({ environment: { ...home.environment, PATH: `${bin}:${PATH}` } }))
    return (...line: ReadonlyArray<string>) =>
      mosh([`--ssh=ssh -F ${sshd.clientConfig}`, ...name, ...line, sshd.host], person(home))
  }

  it("are listed and ended through ssh", async (context) => {
    requirePrograms(context, "mosh", "sshd", "ssh")
    await using home = new Home()
    const there = await machine(home, "ours")
    const served = await home.serve("ours")
    const ran = await there("--list")
    expect(ran).toMatchObject({ code: 0, stderr: "" })
    expect(row(ran, served.pid)).toMatch(/ none yet +- +cat$/)
    expect(await there(`--kill=${served.pid}`)).toEqual({
      code: 0,
      stderr: "",
      stdout: `Session ${served.pid} on loopback has ended.\n`
    })
    expect(isRunning(served.pid)).toBe(false)
    expect(await there(`--kill=${served.pid}`)).toMatchObject({ code: 1 })
  })

  for (const maker of ["stock", undefined] as const)
    it(`are found by ps where mosh-server is ${maker ?? "no maker"}'s`, async (context) => {
      requirePrograms(context, "mosh", "sshd", "ssh")
      await using home = new Home()
      const there = await machine(home, maker)
      const served = await home.serve("stock")
      const ran = await there("--list")
      expect(ran).toMatchObject({ code: 0 })
      expect(ran.stderr).toContain("mosh: mosh-server there is not effect-mosh's")
      expect(row(ran, served.pid)).toMatch(/^\d+ +- +\d{4}-\d\d-\d\d \d\d:\d\d +\? +\? +\?$/)
      // Its child, which waits for a client, is no session.
      expect(ran.stdout).not.toContain(`\n${served.pid + 1} `)
      expect(await there(`--kill=${served.pid}`)).toMatchObject({ code: 0 })
      expect(isRunning(served.pid)).toBe(false)
      expect(await there(`--kill=${served.pid}`)).toMatchObject({ code: 1 })
    })

  it("are unknown if ssh cannot log in", async () => {
    using shop = new Workshop()
    const ssh = shop.ssh(["\u001b]0;title\u0007Permission denied"], 255)
    for (const question of ["--list", "--kill=77"]) {
      const ran = await mosh([`--ssh=${ssh}`, question, "host"])
      expect(ran).toMatchObject({ code: 255, stdout: "" })
      expect(ran.stderr).toBe(
        "?]0;title?Permission denied\nmosh: ssh could not log in to host; its own words are above.\n"
      )
      const missing = await mosh([`--ssh=${shop.path("nothing")}`, question, "host"])
      expect(missing).toMatchObject({ code: 255, stderr: expect.stringContaining("ssh could not be started") })
    }
    expect(await mosh([`--ssh=${shop.ssh([])}`, "--list", "host"])).toMatchObject({
      code: 255,
      stderr: "mosh: the sessions on host are not known: neither mosh-server nor ps answers there.\n"
    })
  })

  it("cannot control the user's terminal by their names", async () => {
    using shop = new Workshop()
    const hostile = "\u001b[2J\u009b31m\u202e"
    const told = { port: 1, program: hostile, attached: true, contact: { age: 0, from: hostile } }
    const session = { pid: 77, age: 0, details: { _tag: "Told", told } }
    const ssh = shop.ssh([hostile, "MOSH SESSIONS 3", `MOSH SESSION ${JSON.stringify(session)}`, "MOSH SESSION {}"])
    const ran = await mosh([`--ssh=${ssh}`, "--list", "host"])
    expect(ran.code).toBe(0)
    expect(row(ran, 77)).toMatch(/ attached 0 s +\?\[2J\?31m\? +\?\[2J\?31m\?$/)
    expect(ran.stderr).toBe("?[2J?31m?\nmosh: 2 more could not be understood.\n")
  })

  it("are requested through ssh with the options of a session, without a terminal", async () => {
    using shop = new Workshop()
    await mosh([`--ssh=${shop.ssh([])} -v`, "-P", "2222", "--server=env X=1 mosh-server", "-6", "--list", "ann@host"])
    const words = shop.words("ssh-words")
    expect(words.slice(0, 7)).toEqual(["-v", "-p", "2222", "-n", "-6", "ann@host", "--"])
    expect(words[7]).toMatch(/^env X=1 mosh-server '--list' '--version' \| sh -c '/)
    expect(words.length).toBe(8)
  })

  it("cannot be selected by an invalid name", async () => {
    for (const which of ["id le", "1", "-1", "12;reboot"]) {
      const ran = await mosh([`--kill=${which}`, "host"])
      expect(ran).toMatchObject({ code: 255, stdout: "" })
      expect(ran.stderr).toContain("use the name or the ID of a session, as --list shows them, or all.")
    }
  })
})

describe("the script that asks a machine for its sessions", () => {
  for (const shell of ["sh", "bash", "zsh", "fish"])
    it(`is understood by ${shell}`, (context) => {
      requirePrograms(context, shell)
      const answer = (command: string) => spawnSync(shell, ["-c", command], { encoding: "utf8" }).stdout
      expect(answer(SessionCommand.list("false"))).toMatch(/^MOSH PROCESSES\n(MOSH PROCESS \d+ [\d:-]+\n)*$/)
      expect(answer(SessionCommand.kill("false", { which: 2 ** 31 - 1, force: false }))).toBe(
        "MOSH PROCESSES\nMOSH KILL DONE\n"
      )
      // In one line: some shells do not accept several.
      expect(
        SessionCommand.list("mosh-server") + SessionCommand.kill("mosh-server", { which: "all", force: true })
      ).not.toContain("\n")
      // If the server can list its sessions, its answer is the only one.
      expect(answer(SessionCommand.list("echo MOSH SESSIONS 0"))).toBe("MOSH SESSIONS 0 --list --version\n")
    })
})

/** In a namespace of its own, in which all processes are those that the test started. */
const alone = (home: Home, script: string) =>
  spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "--kill-child", "/bin/sh", "-c", script], {
    env: home.environment,
    encoding: "utf8",
    // Fail if a server does not start. Otherwise the test, and with it the whole run, would wait without end.
    timeout: 25_000
  })

it("all sessions end together, ours and stock's", async (context) => {
  requirePrograms(context, "mosh", "unshare")
  await using home = new Home()
  if (alone(home, "exit 0").status !== 0) context.skip("no process namespaces for this user")
  const words = (maker: Maker, name: "mosh" | "mosh-server") => program(maker, name).map(quoted).join(" ")
  const serve = (maker: Maker) => `${words(maker, "mosh-server")} new -i 127.0.0.1 -p 0 -- cat >/dev/null 2>&1;`
  const there = "until pgrep -x mosh-server >/dev/null; do sleep 0.05; done;"
  for (const options of ["", " --server=/usr/bin/mosh-server"]) {
    const kill = `${words("ours", "mosh")}${options} --kill=all --force; echo "exit $?"`
    const ran = alone(home, `${serve("ours")} ${there} ${serve("stock")} ${kill}; pgrep -x mosh-server; ${kill}`)
    expect(ran.stdout).toMatch(/^(Session \d+ on this machine has ended\.\n){2}exit 0\nexit 1\n$/)
    expect(ran.stderr).toBe("No mosh sessions of yours on this machine.\n")
  }
})

it("all sessions end but stock's and those with a client, unless by force", async (context) => {
  requirePrograms(context, "mosh", "unshare")
  await using home = new Home()
  if (alone(home, "exit 0").status !== 0) context.skip("no process namespaces for this user")
  const words = (maker: Maker, name: "mosh" | "mosh-server") => program(maker, name).map(quoted).join(" ")
  const serve = (maker: Maker) => `${words(maker, "mosh-server")} new -i 127.0.0.1 -p 0 -- cat >/dev/null 2>&1;`
  const there = "until pgrep -x mosh-server >/dev/null; do sleep 0.05; done;"
  const kill = `--kill=all </dev/null; echo "exit $?"`
  const ran = alone(
    home,
    `${serve("ours")} ${there} ${serve("stock")} ${words("ours", "mosh")} ${kill}; ${words("ours", "mosh")} --server=/usr/bin/mosh-server ${kill}`
  )
  expect(ran.stdout).toMatch(/^Session \d+ on this machine has ended\.\nexit 0\nexit 1\n$/)
  expect(ran.stderr).toMatch(
    /^(Spared on this machine, because a client is or may be attached: \d+\. --force .*\n){2}$/
  )
})

it("the end of all sessions is asked for on a terminal", async (context) => {
  requirePrograms(context, "tmux", "unshare")
  await using home = new Home()
  if (alone(home, "exit 0").status !== 0) context.skip("no process namespaces for this user")
  const words = (name: "mosh" | "mosh-server") => program("ours", name).map(quoted).join(" ")
  for (const name of ["mosh", "mosh-server"] as const) {
    // Never outside such a namespace: a mistake in the confirmation would end the sessions of the user who runs the tests.
    const script = `${words("mosh-server")} new -i 127.0.0.1 -p 0 -- cat >/dev/null 2>&1; ${words(name)} --kill=all; echo "exit $?"; cat`
    const asked = home.use(
      Tmux.start({
        size: { columns: 80, rows: 24 },
        command: ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "/bin/sh", "-c", script],
        environment: home.environment
      })
    )
    await asked.see("End all your sessions without a client on this machine? [y/N]")
    await asked.type("n\r")
    await asked.see("exit 1")
    expect((await asked.view()).text.join("\n")).not.toContain("has ended")
  }
})
