/**
 * A pty whose program is the test, which prints, reads and exits by calling functions.
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { MoshServer } from "effect-mosh"
 * import { NodeLogin, NodeMoshServer, XtermEmulator } from "effect-mosh/node"
 * import { FakePty } from "effect-mosh/testing"
 *
 * const pty = FakePty.make({ onTyped: (text, pty) => pty.print(text.toUpperCase()) })
 * const server = Layer.provide(NodeMoshServer.layerWith, Layer.merge(pty.layer, XtermEmulator.layer))
 * export const shouting = Effect.flatMap(MoshServer, (mosh) => mosh.open({ program: NodeLogin.program() })).pipe(
 *   Effect.provide(server)
 * )
 * ```
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Size } from "../domain/terminal/Frame.ts"
import type { InputEcho, Sample } from "../domain/terminal/InputEcho.ts"
import { Pty, PtyError, type PtyExit, type PtyOptions } from "../services/server/Pty.ts"

/** The test's side of the pty. A pty runs one program at a time; a new program replaces the last. */
export interface FakePty {
  /** The pty. */
  readonly layer: Layer.Layer<Pty>
  /** The options that the program was started with; `undefined` before. */
  readonly started: () => PtyOptions | undefined
  /** Everything typed to the program so far, as UTF-8. */
  readonly typed: () => string
  /** Every size the terminal had since the program's start. */
  readonly sizes: ReadonlyArray<Size>
  /** Prints text; lines end in CR LF. Does nothing before the program has started. */
  readonly print: (text: string) => void
  /** Ends the program. */
  readonly exit: (exit: PtyExit) => void
  /** Whether the pty was closed. */
  readonly hungUp: () => boolean
}

/** How the program behaves. */
export interface FakePtyOptions {
  /** How long a start takes, ms. Default: 0. */
  readonly delay?: number
  /** Makes the start fail, with this reason. */
  readonly refusal?: string
  /** Whether the program reads its input. Default: yes. */
  readonly reads?: boolean
  /** Called with typed input, as the program would read it. */
  readonly onTyped?: (text: string, pty: FakePty) => void
  /** Who echoes input at the time of the call. Default: the system does not show it. */
  readonly echo?: () => InputEcho
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A pty for one test. */
export const make = (options: FakePtyOptions = {}): FakePty => {
  let started: PtyOptions | undefined
  const typed: Array<number> = []
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
                for (const byte of bytes) typed.push(byte)
                options.onTyped?.(decoder.decode(bytes), pty)
              },
              pending: () => (options.reads === false ? typed.length : 0),
              resize: (size: Size) => {
                sizes.push(size)
              },
              ...(options.echo !== undefined && {
                sampleEcho: (onSampled: (sample: Sample) => void) =>
                  onSampled({ echo: options.echo?.() ?? "Unknown", place: 0 })
              })
            }
          }),
          () =>
            Effect.sync(() => {
              hungUp = true
            })
        )
    }),
    started: () => started,
    typed: () => decoder.decode(Uint8Array.from(typed)),
    sizes,
    print: (text) => started?.onOutput(encoder.encode(text)),
    exit: (exit) => started?.onExit(exit),
    hungUp: () => hungUp
  }
  return pty
}
