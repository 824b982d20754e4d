/**
 * Runs a fuzzing process and watches it: one that hangs or runs out of memory is ended, and its input is a finding too.
 */
import { fork } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Finding } from "./driver.ts"
import { HAND, type Message, type Work } from "./worker.ts"

export interface WatchOptions extends Omit<Work, "hand"> {
  /** The time after which an input counts as endless, ms. */
  readonly patience: number
  readonly onFinding: (finding: Finding) => void
  readonly onNews: (input: Uint8Array) => void
  /** Called every few seconds, with the number of runs. */
  readonly onProgress: (runs: number) => void
}

export interface Watched {
  readonly runs: number
  readonly functions: number
  readonly gaps: number
  /** Whether the process ended by itself. */
  readonly whole: boolean
}

const LOOK = 500
const PROGRESS = 20
/** MiB of heap that no decoder needs. */
const HEAP = 512

export const watch = async (options: WatchOptions): Promise<Watched> => {
  const { onFinding, onNews, onProgress, patience, ...work } = options
  const directory = mkdtempSync(join(tmpdir(), "effect-mosh-fuzz-"))
  const hand = join(directory, "hand")
  writeFileSync(hand, Buffer.alloc(HAND))
  const inHand = (): { readonly runs: number; readonly input: Uint8Array } => {
    const bytes = readFileSync(hand)
    return { runs: bytes.readUInt32LE(0), input: bytes.subarray(HAND, HAND + bytes.readUInt32LE(4)) }
  }
  const child = fork(fileURLToPath(new URL("./worker.ts", import.meta.url)), {
    serialization: "advanced",
    execArgv: [`--max-old-space-size=${HEAP}`],
    // What a process prints when it runs out of memory is long and useless.
    stdio: ["ignore", "inherit", "ignore", "ipc"]
  })
  child.send({ ...work, hand } satisfies Work)
  const left = () => child.kill("SIGKILL")
  process.once("exit", left)

  let done: Watched | undefined
  let hung = false
  let before = 0
  // Counts checks instead of reading the clock, so that a suspended machine or process does not make an input endless.
  let still = 0
  let looks = 0
  const watcher = setInterval(() => {
    const { runs } = inHand()
    if (++looks % PROGRESS === 0) onProgress(runs)
    if (runs !== before) {
      before = runs
      still = 0
    } else if (runs > 0 && ++still * LOOK > patience) {
      hung = true
      child.kill("SIGKILL")
    }
  }, LOOK)
  child.on("message", (message: Message) => {
    if (message._tag === "Finding") onFinding(message.finding)
    else if (message._tag === "News") onNews(message.input)
    else done = { ...message, whole: true }
  })
  const how = await new Promise<string>((resolve) => {
    child.on("close", (code, signal) => resolve(signal ?? `exit ${code}`))
  })
  clearInterval(watcher)
  process.off("exit", left)
  const { input, runs } = inHand()
  rmSync(directory, { recursive: true, force: true })
  if (done !== undefined) return done
  const problem = hung ? `does not end within ${patience} ms` : `ends the process (${how})`
  onFinding({ input, problem: `${problem}, not minimised`, stack: "" })
  return { runs, functions: 0, gaps: 0, whole: false }
}
