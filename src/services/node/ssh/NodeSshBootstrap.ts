/**
 * `SshBootstrap` on Node's child processes.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Process from "node:process"
import { StringDecoder } from "node:string_decoder"
import * as Tty from "node:tty"
import type { Ending } from "../../../domain/bootstrap/BootstrapTranscript.ts"
import * as LineSplitter from "../../../domain/bootstrap/LineSplitter.ts"
import type { Environment } from "../../../domain/environment/Locale.ts"
import { CommandNotStarted, SshBootstrap } from "../../bootstrap/SshBootstrap.ts"
import * as LoginTerminal from "../terminal/LoginTerminal.ts"
import { lookup } from "../udp/HostAddresses.ts"

export const layer: Layer.Layer<SshBootstrap> = Layer.succeed(SshBootstrap, {
  listen: (command, hear) =>
    Effect.callback<Ending | undefined, CommandNotStarted>((resume) => {
      const program = command.words[0] ?? ""
      if (!isProgram(program, command.environment)) {
        resume(Effect.fail(new CommandNotStarted({ reason: `there is no program ${program}` })))
        return
      }
      const terminal = command.keepsTypeAhead === true ? LoginTerminal.take() : undefined
      // The shell redirects both outputs to one pipe: with two pipes, lines could be read out of order.
      const child = ChildProcess.spawn("/bin/sh", ["-c", 'exec "$@" 2>&1', "sh", ...command.words], {
        env: command.environment,
        cwd: command.atHome ? home() : undefined,
        // ssh passes the terminal's size to the server. Any other stdin is input for the session.
        stdio: [Tty.isatty(0) ? "inherit" : "ignore", "pipe", "inherit"]
      })
      if (child.pid !== undefined) terminal?.watch(child.pid)
      let done = false
      let heardEnough = false
      const finish = (effect: Effect.Effect<Ending | undefined, CommandNotStarted>) => {
        if (done) return
        done = true
        if (heardEnough) terminal?.handOver()
        else terminal?.giveBack()
        child.unref()
        // Still read, and discarded: a command that cannot write could end before the server has detached.
        child.stdout.off("data", lines.write)
        child.stdout.resume()
        release(child.stdout)
        resume(effect)
      }
      const lines = splitLines((line) => {
        if (done || heardEnough || hear(line)) return
        heardEnough = true
        // ssh restores the terminal's modes when it ends, so the client must not set its own before that.
        setTimeout(finish, FAREWELL_MS, Effect.undefined).unref()
      })
      const conclude = (code: number | null, signal: string | null) => {
        if (heardEnough) return finish(Effect.undefined)
        lines.end()
        const ending: Ending = { code: code ?? undefined, signal: signal ?? undefined }
        finish(Effect.succeed(ending))
      }
      child.stdout.on("data", lines.write)
      child.stdout.on("error", () => undefined)
      child.on("error", (error) => finish(Effect.fail(new CommandNotStarted({ reason: error.message }))))
      child.on("close", conclude)
      // A shared connection (ControlMaster) keeps the pipe open while it lives.
      child.on("exit", (code, signal) => {
        if (heardEnough) conclude(code, signal)
        else setTimeout(conclude, GRACE_MS, code, signal).unref()
      })
      return Effect.callback<void>((resumed) => {
        done = true
        const ended = (): void => {
          terminal?.giveBack()
          resumed(Effect.void)
        }
        child.kill("SIGTERM")
        // ssh restores the modes that it found before its prompt, which must happen before ours.
        if (terminal === undefined || child.exitCode !== null || child.signalCode !== null) return ended()
        child.once("exit", ended)
        setTimeout(ended, INTERRUPTION_MS).unref()
      })
    }),

  output: (command) =>
    Effect.callback<string>((resume) => {
      const [program = "", ...parameters] = command.words
      const child = ChildProcess.execFile(
        program,
        parameters,
        { env: command.environment, encoding: "utf8", timeout: OUTPUT_TIMEOUT_MS },
        (error, stdout) => resume(Effect.succeed(error === null ? stdout : ""))
      )
      child.stdin?.end()
      return Effect.sync(() => {
        child.kill("SIGTERM")
      })
    }),

  addresses: (host) => Effect.promise(() => lookup(host)).pipe(Effect.flatMap(Effect.fromResult))
})

/** How long a command may take to end after its last relevant line, ms: ssh needs a round trip, unless it stays. */
const FAREWELL_MS = 5000
/** How long an interrupted ssh may take to restore the terminal, ms. */
const INTERRUPTION_MS = 1000
/** How long after a command's end its output may still arrive, ms. */
const GRACE_MS = 300
/** Maximum time of `ssh -G`, ms: it reads only files, so anything slower is stuck. */
const OUTPUT_TIMEOUT_MS = 5000

const home = (): string | undefined =>
  [Process.env["HOME"], Os.homedir()].find((path) => path !== undefined && Fs.existsSync(path))

/** Whether a name can be run: a path, or something on the `PATH`. */
const isProgram = (name: string, environment: Environment): boolean => {
  const places = name.includes("/") ? [""] : (environment["PATH"] ?? "/bin:/usr/bin").split(":")
  return places.some((place) => {
    try {
      Fs.accessSync(Path.join(place, name), Fs.constants.X_OK)
      return Fs.statSync(Path.join(place, name)).isFile()
    } catch {
      return false
    }
  })
}

const release = (stream: object): void => {
  if ("unref" in stream && typeof stream.unref === "function") stream.unref()
}

const splitLines = (take: (line: string) => void) => {
  const decoder = new StringDecoder("utf8")
  let splitter = LineSplitter.EMPTY
  const push = (text: string) => {
    const [next, lines] = LineSplitter.push(splitter, text)
    splitter = next
    lines.forEach(take)
  }
  return {
    write: (bytes: Buffer) => push(decoder.write(bytes)),
    end: () => {
      push(decoder.end())
      const line = LineSplitter.last(splitter)
      splitter = LineSplitter.EMPTY
      if (line !== undefined) take(line)
    }
  }
}
