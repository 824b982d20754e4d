/**
 * Sessions with names: real programs, our wrapper and stock's.
 */
import { expect, it, vi } from "@effect/vitest"
import * as Fs from "node:fs"
import { isRunning, program, requirePrograms } from "../../support/peers.ts"
import { quoted } from "../../support/peers-shell.ts"
import { Tmux } from "../../support/tmux.ts"
import { mosh } from "../mosh/workshop.ts"
import { attach, Home, LOOPBACK, until } from "./home.ts"

vi.setConfig({ testTimeout: 60_000 })

const SESSION = ["session", "work", "new", ...LOOPBACK]

it("a name has one session, however many clients open it at once, and it survives its client and its terminal", async (context) => {
  requirePrograms(context, "tmux")
  await using home = new Home()
  const both = await Promise.all([home.session([...SESSION, "--", "cat"]), home.session([...SESSION, "--", "cat"])])
  const [first, second] = both.toSorted((one, other) => Number(other.isNew) - Number(one.isNew))
  if (first === undefined || second === undefined) throw new Error("no session")
  expect(both.filter(({ isNew }) => isNew).length).toBe(1)
  expect(second.pid).toBe(first.pid)
  expect(second.key).not.toBe(first.key)
  // Other users see the arguments of processes.
  const title = Fs.readFileSync(`/proc/${first.pid}/cmdline`, "utf8")
  expect(title).toContain("mosh-server new")
  expect(title).not.toContain("work")

  const client = await home.client("ours", first)
  await client.tmux.type("typed before\n")
  await client.tmux.until("the echo", ({ text }) => text.filter((line) => line === "typed before").length === 2)
  // What a terminal does when it is closed.
  process.kill(client.pid, "SIGHUP")
  await until("the client ends", () => !isRunning(client.pid))
  const limited = await home.server(["new", ...LOOPBACK], { MOSH_SERVER_MAX_DETACHED: "1" })
  expect(limited).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("you have 1 detached session") })
  const again = await home.session(SESSION)
  expect(again).toMatchObject({ pid: first.pid, isNew: false })
  const next = await home.client("ours", again)
  await next.tmux.until("the screen", ({ text }) => text.filter((line) => line === "typed before").length === 2)

  expect(await home.server(SESSION, { MOSH_SESSION: "work" })).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("this terminal is in session work already: attach from a terminal outside of it")
  })
  const other = await home.session(["session", "play", "new", ...LOOPBACK, "--", "cat"])
  expect(other.isNew).toBe(true)
  // The program ends, and the name is free.
  await next.tmux.press("C-d")
  await until("the session ends", () => !isRunning(first.pid))
  const fresh = await home.session([...SESSION, "--", "cat"])
  expect(fresh).toMatchObject({ isNew: true })
  expect(fresh.pid).not.toBe(first.pid)
})

it("without a name, a session ends with its terminal, unless it is detachable", async (context) => {
  requirePrograms(context, "tmux")
  await using home = new Home()
  for (const [options, stays] of [
    [[], false],
    [["-@", "detachable"], true]
  ] as const) {
    const session = await home.session(["new", ...LOOPBACK, ...options, "--", "cat"])
    const client = await home.client("ours", session)
    await client.tmux.type("typed\n")
    await client.tmux.until("the echo", ({ text }) => text.filter((line) => line === "typed").length === 2)
    process.kill(client.pid, "SIGHUP")
    await until("the client ends", () => !isRunning(client.pid))
    if (stays) {
      const next = await home.client("ours", await attach(home, session.pid))
      await next.tmux.see("typed")
    } else await until("the session ends", () => !isRunning(session.pid))
    expect(isRunning(session.pid)).toBe(stays)
  }
})

it("wrappers, stock's too, open, list, choose and end sessions by name", async (context) => {
  requirePrograms(context, "tmux", "mosh")
  await using home = new Home()
  const environment = { ...home.environment, XDG_STATE_HOME: undefined, XDG_RUNTIME_DIR: undefined }
  const ask = (line: ReadonlyArray<string>) => mosh(["--local", ...line], { environment })
  const open = (...command: ReadonlyArray<string>) =>
    home.use(
      Tmux.start({
        size: { columns: 100, rows: 24 },
        command,
        environment: { ...home.environment, MOSH_PREDICTION_DISPLAY: "never" }
      })
    )
  const ours = (...line: ReadonlyArray<string>) => open(...program("ours", "mosh"), "--local", ...line)
  // Only this home's sessions have known names.
  const named = async (name: string) => {
    const { stdout } = await ask(["--list", "--json"])
    const sessions = JSON.parse(stdout) as ReadonlyArray<Record<string, unknown>>
    for (const { id, name: known } of sessions) if (known !== null) home.endsWithUs(Number(id))
    return sessions.find((one) => one["name"] === name)
  }

  const server = program("ours", "mosh-server").map(quoted).join(" ")
  const stock = open(
    ...program("stock", "mosh"),
    "--local",
    `--server=${server} session work`,
    "127.0.0.1",
    "--",
    "cat"
  )
  await stock.type("from stock\n")
  await stock.until("the echo", ({ text }) => text.filter((line) => line === "from stock").length === 2)
  const play = ours("--session=play", "--", "sh", "-c", "echo playing; exec cat")
  await play.see("playing")
  const work = await named("work")
  expect(work).toMatchObject({
    server: "effect-mosh",
    answers: true,
    client: "attached",
    address: "127.0.0.1",
    program: "cat"
  })

  expect(await ask(["--attach"])).toMatchObject({
    code: 255,
    stdout: "",
    stderr: expect.stringMatching(
      /^mosh: several sessions run on this machine; choose one with --attach=WHICH.\n.* work .*/s
    )
  })
  const chooser = ours("--attach")
  await chooser.see("Attach to which, 1 to 2?")
  await chooser.type("7\rwork\r")
  await chooser.until("the screen", ({ text }) => text.filter((line) => line === "from stock").length === 2)
  expect(await stock.exit()).toBe(0)

  expect(await ask(["--kill=work"])).toMatchObject({
    code: 0,
    stdout: `Session work (${String(work?.["id"])}) on this machine has ended.\n`
  })
})

it("where mosh-server is stock's, mosh reports that in one line, with a suggestion", async (context) => {
  requirePrograms(context, "mosh")
  await using home = new Home()
  const environment = { ...home.environment, XDG_STATE_HOME: undefined, XDG_RUNTIME_DIR: undefined }
  for (const option of ["--attach", "--attach=7", "--session=work"])
    expect(await mosh(["--local", "--server=/usr/bin/mosh-server", option], { environment })).toEqual({
      code: 255,
      stdout: "",
      stderr: expect.stringMatching(/^mosh: mosh-server on this machine is stock mosh's, .*: install effect-mosh .*\n$/)
    })
  expect(await mosh(["--server=/usr/bin/mosh-server", "--kill=work"], { environment })).toMatchObject({
    code: 255,
    stderr: expect.stringMatching(
      /^mosh: mosh-server there is not effect-mosh's .*: its sessions have no names\. .*\n$/
    )
  })
})
