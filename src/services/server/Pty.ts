/**
 * A program on a pseudo-terminal.
 *
 * The contract is byte-exact in both directions and synchronous towards the reader: output is handed over as it is read,
 * and reading goes on only after `onOutput` returned, so a program that floods is slowed by the kernel and never fills
 * this process's memory.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Pty } from "effect-mosh"
 * import { NodePty } from "effect-mosh/node"
 *
 * // What a program prints on a terminal.
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

export class Pty extends Context.Service<
  Pty,
  {
    /** Starts a program. Closing the scope hangs up: the pty is closed and the program gets SIGHUP. */
    readonly spawn: (options: PtyOptions) => Effect.Effect<PtyProcess, PtyError, Scope.Scope>
  }
>()("effect-mosh/services/Pty") {}

/** What to start, and who is told what becomes of it. */
export interface PtyOptions {
  /** An absolute path, or a name to be found on `PATH`. */
  readonly file: string
  /** What follows the program's name. */
  readonly arguments: ReadonlyArray<string>
  /** Whether the program is a shell that should behave as a login shell: its own name for itself then begins with `-`. */
  readonly login?: boolean
  /** The soft limit of core dumps that the program is to have, as `ulimit -c` takes it; without it, this process's. */
  readonly coreLimit?: string | undefined
  /** The whole environment of the program; `PWD` and, where it is missing, `TERM` are set in it. */
  readonly environment: Readonly<Record<string, string>>
  /** Where the program starts; `/` when it cannot be entered. */
  readonly directory: string
  /** The terminal's size. */
  readonly size: Size
  /** Called with each piece of output, in order. The bytes may be reused after it returns. Must not throw. */
  readonly onOutput: (bytes: Uint8Array) => void
  /** Called once, after the last output, unless the scope was closed before. Must not throw. */
  readonly onExit: (exit: PtyExit) => void
}

/** A running program. Its functions are synchronous and never throw. */
export interface PtyProcess {
  /** The process's number. */
  readonly pid: number
  /** Queues bytes as if typed. Whole and in order, however slowly the program reads. */
  readonly write: (bytes: Uint8Array) => void
  /** How many written bytes the program has not taken yet. */
  readonly pending: () => number
  /** Sets the size in cells; the program gets SIGWINCH when it differs. */
  readonly resize: (size: Size) => void
}

/** How a program ended: by itself with `code`, or by `signal` (its number; 0 when none). */
export interface PtyExit {
  /** The exit code. */
  readonly code: number
  /** The signal that ended it. */
  readonly signal: number
}

/** The program could not be started. `reason` says why in words for a person. */
export class PtyError extends Schema.TaggedError<PtyError>()("PtyError", {
  file: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `cannot run ${this.file}: ${this.reason}`
  }
}
