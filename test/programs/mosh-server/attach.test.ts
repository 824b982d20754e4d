/**
 * Sessions that outlive their clients: real programs, ours and stock's clients.
 */
import { expect, it, vi } from "@effect/vitest"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { isRunning, program, requirePrograms, startServer } from "../../support/peers.ts"
import { Tmux } from "../../support/tmux.ts"
import { attach, Home, isFree, until } from "./home.ts"

vi.setConfig({ testTimeout: 60_000 })

/**
 * Types a line, and waits for the server's echo: one line of its terminal, one of `cat`. The local terminal also echoes what is
 * typed before the client controls it, but only once.
 */
const typeLine = async (terminal: Tmux, line: string): Promise<void> => {
  await terminal.type(`${line}\n`)
  await terminal.until("the echo", ({ text }) => text.filter((row) => row === line).length === 2)
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
    await typeLine(first.tmux, "typed before")
    process.kill(first.pid, "SIGKILL")
    await until("the client is dead", () => !isRunning(first.pid))
    const next = await attach(home, server.pid)
    expect(next.key).not.toBe(server.key)
    const second = await home.client(after, next)
    await second.tmux.until("the screen", ({ text }) => text.filter((line) => line === "typed before").length === 2)
    await typeLine(second.tmux, "typed after")
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
  await typeLine(first.tmux, "here")
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
  await typeLine(second, "there")
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
  await typeLine(first.tmux, "here")
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
