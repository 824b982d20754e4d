/** How the client suspends, continues and quits, whatever its server and the user's shell do meanwhile. */
import { execFileSync } from "node:child_process"
import { createSocket } from "node:dgram"
import { once } from "node:events"
import { readFileSync, readlinkSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { environment } from "../../interop/stage.ts"
import { end, program, requirePrograms } from "../../support/peers.ts"
import { Tmux, type View } from "../../support/tmux.ts"
import { enter, person } from "./person.ts"

/** The client's process: the one whose command line ends in the session's port. */
const clientOf = (port: number): number => {
  const found = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
  const [, pid] = new RegExp(`^ *(\\d+) .*mosh-client.* 127\\.0\\.0\\.1 ${port}$`, "m").exec(found) ?? []
  return Number(pid)
}

const isStopped = (pid: number): boolean => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))

const atOuter = (view: View): boolean => view.text.findLast((row) => row !== "") === "outer>"

describe("mosh-client", { timeout: 60_000 }, () => {
  it("restores the terminal on SIGTSTP, as on Ctrl-^ Ctrl-Z, and sets it up again afterwards", async (context) => {
    requirePrograms(context, "tmux")
    await using someone = await person({ server: "ours", variables: { MOSH_SCROLLBACK: "off" } })
    const { server, terminal } = someone
    await enter(someone)
    await terminal.type("printf '\\033[?1003h'; echo o''k\r")
    await terminal.until("mouse reports", ({ mouse, text }) => mouse === "00100" && text.includes("ok"))
    process.kill(clientOf(server.port), "SIGTSTP")
    const { alternate, mouse, text } = await terminal.until("the outer shell", atOuter)
    expect({ alternate, mouse }).toEqual({ alternate: false, mouse: "00000" })
    expect(text).toContain("[mosh is suspended.]")
    await terminal.type("clear; stty -a | tr ' ;' '\\n\\n' | grep -cx -e icanon -e echo\r")
    await terminal.until("a terminal that edits and echoes lines", ({ text }) => text.includes("2"))
    await terminal.type("fg\r")
    const again = await terminal.until("the session", ({ mouse, text }) => mouse === "00100" && text.includes("ok"))
    expect(again.alternate).toBe(true)
    await terminal.type("echo $((40 + 2))\r")
    await terminal.see("42")
  })

  it("sets up and redraws everything when it continues after SIGSTOP, in another size", async (context) => {
    requirePrograms(context, "tmux")
    await using someone = await person({ server: "ours", variables: { MOSH_SCROLLBACK: "off" } })
    const { server, terminal } = someone
    await enter(someone)
    await terminal.type("printf '\\033[?1003h'; echo o''k\r")
    await terminal.until("mouse reports", ({ mouse, text }) => mouse === "00100" && text.includes("ok"))
    const pid = clientOf(server.port)
    process.kill(pid, "SIGSTOP")
    await terminal.until("the job control of the outer shell", ({ text }) =>
      text.some((row) => row.includes("Stopped"))
    )
    expect(isStopped(pid)).toBe(true)
    await terminal.type("printf '\\033[?1049l\\033[?1003l\\033[?1l'; stty sane; clear; echo di''sturbed\r")
    await terminal.see("disturbed")
    await terminal.resize({ columns: 70, rows: 10 })
    await terminal.type("fg\r")
    const { alternate, text } = await terminal.until(
      "the session",
      ({ mouse, text }) => mouse === "00100" && text.includes("ok")
    )
    expect(alternate).toBe(true)
    expect(text.join("\n")).not.toMatch(/disturbed|mosh-client/)
    await terminal.type("stty size; cat -v\r")
    await terminal.see("10 70")
    await terminal.press("Up")
    await terminal.see("^[[A")
  })

  it("makes the terminal raw before its first datagram leaves", async (context) => {
    requirePrograms(context, "tmux")
    const silent = createSocket("udp4").bind(0, "127.0.0.1")
    await once(silent, "listening")
    await using terminal = Tmux.start({
      size: { columns: 80, rows: 12 },
      command: [...program("ours", "mosh-client"), "127.0.0.1", `${silent.address().port}`],
      environment: { ...environment("/"), MOSH_KEY: "AAAAAAAAAAAAAAAAAAAAAA" }
    })
    await once(silent, "message")
    const modes = execFileSync("stty", ["-a", "-F", readlinkSync(`/proc/${terminal.pid}/fd/0`)], { encoding: "utf8" })
    silent.close()
    expect(modes).toMatch(/ -icanon .* -echo /s)
  })

  it("leaves a server whose port is closed, and names the cause", async (context) => {
    requirePrograms(context, "tmux")
    if (process.platform !== "linux") return context.skip("only Linux reports refused datagrams to us")
    await using someone = await person({ server: "ours" })
    const { server, terminal } = someone
    await enter(someone)
    end(server.pid)
    // A paste that never arrives would keep the client for ten seconds.
    await terminal.type("x".repeat(10_000))
    await terminal.until("the bar", ({ text }) => text[0]?.includes(`UDP port ${server.port} is closed.`) === true)
    await terminal.type("\x1e.")
    const { text } = await terminal.until("the outer shell", atOuter)
    expect(text.join("\n")).toContain(`mosh did not shut down cleanly: UDP port ${server.port} of 127.0.0.1 is closed.`)
  })

  it.for([
    ["Ctrl-C", "\x03"],
    ["Ctrl-^ .", "\x1e."]
  ])("leaves a silent server at the second request: %s", async ([, again = ""], context) => {
    requirePrograms(context, "tmux")
    await using someone = await person({ server: "ours" })
    const { server, terminal } = someone
    await enter(someone, "-v")
    process.kill(server.pid, "SIGSTOP")
    await terminal.type("x".repeat(10_000))
    await terminal.type("\x1e.")
    await terminal.until("the bar", ({ text }) => text[0]?.startsWith("mosh: Exiting on user request...") === true)
    await terminal.type(again)
    const { text } = await terminal.see("we left without waiting for the server")
    expect(text.join("\n")).toContain("mosh did not shut down cleanly")
  })
})
