/**
 * The modes of the keyboard on the user's terminal, in the bytes that the client writes to it.
 *
 * The terminal answers the client's queries as one with the kitty keyboard protocol.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { environment } from "../../interop/stage.ts"
import { program, startServer } from "../../support/peers.ts"
import { open, type Terminal } from "../../security/terminal.ts"

/** What a program sets, and what the client then writes. */
const SET = "\\033[?1049h\\033[>5u\\033[>4;2m\\033[>4;1f\\033="
/** Ctrl-^ and a letter with Ctrl or without, as the kitty protocol encodes them. */
const ESCAPE_KEY = "\x1b[54;6u"

/** The keyboard's modes after some output, on either screen. */
const modesAfter = (output: string) => {
  const kitty = { primary: 0, alternate: 0 }
  const modes = { screen: "primary" as keyof typeof kitty, modifyOtherKeys: 0, formatOtherKeys: 0, keypad: false }
  // oxlint-disable-next-line no-control-regex
  for (const [whole, switched, flags, value, what] of output.matchAll(
    /\x1b\[\?1049([hl])|\x1b\[=(\d+);1u|\x1b\[>4;(\d)([mf])|\x1b[=>](?!\d)/g
  )) {
    if (switched !== undefined) modes.screen = switched === "h" ? "alternate" : "primary"
    else if (flags !== undefined) kitty[modes.screen] = Number(flags)
    else if (what === "m") modes.modifyOtherKeys = Number(value)
    else if (what === "f") modes.formatOtherKeys = Number(value)
    else modes.keypad = whole === "\x1b="
  }
  return { ...modes, ...kitty }
}

const NONE = {
  screen: "primary",
  modifyOtherKeys: 0,
  formatOtherKeys: 0,
  keypad: false,
  primary: 0,
  alternate: 0
}
const ALL = { screen: "alternate", modifyOtherKeys: 2, formatOtherKeys: 1, keypad: true, primary: 0, alternate: 5 }

/** The client's process: the one whose command line ends in the session's port. */
const clientOf = (port: number): number => {
  const found = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
  const [, pid] = new RegExp(`^ *(\\d+) .*mosh-client.* 127\\.0\\.0\\.1 ${port}$`, "m").exec(found) ?? []
  return Number(pid)
}

/** Waits until the keyboard's modes are these. */
const reaches = async (terminal: Terminal, modes: typeof NONE) => {
  await expect.poll(() => modesAfter(terminal.printed()), { timeout: 20_000, interval: 20 }).toEqual(modes)
}

it("a terminal is asked about itself after the first screen, which does not wait for its answers", async () => {
  const home = mkdtempSync(join(tmpdir(), "effect-mosh-first-screen-"))
  await using resources = new AsyncDisposableStack()
  resources.defer(() => rmSync(home, { recursive: true, force: true, maxRetries: 3 }))
  const server = resources.use(await startServer("ours", { command: ["cat"], environment: environment(home) }))
  const client = [...program("ours", "mosh-client"), "127.0.0.1", `${server.port}`]
  const terminal = resources.use(await open(client, { ...environment(home), MOSH_KEY: server.key }))
  // The client waits for the cursor's position, and has not asked for anything else.
  expect(await terminal.shows("\x1b[6n")).toBe(true)
  terminal.type("\x1b[1;1R")
  expect(await terminal.shows("\x1b[>q")).toBe(true)
  const [before = ""] = terminal.printed().split("\x1b[>q")
  // The first screen, blank or not, is drawn between the two questions.
  expect(before.slice(before.lastIndexOf("\x1b[6n"))).toContain("\x1b[1J")
}, 90_000)

/** A shell in which the client was started, in a terminal that has answered its queries. */
const start = async (home: string, command: string): Promise<Terminal> => {
  const terminal = await open(["bash", "--norc", "--noprofile"], {
    ...environment(home),
    PS1: "outer> "
  })
  expect(await terminal.shows("outer> ")).toBe(true)
  terminal.type(`${command}\r`)
  // The queries end with the one for the primary device attributes.
  expect(await terminal.shows("\x1b[>q")).toBe(true)
  terminal.type("\x1b[?2026;2$y\x1b[?2031;0$y\x1b[?0u\x1bP>|kitty(0.40)\x1b\\\x1b[?62;c")
  return terminal
}

describe("the modes of the keyboard", { timeout: 90_000 }, () => {
  it("are set on the terminal for the session's program, and reset whenever the client leaves it", async () => {
    const home = mkdtempSync(join(tmpdir(), "effect-mosh-keyboard-"))
    await using resources = new AsyncDisposableStack()
    resources.defer(() => rmSync(home, { recursive: true, force: true, maxRetries: 3 }))
    const session = async () => {
      const server = resources.use(
        await startServer("ours", {
          command: ["sh", "-c", `while read -r line; do printf "$line"; done`],
          environment: environment(home)
        })
      )
      const client = [...program("ours", "mosh-client"), "127.0.0.1", `${server.port}`].join(" ")
      const terminal = resources.use(await start(home, `MOSH_KEY=${server.key} ${client}; echo "left"-$?`))
      return { terminal, server }
    }

    const { terminal } = await session()
    terminal.type(`${SET}\r`)
    await reaches(terminal, ALL)
    // The client suspends itself, and continues.
    terminal.type(`${ESCAPE_KEY}\x1b[122;5u`)
    await reaches(terminal, NONE)
    expect(await terminal.shows("mosh is suspended")).toBe(true)
    terminal.forget()
    terminal.type("fg\r")
    await reaches(terminal, ALL)
    // A program that resets them itself.
    terminal.type("\\033[<u\\033[?1049l\\033[>4m\\033[>4f\\033>\r")
    await reaches(terminal, NONE)
    terminal.type(`${SET}\r`)
    await reaches(terminal, ALL)
    // The program ends.
    terminal.type("\x04")
    expect(await terminal.shows("[mosh is exiting.]")).toBe(true)
    expect(modesAfter(terminal.printed())).toEqual(NONE)

    // Signals end the client.
    const endBy = async (signal: "SIGTERM" | "SIGHUP") => {
      const { server, terminal: other } = await session()
      other.type(`${SET}\r`)
      await reaches(other, ALL)
      process.kill(clientOf(server.port), signal)
      expect(await other.shows("left-")).toBe(true)
      expect([signal, modesAfter(other.printed())]).toEqual([signal, NONE])
    }
    await Promise.all([endBy("SIGTERM"), endBy("SIGHUP")])
  })
})
