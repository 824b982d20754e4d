/**
 * A client given by `--client=PROGRAM` replaces `mosh`: one process, with the terminal, the signals and the exit status of
 * the program.
 */
import { describe, expect, it } from "vitest"
import { once } from "node:events"
import * as Fs from "node:fs"
import { program, requirePrograms } from "../../support/peers.ts"
import { quoted } from "../../support/peers-shell.ts"
import { Tmux } from "../../support/tmux.ts"
import { CONNECT, start, Workshop } from "./workshop.ts"

const IP = "MOSH IP 192.0.2.1"

/** `--client` with a script that answers `-c` with a number of colours, and otherwise runs `lines`. */
const clientOf = (workshop: Workshop, ...lines: ReadonlyArray<string>): ReadonlyArray<string> => [
  `--ssh=${workshop.ssh([IP, CONNECT])}`,
  `--client=${workshop.script("client", 'if [ "$1" = -c ]; then echo 8; exit; fi', ...lines)}`,
  "host"
]

const onTerminate = ["trap 'echo told; exit 3' TERM", "echo ready", "while :; do sleep 0.1; done"]

/** `O_NONBLOCK` in the octal flags of `/proc/PID/fdinfo`. */
const NONBLOCK = 0o4000

/** A module that removes `execve` from Node. */
const withoutExecve = (workshop: Workshop): ReadonlyArray<string> => {
  const file = workshop.path("without-execve.cjs")
  Fs.writeFileSync(file, "process.execve = undefined\n")
  const [node = "", ...words] = program("ours", "mosh")
  return [node, "-r", file, ...words]
}

describe("mosh --client", () => {
  it("becomes the client: same process, default signals, blocking streams, no descriptors, no warning", async () => {
    using workshop = new Workshop()
    const line = clientOf(
      workshop,
      "echo $$ > $here/pid",
      "grep -E 'Sig(Ign|Blk)' /proc/self/status > $here/signals",
      "cat /proc/$$/fdinfo/[012] | grep flags > $here/flags",
      "ls /proc/$$/fd > $here/descriptors"
    )
    const { child, ended } = start([...program("ours", "mosh"), ...line])
    expect(await ended).toEqual({ code: 0, stdout: "", stderr: "" })
    const written = (name: string) => Fs.readFileSync(workshop.path(name), "utf8").trim()
    expect(Number(written("pid"))).toBe(child.pid)
    expect(written("signals")).toBe("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000")
    const flags = Array.from(written("flags").matchAll(/flags:\s+(\d+)/g), ([, octal = ""]) =>
      Number.parseInt(octal, 8)
    )
    expect(flags.map((set) => set & NONBLOCK)).toEqual([0, 0, 0])
    const descriptors = written("descriptors")
    await start([workshop.path("client")]).ended
    expect(descriptors).toBe(written("descriptors"))
  })

  it("ends by the signal that ends the client, and handles no signal itself", async () => {
    using workshop = new Workshop()
    const killed = start([...program("ours", "mosh"), ...clientOf(workshop, "kill -9 $$")])
    expect(await once(killed.child, "close")).toEqual([null, "SIGKILL"])

    const { child, ended } = start([...program("ours", "mosh"), ...clientOf(workshop, ...onTerminate)])
    if (child.stdout !== null) await once(child.stdout, "data")
    child.kill("SIGTERM")
    expect(await ended).toEqual({ code: 3, stdout: "ready\ntold\n", stderr: "" })
  })

  it("restores the terminal, with blocking streams", async (context) => {
    requirePrograms(context, "tmux")
    using workshop = new Workshop()
    const line = clientOf(
      workshop,
      "stty -a > $here/client-modes",
      "cat /proc/$$/fdinfo/[012] | grep flags > $here/flags",
      "echo $$ > $here/pid",
      "exit 5"
    )
    const mosh = [...program("ours", "mosh"), ...line].map(quoted).join(" ")
    await using terminal = await Tmux.start({
      size: { columns: 80, rows: 24 },
      command: ["sh", "-c", `stty -a > ${quoted(workshop.path("modes"))}; exec ${mosh}`],
      environment: { PATH: process.env["PATH"] ?? "", HOME: workshop.directory, LANG: "C.UTF-8" }
    })
    expect(await terminal.exit()).toBe(5)
    const { pid } = terminal
    expect(Number(Fs.readFileSync(workshop.path("pid"), "utf8"))).toBe(pid)
    expect(Fs.readFileSync(workshop.path("client-modes"), "utf8")).toBe(Fs.readFileSync(workshop.path("modes"), "utf8"))
    const flags = Fs.readFileSync(workshop.path("flags"), "utf8").matchAll(/flags:\s+(\d+)/g)
    expect(Array.from(flags, ([, octal = ""]) => Number.parseInt(octal, 8) & NONBLOCK)).toEqual([0, 0, 0])
  })

  it("runs a client that only a shell can start as a child", async () => {
    using workshop = new Workshop()
    const line = clientOf(workshop, "exit 9")
    const script = workshop.path("client")
    Fs.writeFileSync(script, Fs.readFileSync(script, "utf8").replace(/^#!.*\n/, ""))
    expect(await start([...program("ours", "mosh"), ...line]).ended).toEqual({ code: 9, stdout: "", stderr: "" })
  })

  it("where Node has no execve, forwards signals to a child, and ends with its exit status", async () => {
    using workshop = new Workshop()
    const mosh = withoutExecve(workshop)
    const { child, ended } = start([...mosh, ...clientOf(workshop, ...onTerminate)])
    if (child.stdout !== null) await once(child.stdout, "data")
    child.kill("SIGTERM")
    expect(await ended).toMatchObject({ code: 3, stdout: "ready\ntold\n" })
    expect((await start([...mosh, ...clientOf(workshop, "kill -9 $$")]).ended).code).toBe(128 + 9)
  })
})
