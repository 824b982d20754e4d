/**
 * Records the traces anew: `node test/traces/record.ts [name…]`. With `--echo`, the traces stay as they are, and only who
 * echoes their keys is recorded (`echo.ts`).
 *
 * Each program runs on a real terminal, answered by this project's emulator, in namespaces of its own (processes, host
 * name, mounts, names of users), so that a trace reveals nothing about the machine on which it was made. Needs Linux, root
 * and the programs themselves. Programs that are not installed are left out.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import * as NodePty from "../../src/services/node/pty/NodePty.ts"
import * as XtermEmulator from "../../src/services/node/xterm/XtermEmulator.ts"
import { Emulator } from "../../src/services/server/Emulator.ts"
import { Pty } from "../../src/services/server/Pty.ts"
import { FILES } from "../recordings/scenarios.ts"
import { environment, HOME } from "../support/isolation.ts"
import * as EchoProbe from "../../src/services/node/pty/EchoProbe.ts"
import * as ForegroundGroup from "../../src/services/node/pty/ForegroundGroup.ts"
import type { Sample } from "../../src/domain/terminal/InputEcho.ts"
import * as Echo from "./echo.ts"
import { application, parse, rhythm } from "./keys.ts"
import { type Scenario, SCENARIOS } from "./scenarios.ts"
import { type Key, type Output, type Trace, write } from "./trace.ts"

const arguments_ = process.argv.slice(2)
const isEcho = arguments_.includes("--echo")
const wanted = arguments_.filter((argument) => argument !== "--echo")

/** Each recording of who echoes is written into the same file. */
const AT_ONCE = isEcho ? 1 : 3
const PROGRAMS = fileURLToPath(new URL("./programs", import.meta.url))

/** The simulated user continues when nothing has changed for this long, */
const QUIET_MS = 250
/** or, where something always changes, after this. */
const PATIENCE_MS = 1200
/** How often it is determined again who echoes while the program is busy. */
const MAX_TRIES = 20
/** A recording continues for this long after the last key. */
const END_MS = 600

/** A home directory that has only what is here, with the names of users that are shown instead of this machine's. */
const START = [
  "hostname host",
  `mount --bind "$SCRATCH" ${HOME}`,
  `cd ${HOME}`,
  "for file in passwd group; do mount --bind .setup/$file /etc/$file; done",
  'mount --bind "$NODE" .setup/bin/node',
  "mount -t tmpfs tmpfs /tmp",
  "unset SCRATCH NODE",
  ""
].join("\n")

const prepare = (scratch: string, { command, files }: Scenario) => {
  const setup = join(scratch, ".setup")
  mkdirSync(join(setup, "bin"), { recursive: true })
  cpSync(PROGRAMS, join(setup, "programs"), { recursive: true })
  writeFileSync(join(setup, "bin", "node"), "")
  writeFileSync(join(setup, "passwd"), `user:x:0:0:user:${HOME}:/bin/sh\n`)
  writeFileSync(join(setup, "group"), "user:x:0:\n")
  writeFileSync(join(setup, "start"), `${START}${command}; sleep 1000\n`)
  for (const [name, content] of Object.entries({ "prose.txt": FILES["prose.txt"] ?? "", ...files })) {
    mkdirSync(dirname(join(scratch, name)), { recursive: true })
    writeFileSync(join(scratch, name), content)
  }
}

const record = Effect.fnUntraced(function* (scenario: Scenario, scratch: string) {
  const { name, what, columns, rows } = scenario
  const keys: Array<Key> = []
  const output: Array<Output> = []
  const echoes: Array<Echo.Echoes[number]> = []
  const start = performance.now()
  const now = () => Math.round((performance.now() - start) * 10) / 10
  const screen = yield* (yield* Emulator).make({
    size: { columns, rows },
    onReply: (bytes) => program.write(bytes)
  })
  const program = yield* (yield* Pty).spawn({
    file: "unshare",
    arguments: ["--uts", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", ".setup/start"],
    environment: {
      ...environment(scratch),
      NODE: process.execPath,
      PATH: `${HOME}/.setup/bin:/usr/local/bin:/usr/bin:/bin`
    },
    directory: scratch,
    size: { columns, rows },
    onOutput: (bytes) => {
      output.push({ at: now(), bytes: Uint8Array.from(bytes) })
      screen.write(bytes)
    },
    onExit: () => undefined
  })
  const last = (): number => Math.max(output.at(-1)?.at ?? 0, keys.at(-1)?.at ?? 0)
  const quiet = async () => {
    while (output.length === 0) await sleep(10)
    const from = now()
    while (now() - last() < QUIET_MS && now() - from < PATIENCE_MS) await sleep(10)
  }
  /** The scenario's shell is what a session's own program is: the foreground when nothing was typed yet. */
  let probe: EchoProbe.EchoProbe | undefined
  const sample = async () => {
    probe ??= EchoProbe.make(ForegroundGroup.of(program.pid)?.group ?? program.pid)
    if (!isEcho || probe === undefined) return
    const { sample } = probe
    const take = () => new Promise<Sample>((resolve) => sample(resolve))
    // A slow machine may leave the program busy for longer than the output pauses.
    let found = await take()
    for (let tries = 0; tries < MAX_TRIES && found.echo === "Unknown"; tries++) {
      await sleep(QUIET_MS / 10)
      found = await take()
    }
    echoes.push([keys.length, found.echo, found.place])
  }
  const type = async () => {
    const { gap, look } = rhythm(name)
    for (const piece of scenario.keys) {
      await quiet()
      await sleep(look())
      let pause = 0
      for (const [i, key] of parse(piece).entries()) {
        await sleep(pause)
        if (i === 0 || Echo.isTelling(keys.at(-1)?.text ?? "")) await sample()
        const text = screen.applicationCursorKeys() ? application(key) : key
        keys.push({ at: now(), text, waits: i === 0 })
        program.write(Buffer.from(text))
        pause = gap(key)
      }
    }
    await quiet()
    await sleep(END_MS)
  }
  yield* Effect.promise(type)
  return { trace: { name, what, columns, rows, keys, output } satisfies Trace, echoes }
})

const installed = (program: string): boolean => {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`])
    return true
  } catch {
    return false
  }
}

const trace = async (scenario: Scenario) => {
  if (!installed(scenario.program)) return console.log(`${scenario.name}: ${scenario.program} is not installed`)
  const scratch = mkdtempSync(join(tmpdir(), "trace-"))
  try {
    prepare(scratch, scenario)
    const { echoes, trace } = await Effect.runPromise(
      record(scenario, scratch).pipe(Effect.scoped, Effect.provide(Layer.merge(NodePty.layer, XtermEmulator.layer)))
    )
    if (isEcho) Echo.write(trace.name, echoes)
    else write(trace)
    console.log(`${trace.name}: ${trace.keys.length} keys, ${trace.output.length} pieces of output`)
  } finally {
    // The program may still be exiting, and writing its files.
    await sleep(200)
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** In a process of its own, so that other recordings do not delay it. */
const traceApart = ({ name }: Scenario) =>
  once(
    spawn(process.execPath, [fileURLToPath(import.meta.url), name, ...(isEcho ? ["--echo"] : [])], {
      stdio: "inherit"
    }),
    "exit"
  )

const queue = SCENARIOS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
const run = queue.length === 1 ? trace : traceApart
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await run(next)
  })
)
process.exit(0)
