/**
 * A pty whose program is the test: it prints, reads and exits when it is told to.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Size } from "../../src/domain/terminal/Frame.ts"
import { Pty, PtyError, type PtyExit, type PtyOptions } from "../../src/services/Pty.ts"

export interface FakePty {
  readonly layer: Layer.Layer<Pty>
  /** What the program was started with; `undefined` before. */
  readonly started: () => PtyOptions | undefined
  /** Everything typed to the program so far, in latin1. */
  readonly typed: () => string
  /** Every size the terminal had since the program's start. */
  readonly sizes: ReadonlyArray<Size>
  readonly print: (text: string) => void
  readonly exit: (exit: PtyExit) => void
  readonly hungUp: () => boolean
}

export interface FakePtyOptions {
  /** How long a start takes, ms. */
  readonly delay?: number
  /** Why the program cannot be started. */
  readonly refusal?: string
  /** Whether the program reads what is typed; it does unless this says `false`. */
  readonly reads?: boolean
  /** Called with what is typed, as the program would read it. */
  readonly onTyped?: (text: string, pty: FakePty) => void
}

export const make = (options: FakePtyOptions = {}): FakePty => {
  let started: PtyOptions | undefined
  let typed = ""
  let hungUp = false
  const sizes: Array<Size> = []
  const pty: FakePty = {
    layer: Layer.succeed(Pty, {
      spawn: (program) =>
        Effect.acquireRelease(
          Effect.gen(function* () {
            yield* Effect.sleep(options.delay ?? 0)
            if (options.refusal !== undefined) {
              return yield* new PtyError({ file: program.file, reason: options.refusal })
            }
            started = program
            sizes.push(program.size)
            return {
              pid: 4711,
              write: (bytes: Uint8Array) => {
                const text = Buffer.from(bytes).toString("latin1")
                typed += text
                options.onTyped?.(text, pty)
              },
              pending: () => (options.reads === false ? typed.length : 0),
              resize: (size: Size) => {
                sizes.push(size)
              }
            }
          }),
          () =>
            Effect.sync(() => {
              hungUp = true
            })
        )
    }),
    started: () => started,
    typed: () => typed,
    sizes,
    print: (text) => started?.onOutput(Buffer.from(text)),
    exit: (exit) => started?.onExit(exit),
    hungUp: () => hungUp
  }
  return pty
}
