/**
 * `Pty` on the package `node-pty`.
 *
 * ```ts
 * import { Layer } from "effect"
 * import { NodeMoshServer, NodePty, XtermEmulator } from "effect-mosh/node"
 *
 * // What `NodeMoshServer.layer` is.
 * export const server = NodeMoshServer.layerWith.pipe(Layer.provide(Layer.merge(NodePty.layer, XtermEmulator.layer)))
 * ```
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import type { UnixTerminal } from "node-pty"
import { Pty, PtyError, type PtyOptions, type PtyProcess } from "../../server/Pty.ts"
import * as PtyCommand from "./PtyCommand.ts"
import * as PtyInput from "./PtyInput.ts"
import * as Program from "./NodePtyProgram.ts"

/** How long reading must be idle for an exited program's output to count as whole, should its terminal never end. */
const IDLE_MS = 100

/** Programs of the operating system. `node-pty` is loaded at the first start. */
export const layer: Layer.Layer<Pty> = Layer.succeed(Pty, {
  spawn: (options) =>
    Effect.acquireRelease(
      Effect.gen(function* () {
        const directory = enterable(options.directory) ? options.directory : "/"
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

/** A terminal keeps its size in 16 bits each; node-pty refuses 0. */
const dimension = (cells: number): number => Math.min(Math.max(cells, 1), 0xffff)

const enterable = (directory: string): boolean => {
  try {
    Fs.accessSync(directory, Fs.constants.X_OK)
    return Fs.statSync(directory).isDirectory()
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
  let open = true
  let exited = false
  let reads = 0

  // latin1 is the one encoding of Node that maps every byte to itself; without one, node-pty would not set IUTF8.
  terminal.setEncoding("latin1")
  socket.on("data", (text: unknown) => {
    reads++
    options.onOutput(Buffer.from(String(text), "latin1"))
  })
  // node-pty throws errors that have no listener but its own. EIO, the usual one, is how a terminal ends.
  socket.on("error", () => undefined)
  terminal.onExit(({ exitCode, signal }) => {
    if (exited) return
    exited = true
    options.onExit({ code: exitCode, signal: signal ?? 0 })
  })

  const destroySocket = socket.destroy.bind(socket)
  /** Closes the descriptor, whose number may then soon mean another file. */
  const close = (error?: Error) => {
    open = false
    input.close()
    return destroySocket(error)
  }
  const closeWhenIdle = () => {
    const before = reads
    setTimeout(() => {
      if (reads === before) close()
      else closeWhenIdle()
    }, IDLE_MS)
  }
  // node-pty destroys the socket 200 ms after the program's exit, even with output unread because this process was
  // busy or stopped. The terminal's own end (an error or end of file) comes after the last output, so wait for that,
  // or, should something else hold the terminal, for reading to be idle.
  socket.destroy = (error) => {
    if (error !== undefined || socket.readableEnded) return close(error)
    closeWhenIdle()
    return socket
  }

  return {
    process: {
      pid: terminal.pid,
      write: input.write,
      pending: input.pending,
      resize: ({ columns, rows }) => {
        if (open) terminal.resize(dimension(columns), dimension(rows))
      }
    },
    hangUp: () => {
      if (exited) return
      exited = true
      close()
      terminal.kill("SIGHUP")
    }
  }
}
