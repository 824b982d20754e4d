/**
 * A login by ssh whose connection is kept for the first relay: an ssh without a command, and a control socket in a directory
 * that only this user can read.
 *
 * It ends with this process, even if that is killed: a shell that waits on a pipe of this process ends it.
 */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Stream from "node:stream"
import type { Environment } from "../../../domain/environment/Locale.ts"
import type { KeptLogin } from "../../bootstrap/SshBootstrap.ts"

export interface NodeKeptLogin extends KeptLogin {
  /** When the user was let in, by `performance.now()`; `undefined` before, and after the connection has ended. */
  readonly openSince: () => number | undefined
}

/** What a shell, and ssh in its option, take literally, in a length that leaves room for ssh's temporary suffix. */
const LITERAL = /^[\w./-]{1,80}$/

const SOCKET = "login"

/**
 * Runs ssh in place of the shell, and a second shell that ends it, and removes the directory `$0`, when the other end of
 * descriptor 3 is closed.
 */
const SCRIPT = '(read -r _ <&3 || { kill $$; rm -rf "$0"; }) </dev/null >/dev/null 2>&1 & exec 3<&-; exec "$@" 2>&1'

/** `undefined` where no directory for the socket can be made. */
export const make = (): NodeKeptLogin | undefined => {
  const directory = makeDirectory()
  if (directory === undefined) return undefined
  const socket = Path.join(directory, SOCKET)
  let child: ChildProcess.ChildProcess | undefined
  let unwatch = (): void => undefined
  let since: number | undefined
  let isEnded = false

  const end = (): void => {
    if (isEnded) return
    isEnded = true
    since = undefined
    process.removeListener("exit", end)
    unwatch()
    child?.kill("SIGTERM")
    Fs.rmSync(directory, { recursive: true, force: true })
  }
  process.on("exit", end)

  const start: KeptLogin["start"] = (words, environment, { onEnd, onOutput, onReady }) => {
    const ready = (): void => {
      if (isEnded || since !== undefined || !Fs.existsSync(socket)) return
      since = performance.now()
      unwatch()
      onReady()
    }
    // ssh makes the socket when the user is let in.
    unwatch = watch(directory, ready)
    const started = spawn(directory, words, environment)
    child = started
    started.stdout?.on("data", onOutput)
    started.on("error", ({ message }) => onEnd({ reason: message }))
    const conclude = (code: number | null, signal: string | null): void => {
      end()
      onEnd({ code: code ?? undefined, signal: signal ?? undefined })
    }
    started.on("close", conclude)
    // A proxy command may keep the pipe open.
    started.on("exit", (code, signal) => {
      // The waiting shell must not signal a process that has ended.
      const guard = started.stdio[GUARD]
      if (guard instanceof Stream.Writable) guard.end("\n")
      setTimeout(conclude, GRACE_MS, code, signal).unref()
    })
    release(started)
    return started.pid
  }

  return { socket, start, end, openSince: () => since }
}

const GUARD = 3

/** How long after ssh's end its output may still arrive, ms. */
const GRACE_MS = 300

const spawn = (directory: string, words: ReadonlyArray<string>, environment: Environment): ChildProcess.ChildProcess =>
  ChildProcess.spawn("/bin/sh", ["-c", SCRIPT, directory, ...words], {
    env: { ...environment },
    stdio: ["ignore", "pipe", "inherit", "pipe"]
  })

const makeDirectory = (): string | undefined => {
  try {
    const made = Fs.mkdtempSync(Path.join(Os.tmpdir(), "mosh-ssh-"))
    if (LITERAL.test(Path.join(made, SOCKET))) return made
    Fs.rmdirSync(made)
  } catch {
    // Nowhere to put it.
  }
  return undefined
}

/** Calls `onChange` when the directory may have changed, until the returned function is called. */
const watch = (directory: string, onChange: () => void): (() => void) => {
  try {
    const watcher = Fs.watch(directory, onChange)
    watcher.on("error", () => undefined)
    return () => watcher.close()
  } catch {
    // The system's limit of watches is reached.
    const timer = setInterval(onChange, POLL_MS)
    return () => clearInterval(timer)
  }
}

const POLL_MS = 20

/** Neither the process nor its pipes keep this process running. */
const release = (child: ChildProcess.ChildProcess): void => {
  child.unref()
  for (const stream of child.stdio) {
    stream?.on("error", () => undefined)
    if (stream != null && "unref" in stream && typeof stream.unref === "function") stream.unref()
  }
}
