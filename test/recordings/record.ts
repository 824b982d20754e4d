/**
 * Makes the recordings anew: `node test/recordings/record.ts [name…]`.
 *
 * Each program runs on a real terminal, answered by this project's emulator, in namespaces of its own (processes, host
 * name, mounts), so that a recording reveals nothing about the machine on which it was made. Needs Linux, root, tmux and
 * the programs themselves. Programs that are not installed are left out.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import * as NodePty from "../../src/services/node/pty/NodePty.ts"
import * as XtermEmulator from "../../src/services/node/xterm/XtermEmulator.ts"
import { Emulator } from "../../src/services/server/Emulator.ts"
import { Pty } from "../../src/services/server/Pty.ts"
import { environment, HOME } from "../support/isolation.ts"
import { pieces, type Recording, write } from "./recording.ts"
import { FILES, type Scenario, SCENARIOS } from "./scenarios.ts"

const QUIET_MS = 700

/** Waits until a count has not grown for a while. */
const quiet = async (count: () => unknown) => {
  for (let last: unknown, at = Date.now(); Date.now() - at < QUIET_MS; await sleep(20)) {
    const now = count()
    if (now === last) continue
    last = now
    at = Date.now()
  }
}

const record = Effect.fnUntraced(function* (scenario: Scenario, scratch: string) {
  const { columns, rows } = scenario
  const output: Array<Uint8Array> = []
  let length = 0
  const resizes: Array<Recording["resizes"][number]> = []
  const emulator = yield* Emulator
  const pty = yield* Pty
  const screen = yield* emulator.make({ size: { columns, rows }, onReply: (bytes) => program.write(bytes) })
  writeFileSync(
    join(scratch, ".start"),
    `hostname host; mount --bind "$SCRATCH" ${HOME}; unset SCRATCH; cd ${HOME}; ${scenario.command}; sleep 1000\n`
  )
  const program = yield* pty.spawn({
    file: "unshare",
    arguments: ["--uts", "--mount", "--pid", "--fork", "--mount-proc", "sh", ".start"],
    environment: environment(scratch),
    directory: scratch,
    size: { columns, rows },
    onOutput: (bytes) => {
      output.push(Uint8Array.from(bytes))
      length += bytes.length
      screen.write(bytes)
    },
    onExit: () => undefined
  })
  // First until there is any output.
  yield* Effect.promise(() => quiet(() => (length === 0 ? {} : length)))
  for (const keys of scenario.keys) {
    if (typeof keys === "string") program.write(Buffer.from(keys))
    else {
      resizes.push({ at: length, ...keys })
      screen.resize(keys)
      program.resize(keys)
    }
    yield* Effect.promise(() => quiet(() => length))
  }
  return { bytes: Buffer.concat(output), resizes }
})

const tmux = (...args: ReadonlyArray<string>): string =>
  execFileSync("tmux", ["-L", "judge", "-f", "/dev/null", ...args], { encoding: "utf8" })

/** tmux's screen after the bytes, in a pane of the same size. */
const judge = async (scenario: Scenario, bytes: Uint8Array, resizes: Recording["resizes"], scratch: string) => {
  const parts = pieces(bytes, { ...scenario, resizes })
  parts.forEach((part, i) => writeFileSync(join(scratch, `part-${i}`), part.bytes))
  const show = parts.map((_, i) => `cat part-${i}; tmux wait-for -S shown-${i}; tmux wait-for next-${i}`).join("; ")
  const size = ["-x", String(scenario.columns), "-y", String(scenario.rows)]
  tmux("new-session", "-d", ...size, "-c", scratch, "sh", "-c", `stty raw -echo; ${show}; sleep 1000`)
  try {
    tmux("set-option", "-g", "status", "off")
    tmux("set-option", "-g", "window-size", "manual")
    for (const [i, part] of parts.entries()) {
      if (i > 0) {
        tmux("resize-window", "-x", String(part.columns), "-y", String(part.rows))
        tmux("wait-for", "-S", `next-${i - 1}`)
      }
      tmux("wait-for", `shown-${i}`)
      await quiet(() => tmux("capture-pane", "-p"))
    }
    const [row, column, flag] = tmux("display-message", "-p", "#{cursor_y} #{cursor_x} #{cursor_flag}")
      .trim()
      .split(" ")
    const lines = (text: string) => text.split("\n").slice(0, -1)
    return {
      cursor: { row: Number(row), column: Number(column), visible: flag === "1" },
      text: lines(tmux("capture-pane", "-p")),
      painted: lines(tmux("capture-pane", "-p", "-e"))
    }
  } finally {
    tmux("kill-server")
  }
}

const installed = (program: string): boolean => {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`])
    return true
  } catch {
    return false
  }
}

const wanted = process.argv.slice(2)
for (const scenario of SCENARIOS) {
  if (wanted.length > 0 && !wanted.includes(scenario.name)) continue
  if (!installed(scenario.name.replace(/-.*/, "")) && /^(?!scripts|truecolor)/.test(scenario.name)) {
    console.log(`${scenario.name}: not installed`)
    continue
  }
  const scratch = mkdtempSync(join(tmpdir(), "recording-"))
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(scratch, name), content)
  try {
    const { bytes, resizes } = await Effect.runPromise(
      record(scenario, scratch).pipe(Effect.scoped, Effect.provide(Layer.merge(NodePty.layer, XtermEmulator.layer)))
    )
    const screen = await judge(scenario, bytes, resizes, scratch)
    write(scenario.name, bytes, { columns: scenario.columns, rows: scenario.rows, resizes, screen })
    console.log(`${scenario.name}: ${bytes.length} bytes`)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
process.exit(0)
