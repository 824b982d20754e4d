/**
 * How sessions end, from either side: the exit status, the screen that the user gets back, and that no process is left.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { isRunning, requirePrograms } from "../support/peers.ts"
import { pairings } from "./pairings.ts"
import { SHELL, type Scenario } from "./scenario.ts"
import { BEFORE, needsOf, pairingName, stage, type Pairing, type Stage } from "./stage.ts"

/**
 * On the alternate screen, after which the terminal shows the former screen again. `scrollback.test.ts` tests the
 * primary screen.
 */
const shell: Scenario = {
  name: "a shell",
  program: SHELL,
  environment: { MOSH_SCROLLBACK: "off" },
  act: async () => {}
}

/** Ctrl-^ and a full stop. */
const QUIT = "\u001e."

interface Ending {
  readonly name: string
  /** What our client prints if the user did not end the session. A stock server gives no reason. */
  readonly reason?: RegExp
  readonly end: (session: Stage) => Promise<void>
}

const endings: ReadonlyArray<Ending> = [
  { name: "exit in the shell", end: ({ terminal }) => terminal.type("exit 3\r") },
  { name: "Ctrl-^ . on the client", end: ({ terminal }) => terminal.type(QUIT) },
  {
    name: "SIGTERM to the client",
    end: async ({ clientPid }) => void process.kill(clientPid(), "SIGTERM"),
    reason: /^mosh: this client was ended by SIGTERM\.$/
  },
  {
    name: "SIGHUP to the client",
    end: async ({ clientPid }) => void process.kill(clientPid(), "SIGHUP"),
    reason: /^mosh: this client was ended by SIGHUP\.$/
  },
  {
    name: "SIGTERM to the server",
    end: async ({ serverPid }) => void process.kill(serverPid(), "SIGTERM"),
    reason: /^mosh: (a signal ended the session on 127\.0\.0\.1 |127\.0\.0\.1 ended the session: its program exited)/
  },
  {
    name: "the program is killed",
    end: async ({ programPid }) => void process.kill(programPid(), "SIGKILL"),
    reason:
      /^mosh: (the session's program on 127\.0\.0\.1 was ended by signal 9\.|127\.0\.0\.1 ended the session: its program exited)/
  }
]

const gone = async (pid: number): Promise<boolean> => {
  for (let tries = 0; tries < 100 && isRunning(pid); tries++) await sleep(50)
  return !isRunning(pid)
}

const opened = async (pairing: Pairing): Promise<Stage> => {
  // Disposed here if a step below fails.
  await using resources = new AsyncDisposableStack()
  const session = resources.use(await stage(pairing, shell))
  await session.terminal.see("$ ")
  // Modes that must not outlive the session, and a screen that the former one must replace.
  await session.terminal.type(String.raw`printf '\033[?1003h\033[?1006h\033[?25l'; seq 100` + "\r")
  await session.terminal.until("the mouse mode", (view) => view.mouse === "00110")
  resources.move()
  return session
}

for (const pairing of pairings)
  describe.concurrent(`${pairingName(pairing)}`, () => {
    for (const { name, end, reason } of endings)
      test(`${name}: a clean end`, { timeout: 60_000 }, async (context) => {
        requirePrograms(context, ...needsOf(pairing))
        await using session = await opened(pairing)
        const pids = [session.programPid(), session.serverPid()]
        await end(session)
        expect(await session.terminal.exit()).toBe(0)
        const { text, painting, mouse, alternate } = await session.terminal.view()
        const [first, ...lines] = text.filter((row) => row !== "")
        expect(first).toBe(BEFORE)
        expect(lines.pop()).toBe("[mosh is exiting.]")
        const isReported = reason !== undefined && pairing.client === "ours"
        // Right after a keystroke, our client takes the end of a stock server's session for the user's own.
        const mayBeSilent = !isReported || pairing.server === "stock"
        expect(lines.filter((line) => !(isReported && reason.test(line)))).toEqual([])
        expect(lines.length).toBeGreaterThanOrEqual(mayBeSilent ? 0 : 1)
        expect({ visible: painting.cursorVisible, mouse, alternate }).toEqual({
          visible: true,
          mouse: "00000",
          alternate: false
        })
        expect(await Promise.all(pids.map(gone))).toEqual([true, true])
      })

    test("Ctrl-^ . without a network ends after some tries, with a warning", { timeout: 60_000 }, async (context) => {
      requirePrograms(context, ...needsOf(pairing))
      await using session = await opened(pairing)
      session.relay?.weather({ loss: 1 })
      await session.terminal.type(QUIT)
      expect(await session.terminal.exit(20_000)).toBe(1)
      const { text, alternate } = await session.terminal.view()
      expect(alternate).toBe(false)
      expect(text[0]).toBe(BEFORE)
      expect(text.join("\n")).toMatch(/server/)
      expect(text.join("\n")).toContain("[mosh is exiting.]")
    })

    test(
      "the notification bar reports a silent network, and disappears when it is back",
      { timeout: 60_000 },
      async (context) => {
        requirePrograms(context, ...needsOf(pairing))
        await using session = await opened(pairing)
        session.relay?.weather({ loss: 1 })
        const bar = await session.terminal.until(
          "the bar",
          // The colours may come a moment after the text.
          ({ painting, text }) =>
            text[0]?.startsWith("mosh: Last") === true && painting.rows[0]?.includes("mosh:") === true,
          15_000
        )
        expect(bar.text[0]).toMatch(/^mosh: Last contact \d+ seconds ago\. \[To quit: Ctrl-\^ \.\]$/)
        expect(bar.painting.rows[0]).toMatch(/^fg 7 bg 4 bold\|mosh: bg 4\| {2}fg 7 bg 4 bold\|Last/)
        session.relay?.weather({})
        const after = await session.terminal.until(
          "no bar",
          ({ text }) => text[0]?.startsWith("mosh:") === false,
          20_000
        )
        expect(after.text.slice(0, 4)).toEqual(["78", "79", "80", "81"])
      }
    )
  })
