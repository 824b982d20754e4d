/**
 * Pipes for the standard streams of a child process.
 *
 * Node itself gives children Unix sockets, which differ: they cannot be opened again by `/dev/stderr`, and a writer whose reader
 * has left with unread bytes gets ECONNRESET instead of SIGPIPE. sshd gives pipes. Node cannot make one, but it can open named
 * ones.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"

/** Three pipes. */
export interface CommandPipes {
  /** The child's ends: standard input, output and error. */
  readonly child: readonly [number, number, number]
  /** Closes the child's ends here, once the child has them: otherwise a pipe never ends. */
  readonly handedOver: () => void
  readonly input: Net.Socket
  readonly output: Net.Socket
  readonly errors: Net.Socket
}

/** Opens pipes, which are destroyed with the scope. `undefined` where that is impossible. */
export type Open = Effect.Effect<CommandPipes | undefined, never, Scope.Scope>

/**
 * Makes the pipes of the first command ahead, because `mkfifo` is a process, and most sessions run one command, as soon as they
 * have a client. Those that were not used are destroyed with the scope.
 */
export const ahead: Effect.Effect<Open, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      let first: Promise<CommandPipes | undefined> | undefined = attempt()
      const take = () => {
        const made = first
        first = undefined
        return made
      }
      // Commands can be started after the scope has ended, which may be only that of making the layer.
      return { next: () => take() ?? attempt(), end: async () => destroy(await take()) }
    }),
    // Not awaited: a session does not wait for pipes that it does not use.
    ({ end }) => Effect.sync(() => void end())
  ),
  ({ next }) => Effect.acquireRelease(Effect.promise(next), (pipes) => Effect.sync(() => destroy(pipes)))
)

const attempt = (): Promise<CommandPipes | undefined> => make().catch(() => undefined)

const destroy = (pipes: CommandPipes | undefined): void => {
  if (pipes === undefined) return
  pipes.handedOver()
  for (const socket of [pipes.input, pipes.output, pipes.errors]) socket.destroy()
}

const make = async (): Promise<CommandPipes> => {
  const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-pipes-"))
  const descriptors: Array<number> = []
  const openAs = (name: string, flags: number): number => {
    const descriptor = Fs.openSync(Path.join(directory, name), flags)
    descriptors.push(descriptor)
    return descriptor
  }
  try {
    const names = ["input", "output", "errors"]
    await named(names.map((name) => Path.join(directory, name)))
    // Opening one end of a named pipe waits for the other end; a descriptor for both waits for nobody.
    const keepers = names.map((name) => openAs(name, Fs.constants.O_RDWR))
    const [readOnly, writeOnly] = [Fs.constants.O_RDONLY, Fs.constants.O_WRONLY]
    const child = [openAs("input", readOnly), openAs("output", writeOnly), openAs("errors", writeOnly)] as const
    // The child's ends block, as programs expect; ours do not.
    const input = openAs("input", writeOnly | Fs.constants.O_NONBLOCK)
    const outputs = ["output", "errors"].map((name) => openAs(name, readOnly | Fs.constants.O_NONBLOCK))
    const [output = -1, errors = -1] = outputs
    keepers.forEach((descriptor) => Fs.closeSync(descriptor))
    let isHandedOver = false
    return {
      child,
      handedOver: () => {
        if (!isHandedOver) child.forEach((descriptor) => Fs.closeSync(descriptor))
        isHandedOver = true
      },
      input: new Net.Socket({ fd: input, readable: false, writable: true }),
      output: new Net.Socket({ fd: output, readable: true, writable: false }),
      errors: new Net.Socket({ fd: errors, readable: true, writable: false })
    }
  } catch (error) {
    descriptors.forEach(close)
    throw error
  } finally {
    Fs.rmSync(directory, { recursive: true, force: true })
  }
}

const named = (paths: ReadonlyArray<string>): Promise<void> =>
  new Promise((resolve, reject) => {
    ChildProcess.execFile("mkfifo", ["-m", "600", ...paths], (error) => (error === null ? resolve() : reject(error)))
  })

const close = (descriptor: number): void => {
  try {
    Fs.closeSync(descriptor)
  } catch {
    // It was closed before.
  }
}
