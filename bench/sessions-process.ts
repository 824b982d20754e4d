/**
 * Messages between the benchmark of many sessions and its two processes.
 */
import { type ChildProcess, fork } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import * as Effect from "effect/Effect"
import { join } from "node:path"

export interface Request {
  readonly id: number
  readonly name: string
  readonly argument?: unknown
}

/** What a process has used so far. */
export interface Usage {
  /** CPU time, ms. */
  readonly cpu: number
  /** Bytes after garbage collection: resident, and of JavaScript's heap and buffers. */
  readonly rss: number
  readonly heap: number
}

/** The two processes end with the benchmark. */
export interface Child {
  readonly ask: (name: string, argument?: unknown) => Promise<unknown>
  readonly usage: (collected?: boolean) => Promise<Usage>
  readonly end: () => void
}

/** Starts one of the two processes; its file is in this directory. */
export const start = (file: string, words: ReadonlyArray<string>, node: ReadonlyArray<string> = []): Child => {
  const child: ChildProcess = fork(join(import.meta.dirname, file), words, {
    execArgv: ["--expose-gc", ...node],
    serialization: "advanced"
  })
  const waiting = new Map<number, (value: unknown) => void>()
  let ids = 0
  child.on("message", (message: { readonly id: number; readonly value: unknown }) => {
    waiting.get(message.id)?.(message.value)
    waiting.delete(message.id)
  })
  child.on("exit", (code) => {
    if (waiting.size > 0) throw new Error(`${file} ended with ${code}`)
  })
  const ask = (name: string, argument?: unknown) =>
    new Promise<unknown>((resolve) => {
      const id = ++ids
      waiting.set(id, resolve)
      child.send({ id, name, argument } satisfies Request)
    })
  return {
    ask,
    usage: async (collected = false) => (await ask(collected ? "collected" : "usage")) as Usage,
    end: () => void child.send({ id: 0, name: "end" } satisfies Request)
  }
}

/** Answers the parent's requests, until the process is ended. */
export const answer = (handle: (request: Request) => Promise<unknown>): Effect.Effect<never> =>
  Effect.suspend(() => {
    process.on("disconnect", () => process.exit(0))
    process.on("message", (request: Request) => {
      // Not by a signal: a profile is written at the exit.
      if (request.name === "end") process.exit(0)
      void (async () => {
        const value =
          request.name === "usage" || request.name === "collected"
            ? await usage(request.name === "collected")
            : await handle(request)
        process.send?.({ id: request.id, value })
      })()
    })
    return Effect.never
  })

const usage = async (collected: boolean): Promise<Usage> => {
  const { system, user } = process.cpuUsage()
  for (let left = collected ? 4 : 0; left > 0; left--) {
    globalThis.gc?.()
    await sleep(100)
  }
  const { external, heapUsed, rss } = process.memoryUsage()
  return { cpu: (system + user) / 1000, rss, heap: heapUsed + external }
}
