/**
 * Child processes that end with the scope.
 */
import { Data, Effect, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"

export interface Spawned {
  readonly words: ReadonlyArray<string>
  readonly environment?: Readonly<Record<string, string>>
  /** Options of `setpriv` that select another user. Default: this one. */
  readonly user?: ReadonlyArray<string>
  /** The file that gets its output. */
  readonly log: string
  /** What it prints when it is ready. */
  readonly ready: RegExp
}

/** A program did not start, or ended before it was ready; `message` has what it printed. */
export class ProcessError extends Data.TaggedError("ProcessError")<{ readonly message: string }> {}

/** Starts a process, and resumes when it is ready. SIGTERM ends it when the scope closes. */
export const spawned = (options: Spawned): Effect.Effect<ChildProcess, ProcessError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<ChildProcess, ProcessError>((resume) => {
      // Should this process be killed, Linux ends the child, too.
      const [file = "", ...words] = ["setpriv", "--pdeathsig", "TERM", ...(options.user ?? []), ...options.words]
      // A group of its own: Ctrl-C in the terminal is for the parent, which ends its children in order.
      const child = spawn(file, words, {
        env: { ...process.env, ...options.environment },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true
      })
      const fail = (message: string) => resume(Effect.fail(new ProcessError({ message })))
      const log = Fs.createWriteStream(options.log)
      let text = ""
      const onOutput = (bytes: Buffer) => {
        log.write(bytes)
        if (text.length > 65_536) return
        text += bytes.toString()
        if (options.ready.test(text)) resume(Effect.succeed(child))
      }
      child.stdout.on("data", onOutput)
      child.stderr.on("data", onOutput)
      child.once("error", (error) => fail(error.message))
      child.once("close", () => fail(`${Path.basename(words.at(-1) ?? file)} ended: ${text}`))
    }),
    (child) =>
      Effect.callback<void>((resume) => {
        if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        child.once("close", () => resume(Effect.void))
        child.kill("SIGTERM")
      })
  )

/** A TCP port of loopback that is free. */
export const freePort = Effect.callback<number, ProcessError>((resume) => {
  const server = Net.createServer()
  server.once("error", ({ message }) => resume(Effect.fail(new ProcessError({ message }))))
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})
