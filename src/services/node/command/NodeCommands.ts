/**
 * `Commands` on Node's child processes: commands run as sshd runs them without a terminal, by the user's shell, in the user's
 * home, in a process group of their own.
 */
import { canEnter } from "../files/WorkingDirectory.ts"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import type { CommandEnding } from "../../../domain/command/CommandFrame.ts"
import type { CommandRequest } from "../../../domain/command/CommandRequest.ts"
import { CommandNotStarted, Commands } from "../../command/Commands.ts"
import { words } from "../NodeSystemError.ts"
import * as PtyCommand from "../pty/PtyCommand.ts"
import * as BytePipe from "./BytePipe.ts"
import * as CommandPipes from "./CommandPipes.ts"

/** How commands are run. */
export interface NodeCommandsOptions {
  /** The user's shell, an absolute path. */
  readonly shell: string
  /** The working directory; `/` if it cannot be entered. */
  readonly home: string
  /** The commands' environment, without the variables that a client sends. */
  readonly environment: Readonly<Record<string, string>>
  /** The commands' soft limit on core dumps, in the syntax of `ulimit -c`. Default: this process's. */
  readonly coreLimit?: string | undefined
}

/**
 * Commands of this machine. `sftp` is the one subsystem that is known, where OpenSSH's `sftp-server` is installed.
 */
export const layer = (options: NodeCommandsOptions): Layer.Layer<Commands> =>
  Layer.effect(
    Commands,
    Effect.map(CommandPipes.ahead, (open) => ({
      start: (request) =>
        Effect.flatMap(Effect.fromNullishOr(shellArguments(request)), (parameters) =>
          start(options, request, parameters, open)
        ).pipe(
          Effect.catchTag("NoSuchElementError", () =>
            Effect.fail(new CommandNotStarted({ reason: `the server has no subsystem ${request.text.slice(0, 100)}` }))
          )
        )
    }))
  )

/** The shell's arguments for a request; `undefined` for a subsystem that this machine does not have. */
const shellArguments = ({ text, what }: CommandRequest): ReadonlyArray<string> | undefined => {
  if (what === "shell") return []
  if (what === "command") return ["-c", text]
  const program = text === "sftp" ? SFTP_SERVERS.find((path) => Fs.existsSync(path)) : undefined
  return program === undefined ? undefined : ["-c", program]
}

/** Where systems have OpenSSH's sftp-server: Debian, Fedora, Arch, Alpine, macOS and the BSDs. */
const SFTP_SERVERS = [
  "/usr/lib/openssh/sftp-server",
  "/usr/libexec/openssh/sftp-server",
  "/usr/lib/ssh/sftp-server",
  "/usr/libexec/sftp-server",
  "/usr/local/libexec/sftp-server"
]

const start = Effect.fnUntraced(function* (
  options: NodeCommandsOptions,
  { variables, what }: CommandRequest,
  parameters: ReadonlyArray<string>,
  open: CommandPipes.Open
) {
  const environment = { ...options.environment, ...Object.fromEntries(variables) }
  const [file, programArguments] = PtyCommand.through({
    path: options.shell,
    arguments: parameters,
    login: what === "shell",
    coreLimit: options.coreLimit,
    environment
  })
  const pipes = yield* open
  const child = yield* Effect.acquireRelease(
    Effect.callback<ChildProcess.ChildProcess, CommandNotStarted>((resume) => {
      const child = ChildProcess.spawn(file, programArguments, {
        cwd: canEnter(options.home) ? options.home : "/",
        env: environment,
        // A session and process group of its own, which receives the signals.
        detached: true,
        stdio: pipes === undefined ? ["pipe", "pipe", "pipe"] : [...pipes.child]
      })
      pipes?.handedOver()
      child.once("spawn", () => resume(Effect.succeed(child)))
      child.once("error", (error) => resume(Effect.fail(new CommandNotStarted({ reason: words(error) }))))
      for (const stream of [child.stdout, child.stderr]) if (stream !== null) BytePipe.hold(stream)
    }),
    (child) =>
      Effect.sync(() => {
        send(child, "SIGHUP")
        for (const stream of child.stdio) stream?.destroy()
      })
  )
  const { errors, input, output } = pipes ?? { input: child.stdin, output: child.stdout, errors: child.stderr }
  if (input === null || output === null || errors === null) {
    return yield* new CommandNotStarted({ reason: "it has no pipes" })
  }
  const ended = yield* Deferred.make<CommandEnding>()
  child.once("exit", (code, signal) => {
    const ending: CommandEnding =
      signal === null ? { _tag: "Exited", status: code ?? 255 } : { _tag: "Killed", signal: signal.replace(/^SIG/, "") }
    Deferred.doneUnsafe(ended, Effect.succeed(ending))
  })
  return {
    write: (bytes: Uint8Array) => BytePipe.write(input, bytes),
    // Everything was written: closing is the end. A named pipe cannot be shut down in any other way.
    endInput: Effect.sync(() => void input.destroy()),
    output: BytePipe.source(() => output),
    errors: BytePipe.source(() => errors),
    signal: (signal: string) => send(child, `SIG${signal}`),
    ended: Deferred.await(ended)
  }
})

/** Sends a signal to the group of a command that has not exited. */
const send = (child: ChildProcess.ChildProcess, signal: string): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It exits just now.
  }
}
