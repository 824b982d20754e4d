/**
 * What one end of a session does when the other end, its program or its terminal dies.
 */
import { resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { SHELL, type Scenario } from "../interop/scenario.ts"
import { environment, type Pairing, stage } from "../interop/stage.ts"
import { end, isRunning, requirePrograms, startServer } from "../support/peers.ts"
import { openClient } from "../security/terminal.ts"

const OURS: Pairing = { client: "ours", server: "ours", through: "direct" }

const running = (program: string): Scenario => ({ name: program, program, act: async () => {} })

/** Whether a process ends within so many milliseconds. */
const ends = async (pid: number, patience: number): Promise<boolean> => {
  for (let waited = 0; waited < patience && isRunning(pid); waited += 50) await sleep(50)
  return !isRunning(pid)
}

/** Ctrl-^ and a full stop. */
const QUIT = "\u001e."

describe.concurrent("when", () => {
  test("wall clocks leap by days, a server ends its session when it should", { timeout: 60_000 }, async () => {
    const leaping = `--import ${resolve(import.meta.dirname, "leaping-clock.mjs")}`
    const world = { ...environment("/nonexistent"), NODE_OPTIONS: leaping }
    using server = await startServer("ours", {
      command: ["sh", "-c", "echo ready; exec cat"],
      environment: { ...world, MOSH_SERVER_NETWORK_TMOUT: "6" }
    })
    await using client = await openClient(server.port, { ...world, MOSH_KEY: server.key })
    expect(await client.shows("ready")).toBe(true)
    // Only heartbeats are sent meanwhile.
    await sleep(8000)
    expect(isRunning(server.pid)).toBe(true)
    end(client.pid)
    // The last heartbeat was sent at most 3 seconds ago, so the server ends 3 to 6 seconds from now.
    await sleep(1000)
    expect(isRunning(server.pid)).toBe(true)
    expect(await ends(server.pid, 25_000)).toBe(true)
  })

  test("the server is killed, the client reports it, and can be quit", { timeout: 60_000 }, async (context) => {
    requirePrograms(context, "tmux")
    await using session = await stage(OURS, running(SHELL))
    await session.terminal.see("$ ")
    end(session.serverPid())
    await session.terminal.until(
      "the bar",
      ({ text }) => /^mosh: Last contact \d+ seconds ago/.test(text[0] ?? ""),
      20_000
    )
    await session.terminal.type(QUIT)
    expect(await session.terminal.exit(20_000)).toBe(1)
    const { text } = await session.terminal.view()
    expect(text.join("")).toMatch(/did not confirm the end/)
  })

  test("the client is killed, the server keeps the session", { timeout: 60_000 }, async (context) => {
    requirePrograms(context, "tmux")
    await using session = await stage(OURS, running(SHELL))
    await session.terminal.see("$ ")
    const pids = [session.serverPid(), session.programPid()]
    end(session.clientPid())
    await sleep(4000)
    expect(pids.map(isRunning)).toEqual([true, true])
  })

  test("the program ignores SIGHUP, the server ends nevertheless", { timeout: 60_000 }, async (context) => {
    requirePrograms(context, "tmux")
    const stubborn = `sh -c "trap '' HUP; echo ready; while :; do sleep 0.1; done"`
    await using session = await stage(OURS, running(stubborn))
    await session.terminal.see("ready")
    const [server, program] = [session.serverPid(), session.programPid()]
    try {
      await session.terminal.type(QUIT)
      expect(await session.terminal.exit(20_000)).toBe(0)
      expect(await ends(server, 10_000)).toBe(true)
    } finally {
      end(program)
    }
  })

  test("the terminal is closed in the middle of a frame, both ends end", { timeout: 120_000 }, async (context) => {
    requirePrograms(context, "tmux")
    const flood = `sh -c "echo ready; sleep 1; while :; do seq 1 5000; done"`
    await using session = await stage(OURS, running(flood))
    await session.terminal.see("ready")
    const pids = [session.clientPid(), session.serverPid(), session.programPid()]
    await session.terminal.until("the flood", ({ text }) => /^\d+$/.test(text[0] ?? ""))
    await session.terminal.hangUp()
    expect(await Promise.all(pids.map((pid) => ends(pid, 60_000)))).toEqual([true, true, true])
  })
})
