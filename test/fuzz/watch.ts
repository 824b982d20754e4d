/**
 * Runs a fuzzing thread and watches it: one that hangs or runs out of memory is ended, and its input is a finding too.
 */
import { Worker } from "node:worker_threads"
import type { Finding } from "./driver.ts"
import { type Message, SHARED, type WorkerData } from "./worker.ts"

export interface WatchOptions extends Omit<WorkerData, "shared"> {
  readonly maxLength: number
  /** Milliseconds without an end of an input that are for ever. */
  readonly patience: number
  readonly onFinding: (finding: Finding) => void
  readonly onNews: (input: Uint8Array) => void
  /** Called every few seconds. */
  readonly onProgress: (runs: number, news: number) => void
}

export interface Watched {
  readonly runs: number
  readonly functions: number
  readonly gaps: number
  /** Whether the thread came to its own end. */
  readonly whole: boolean
}

const LOOK = 500
const PROGRESS = 20
/** MiB of heap that no decoder needs. */
const HEAP = 384

export const watch = (options: WatchOptions): Promise<Watched> => {
  const { maxLength, onFinding, onNews, onProgress, patience, ...data } = options
  const shared = new SharedArrayBuffer(SHARED.input + maxLength)
  const head = new Int32Array(shared, 0, SHARED.input / 4)
  const runs = () => Atomics.load(head, SHARED.runs)
  const inHand = () => Uint8Array.from(new Uint8Array(shared, SHARED.input, head[SHARED.length]))
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { ...data, shared } satisfies WorkerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP }
  })
  return new Promise((resolve) => {
    let done: Watched | undefined
    let before = -1
    let since = performance.now()
    let looks = 0
    let ending = false
    const partial = (): Watched => ({ runs: runs(), functions: 0, gaps: 0, whole: false })
    const watcher = setInterval(() => {
      if (++looks % PROGRESS === 0) onProgress(runs(), Atomics.load(head, SHARED.corpus))
      if (runs() !== before) {
        before = runs()
        since = performance.now()
      } else if (!ending && before > 0 && performance.now() - since > patience) {
        ending = true
        onFinding({ input: inHand(), problem: `does not end within ${patience} ms (not minimised)`, stack: "" })
        void worker.terminate()
      }
    }, LOOK)
    worker.on("message", (message: Message) => {
      if (message._tag === "Finding") onFinding(message.finding)
      else if (message._tag === "News") onNews(message.input)
      else done = { ...message, whole: true }
    })
    worker.on("error", (error: unknown) => {
      const { message, stack = "" } = error instanceof Error ? error : new Error(String(error))
      onFinding({ input: inHand(), problem: `ends the thread: ${message} (not minimised)`, stack })
    })
    worker.on("exit", () => {
      clearInterval(watcher)
      resolve(done ?? partial())
    })
  })
}
