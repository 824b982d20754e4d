/**
 * However a server's session ends, a line in the log gives the reason.
 */
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { end, isRunning, program, type Server, startServer } from "../support/peers.ts"
import { openClient } from "./terminal.ts"

interface Ended {
  /** `ended.log`, and the last event of `MOSH_LOG`. */
  readonly line: string
  readonly event: Record<string, unknown>
}

/** The lines about a session that `act` ends. */
const after = async (
  act: (server: Server, environment: Record<string, string>) => Promise<void> | void,
  more: Readonly<Record<string, string>> = {}
): Promise<Ended> => {
  const home = Fs.mkdtempSync(join(tmpdir(), "effect-mosh-last-words-"))
  try {
    const environment = {
      HOME: home,
      XDG_STATE_HOME: home,
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      LANG: "C.UTF-8",
      MOSH_LOG: join(home, "log"),
      ...more
    }
    using server = await startServer("ours", { environment, command: ["cat"] })
    await act(server, environment)
    for (let waited = 0; waited < 20_000 && isRunning(server.pid); waited += 50) await sleep(50)
    expect(isRunning(server.pid)).toBe(false)
    // If a process was killed, the next program that looks for sessions reports it.
    const [file = "", ...words] = program("ours", "mosh-server")
    execFileSync(file, [...words, "--list"], { env: environment })
    const directory = Fs.readdirSync(join(home, "effect-mosh"))[0] ?? hostname()
    const lines = Fs.readFileSync(join(home, "effect-mosh", directory, "ended.log"), "utf8")
      .trimEnd()
      .split("\n")
    const events = Fs.readFileSync(environment.MOSH_LOG, "utf8").trimEnd().split("\n")
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`mosh-server[${server.pid}]: `)
    const told = events.map((text): Record<string, unknown> => JSON.parse(text))
    const event = told.find(({ event }) => event === "session ended") ?? told.at(-1) ?? {}
    return { line: lines[0] ?? "", event }
  } finally {
    Fs.rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

/** Waits until other processes can find the session: one that ends earlier leaves no trace. */
const registered = async ({ pid }: Server, { XDG_STATE_HOME = "" }: Record<string, string>): Promise<void> => {
  for (let waited = 0; waited < 20_000; waited += 20) {
    const names = Fs.readdirSync(XDG_STATE_HOME, { recursive: true, encoding: "utf8" })
    if (names.some((name) => name.endsWith(`/${pid}`))) return
    await sleep(20)
  }
  throw new Error("The session is not registered.")
}

const crash = async (server: Server, environment: Record<string, string>): Promise<void> => {
  await registered(server, environment)
  process.kill(server.pid, "SIGUSR2")
}

const crashing = (way: string) => ({
  CRASH: way,
  NODE_OPTIONS: `--import ${resolve(import.meta.dirname, "crashing.mjs")}`
})

describe.concurrent("the log gives the reason when a session ends", { timeout: 60_000 }, () => {
  test("by SIGTERM", async () => {
    const { event, line } = await after(({ pid }) => void process.kill(pid, "SIGTERM"))
    expect(line).toMatch(/a signal ended it/)
    expect(event).toMatchObject({ event: "session ended", why: "Terminated", sent: expect.any(Number) })
  })

  test("with its client", async () => {
    const { event, line } = await after(async (server, environment) => {
      await using client = await openClient(server.port, { ...environment, MOSH_KEY: server.key, MOSH_LOG: "" })
      await client.shows("\u001b[")
      await sleep(500)
      client.type("\u001e.")
      expect(await client.exit).toBe(0)
    })
    expect(line).toMatch(/its client left/)
    expect(event).toMatchObject({ event: "session ended", why: "ClientLeft" })
  })

  test("with its program", async () => {
    const { event, line } = await after(async (server, environment) => {
      await using client = await openClient(server.port, { ...environment, MOSH_KEY: server.key, MOSH_LOG: "" })
      await client.shows("\u001b[")
      await sleep(500)
      client.type("\u0004")
      expect(await client.exit).toBe(0)
    })
    expect(line).toMatch(/its program ended with status 0/)
    expect(event).toMatchObject({ event: "session ended", why: "ProgramEnded" })
  })

  test("by an unexpected exception", async () => {
    const { event, line } = await after(crash, crashing("exception"))
    expect(line).toMatch(/internal error: planted.exception$/)
    expect(event).toMatchObject({ level: "fatal", event: "session ended", why: "InternalError" })
  })

  test("by an unhandled rejection", async () => {
    const { line } = await after(crash, crashing("rejection"))
    expect(line).toMatch(/internal error: planted rejection/)
  })

  test("for lack of memory, as soon as sessions are listed", async () => {
    const { line } = await after(crash, {
      CRASH: "memory",
      NODE_OPTIONS: `${crashing("").NODE_OPTIONS} --max-old-space-size=64`
    })
    expect(line).toMatch(/ended without a word/)
  })

  test("by SIGKILL, as soon as sessions are listed", async () => {
    const { line } = await after(async (server, environment) => {
      await registered(server, environment)
      end(server.pid)
    })
    expect(line).toMatch(/ended without a word/)
  })
})
