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
import { type Command, CommandNotStarted, SshBootstrap } from "../../bootstrap/SshBootstrap.ts"
import * as LoginTerminal from "../terminal/LoginTerminal.ts"
import { lookup } from "../udp/HostAddresses.ts"

export const layer: Layer.Layer<SshBootstrap> = Layer.succeed(SshBootstrap, {
  listen: (command, onLine) =>
    Effect.callback<Ending | undefined, CommandNotStarted>((resume) => {
      const program = command.words[0] ?? ""
      if (!isProgram(program, command.environment)) {
        resume(Effect.fail(new CommandNotStarted({ reason: `there is no program ${program}` })))
        return
      }
      const terminal = command.keepsTypeAhead === true ? LoginTerminal.take() : undefined
      let child: ChildProcess.ChildProcess | undefined
      let done = false
      let isEnough = false
      const finish = (effect: Effect.Effect<Ending | undefined, CommandNotStarted>) => {
        if (done) return
        done = true
        if (isEnough) terminal?.handOver()
        else terminal?.giveBack()
        if (child?.stdout != null) {
          // Still read, and discarded: a command that cannot write could end before the server has detached.
          child.stdout.off("data", lines.write)
          child.stdout.resume()
          release(child.stdout)
        }
        child?.unref()
        resume(effect)
      }
      const fail = (reason: string): void => finish(Effect.fail(new CommandNotStarted({ reason })))
      const take = (line: string): void => {
        if (done || isEnough || onLine(line)) return
        isEnough = true
        // ssh restores the terminal's modes when it ends, so the client must not set its own before that.
        setTimeout(finish, FAREWELL_MS, Effect.undefined).unref()
      }
      const lines = splitLines(take)
      const conclude = (ending: Ending): void => {
        if (isEnough) return finish(Effect.undefined)
        lines.end()
        finish(Effect.succeed(ending))
      }

      const start = (stdin: number | "inherit" | "ignore"): void => {
        const started = spawn(command, stdin)
        child = started
        if (started.pid !== undefined) terminal?.watch(started.pid)
        started.stdout?.on("data", lines.write)
        started.stdout?.on("error", () => undefined)
        started.on("error", ({ message }) => fail(message))
        const ended = (code: number | null, signal: string | null): void =>
          conclude({ code: code ?? undefined, signal: signal ?? undefined })
        started.on("close", ended)
        // A shared connection (ControlMaster) keeps the pipe open while it lives.
        started.on("exit", (code, signal) => {
          if (isEnough) ended(code, signal)
          else setTimeout(ended, GRACE_MS, code, signal).unref()
        })
      }
      let onMasterEnd = (): void => undefined
      const { master } = command
      // ssh passes the terminal's size to the server. Any other stdin is input for the session.
      if (master === undefined) start(Tty.isatty(0) ? "inherit" : "ignore")
      else {
        const log = splitLines(take)
        const pid = master.login.start(master.words, command.environment, {
          onOutput: log.write,
          onReady: () => {
            if (!done) withUnreadableTerminal(start)
          },
          onEnd: (ending) => {
            if ("reason" in ending) return fail(ending.reason)
            log.end()
            if (child === undefined) conclude(ending)
            onMasterEnd()
          }
        })
        if (pid !== undefined) terminal?.watch(pid)
      }

      return Effect.callback<void>((resumed) => {
        done = true
        const ended = (): void => {
          terminal?.giveBack()
          resumed(Effect.void)
        }
        child?.kill("SIGTERM")
        master?.login.end()
        // ssh restores the modes that it found before its prompt, which must happen before ours.
        const hasEnded =
          child === undefined ? master === undefined : child.exitCode !== null || child.signalCode !== null
        if (terminal === undefined || hasEnded) return ended()
        if (child === undefined) onMasterEnd = ended
        else child.once("exit", ended)
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

/** The shell redirects both outputs to one pipe: with two pipes, lines could be read out of order. */
const spawn = (command: Command, stdin: number | "inherit" | "ignore") =>
  ChildProcess.spawn("/bin/sh", ["-c", 'exec "$@" 2>&1', "sh", ...command.words], {
    env: command.environment,
    cwd: command.atHome ? home() : undefined,
    stdio: [stdin, "pipe", "inherit"]
  })

/** Has the terminal's size, and yields no keys, which are for the session. */
const withUnreadableTerminal = (use: (stdin: number | "ignore") => void): void => {
  if (!Tty.isatty(0)) return use("ignore")
  let descriptor: number
  try {
    descriptor = Fs.openSync(TERMINAL, Fs.constants.O_WRONLY | Fs.constants.O_NOCTTY)
  } catch {
    return use("ignore")
  }
  use(descriptor)
  Fs.closeSync(descriptor)
}

const TERMINAL = "/dev/tty"

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
    write: (bytes: Uint8Array) => push(decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))),
    end: () => {
      push(decoder.end())
      const line = LineSplitter.last(splitter)
      splitter = LineSplitter.EMPTY
      if (line !== undefined) take(line)
    }
  }
}
