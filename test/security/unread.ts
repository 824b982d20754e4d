/**
 * `node --expose-gc test/security/unread.ts SCENARIO`: 16 MiB are typed, a byte at a time, and nothing reads them.
 *
 * Prints a JSON object: `waiting`, the bytes that wait at the end, and `grown`, by how many bytes resident memory grew.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { execFileSync } from "node:child_process"
import { constants, mkdtempSync, openSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { argv, memoryUsage, stdout } from "node:process"
import * as Application from "../../src/services/server/Application.ts"
import { Pty } from "../../src/services/server/Pty.ts"
import * as PtyInput from "../../src/services/node/pty/PtyInput.ts"
import * as XtermEmulator from "../../src/services/node/xterm/XtermEmulator.ts"
import * as ProgramInput from "../../src/services/server/ProgramInput.ts"
import * as Session from "../../src/services/server/Session.ts"

const COUNT = ProgramInput.MAX_PENDING_INPUT

const collect = (): number => {
  globalThis.gc?.()
  globalThis.gc?.()
  return memoryUsage.rss()
}

const measure = (write: (bytes: Uint8Array) => void, pending: () => number): void => {
  const byte = Uint8Array.of(0x6b)
  const before = collect()
  for (let i = 0; i < COUNT; i++) write(byte)
  stdout.write(`${JSON.stringify({ waiting: pending(), grown: collect() - before })}\n`)
}

const scenarios: Record<string, Effect.Effect<void>> = {
  "a program": Effect.sync(() => {
    const directory = mkdtempSync(join(tmpdir(), "effect-mosh-unread-"))
    const fifo = join(directory, "fifo")
    execFileSync("mkfifo", [fifo])
    const input = PtyInput.make(openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK))
    rmSync(directory, { recursive: true })
    measure(input.write, input.pending)
    input.close()
  }),
  "an application": Effect.gen(function* () {
    const running = yield* Application.run(() => Effect.never, {
      size: { columns: 80, rows: 24 },
      onOutput: () => {},
      onFrame: () => {},
      onEnd: () => {}
    })
    measure(running.write, running.pending)
  }).pipe(Effect.scoped),
  "a program that has not started": Effect.gen(function* () {
    const session = yield* Session.make({
      program: () => Effect.never,
      size: { columns: 80, rows: 24 }
    })
    measure(session.type, () => COUNT)
  }).pipe(
    Effect.provide(Layer.merge(XtermEmulator.layer, Layer.succeed(Pty, { spawn: () => Effect.never }))),
    Effect.scoped
  )
}

const scenario = scenarios[argv[2] ?? ""]
if (scenario === undefined) throw new Error(`scenarios: ${Object.keys(scenarios).join(", ")}`)
await Effect.runPromise(scenario)
