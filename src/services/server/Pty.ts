/**
 * Starts programs on pseudo-terminals.
 *
 * Both directions are byte-exact. Output is passed to `onOutput` as it is read, and the next read happens only after
 * `onOutput` has returned. So the kernel slows a program that prints faster than its output is processed, and this
 * process's memory stays bounded.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Pty } from "effect-mosh"
 * import { NodePty } from "effect-mosh/node"
 *
 * // Everything that a program prints on a terminal.
 * export const output = (file: string, ...args: ReadonlyArray<string>) =>
 *   Effect.gen(function* () {
 *     const pty = yield* Pty
 *     const decoder = new TextDecoder()
 *     return yield* Effect.callback<string>((resume) => {
 *       let text = ""
 *       return pty
 *         .spawn({
 *           file,
 *           arguments: args,
 *           environment: { PATH: process.env["PATH"] ?? "" },
 *           directory: "/",
 *           size: { columns: 80, rows: 24 },
 *           onOutput: (bytes) => (text += decoder.decode(bytes)),
 *           onExit: () => resume(Effect.succeed(text))
 *         })
 *         .pipe(Effect.andThen(Effect.never), Effect.scoped, Effect.orDie)
 *     })
 *   }).pipe(Effect.provide(NodePty.layer))
 * ```
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Size } from "../../domain/terminal/Frame.ts"
import type { Sample } from "../../domain/terminal/InputEcho.ts"

/** Starts programs on pseudo-terminals. Its layer on Node is `NodePty.layer`. */
export class Pty extends Context.Service<
  Pty,
  {
    /** Starts a program. Closing the scope hangs up: the pty is closed, and the program receives SIGHUP. */
    readonly spawn: (options: PtyOptions) => Effect.Effect<PtyProcess, PtyError, Scope.Scope>
  }
>()("effect-mosh/services/Pty") {}

/** What to start, and the callbacks for its output and exit. */
export interface PtyOptions {
  /** An absolute path, or a name to look up in `PATH`. */
  readonly file: string
  /** The arguments after the program's name. */
  readonly arguments: ReadonlyArray<string>
  /** Whether to start the program as a login shell, whose `argv[0]` begins with `-`. Default: no. */
  readonly login?: boolean
  /** The program's soft limit on core dumps, in the syntax of `ulimit -c`. Default: inherited from this process. */
  readonly coreLimit?: string | undefined
  /** The program's complete environment. `PWD` is added, and `TERM` if it is missing. */
  readonly environment: Readonly<Record<string, string>>
  /** The working directory; `/` if it cannot be entered. */
  readonly directory: string
  /** The terminal's initial size, whole numbers from 1 to 65535; others are reduced to the range. */
  readonly size: Size
  /** Called with each piece of output, in order. The bytes may be reused after it returns. Must not throw. */
  readonly onOutput: (bytes: Uint8Array) => void
  /** Called once, after the last output, unless the scope was closed before. Must not throw. */
  readonly onExit: (exit: PtyExit) => void
}

/** A running program. Its functions are synchronous and never throw. */
export interface PtyProcess {
  /** The process id. */
  readonly pid: number
  /** Queues bytes as typed input. They arrive complete and in order, however slowly the program reads. */
  readonly write: (bytes: Uint8Array) => void
  /** Number of written bytes that the program has not read yet. */
  readonly pending: () => number
  /** Sets the terminal's size, in cells. If it differs from the current one, the program receives SIGWINCH. */
  readonly resize: (size: Size) => void
  /**
   * Determines who echoes input, and calls back once, within some ms, also synchronously; it must not be called again before
   * that. Absent where the system does not show it.
   */
  readonly sampleEcho?: ((onSampled: (sample: Sample) => void) => void) | undefined
  /** The terminal's foreground program; `undefined`, or absent, where the system does not show it. */
  readonly foreground?: (() => Foreground | undefined) | undefined
}

/** The foreground program of a terminal: the session's own, or a command that it runs. */
export interface Foreground {
  /** Its command line, without the directory of the program file. */
  readonly program: string
  /** Its working directory; `~` is the user's home. */
  readonly directory: string
}

/** How a program ended: it exited with `code`, or was killed by `signal` (its number; 0 if it exited). */
export interface PtyExit {
  /** The exit code. */
  readonly code: number
  /** The number of the signal that killed it; 0 if it exited. */
  readonly signal: number
}

/** The program could not be started. `reason` is a phrase for the user, such as `command not found`. */
export class PtyError extends Schema.TaggedError<PtyError>()("PtyError", {
  file: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `cannot run ${this.file}: ${this.reason}`
  }
}
