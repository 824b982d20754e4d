/**
 * `Pty` implemented with the package `node-pty`.
 *
 * ```ts
 * import { Layer } from "effect"
 * import { NodeMoshServer, NodePty, XtermEmulator } from "effect-mosh/node"
 *
 * // The same as `NodeMoshServer.layer`.
 * export const server = NodeMoshServer.layerWith.pipe(Layer.provide(Layer.merge(NodePty.layer, XtermEmulator.layer)))
 * ```
 */
import { canEnter } from "../files/WorkingDirectory.ts"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { UnixTerminal } from "node-pty"
import * as InputEcho from "../../../domain/terminal/InputEcho.ts"
import { Pty, PtyError, type PtyOptions, type PtyProcess } from "../../server/Pty.ts"
import * as EchoProbe from "./EchoProbe.ts"
import * as Foreground from "./Foreground.ts"
import * as PtyCommand from "./PtyCommand.ts"
import * as PtyInput from "./PtyInput.ts"
import * as Program from "./NodePtyProgram.ts"

/**
 * How long nothing must be read, ms, before the output of an exited program counts as complete, if its terminal does
 * not end.
 */
const IDLE_MS = 100

/** How long a program may take to exit after its terminal was closed by all processes, ms, before it is hung up. */
const EXIT_MS = 2000
/** How often a program that has closed its terminal is looked at, ms. */
const EXIT_POLL_MS = 5

/** Runs programs of the operating system. `node-pty` is loaded when the first program starts. */
export const layer: Layer.Layer<Pty> = Layer.succeed(Pty, {
  spawn: (options) =>
    Effect.acquireRelease(
      Effect.gen(function* () {
        const directory = canEnter(options.directory) ? options.directory : "/"
        const path = yield* Effect.fromResult(Program.find(options, directory))
        const nodePty = yield* Effect.tryPromise({
          try: () => import("node-pty"),
          catch: (cause) => new PtyError({ file: options.file, reason: `node-pty cannot be loaded: ${String(cause)}` })
        })
        return yield* Effect.try({
          try: () => {
            const [file, args] = PtyCommand.through({ ...options, path, login: options.login === true })
            const terminal = nodePty.spawn(file, args, {
              cols: dimension(options.size.columns),
              rows: dimension(options.size.rows),
              cwd: directory,
              env: options.environment,
              encoding: "utf8"
            })
            return attach(terminal, options)
          },
          catch: (cause) => new PtyError({ file: options.file, reason: String(cause) })
        })
      }),
      ({ hangUp }) => Effect.sync(hangUp)
    ).pipe(Effect.map(({ process }) => process))
})

/** The kernel stores each dimension in 16 bits; node-pty rejects 0, and fractions are none. */
const dimension = (cells: number): number => Math.min(Math.max(Math.floor(cells) || 1, 1), 0xffff)

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

interface Attached {
  readonly process: PtyProcess
  readonly hangUp: () => void
}

const attach = (terminal: UnixTerminal, options: PtyOptions): Attached => {
  const socket = terminal._socket
  const input = PtyInput.make(terminal.fd)
  const probe = EchoProbe.make(terminal.pid)
  let open = true
  let exited = false
  let reads = 0

  // Of Node's encodings, only latin1 maps every byte to itself. Without an encoding, node-pty would not set IUTF8.
  terminal.setEncoding("latin1")
  socket.on("data", (text: unknown) => {
    reads++
    options.onOutput(Buffer.from(String(text), "latin1"))
  })
  // node-pty throws errors for which only it has a listener. EIO, the usual one, is how a terminal ends.
  socket.on("error", () => undefined)
  terminal.onExit(({ exitCode, signal }) => {
    if (exited) return
    exited = true
    options.onExit({ code: exitCode, signal: signal ?? 0 })
  })

  const destroySocket = socket.destroy.bind(socket)
  /** Closes the descriptor. Its number may soon refer to another file, so the terminal is not resized afterwards. */
  const close = (error?: Error) => {
    open = false
    input.close()
    probe?.close()
    return destroySocket(error)
  }
  const closeWhenIdle = () => {
    const before = reads
    setTimeout(() => {
      if (reads === before) close()
      else closeWhenIdle()
    }, IDLE_MS)
  }
  // To close the terminal hangs up the program. Many programs close it themselves just before they exit: a hangup in between
  // would replace their exit status.
  const closeAfterExit = (error: Error | undefined, waited = 0): void => {
    if (!open) return
    if (waited >= EXIT_MS || !isRunning(terminal.pid)) return void close(error)
    setTimeout(() => closeAfterExit(error, waited + EXIT_POLL_MS), EXIT_POLL_MS)
  }
  // node-pty destroys the socket 200 ms after the program's exit, even if output is unread because this process was
  // busy or stopped. The terminal's own end (an error or end of file) follows the last output, so wait for that, or, if
  // another process holds the terminal open, until nothing has been read for a while.
  socket.destroy = (error) => {
    if (error !== undefined || socket.readableEnded) closeAfterExit(error)
    else closeWhenIdle()
    return socket
  }

  return {
    process: {
      pid: terminal.pid,
      write: input.write,
      pending: input.pending,
      resize: ({ columns, rows }) => {
        if (open) terminal.resize(dimension(columns), dimension(rows))
      },
      // What the terminal does with input that it has not received yet is not known.
      sampleEcho:
        probe &&
        ((onSampled) => (open && input.pending() === 0 ? probe.sample(onSampled) : onSampled(InputEcho.UNKNOWN))),
      foreground: () => (open ? Foreground.of(terminal.pid, options.environment["HOME"]) : undefined)
    },
    hangUp: () => {
      if (exited) return
      exited = true
      close()
      terminal.kill("SIGHUP")
    }
  }
}
