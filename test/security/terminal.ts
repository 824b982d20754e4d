/**
 * Our client in a terminal of 80×24: types into it, and collects what it prints.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { StringDecoder } from "node:string_decoder"
import { setTimeout as sleep } from "node:timers/promises"
import * as NodePty from "../../src/services/node/pty/NodePty.ts"
import { Pty } from "../../src/services/server/Pty.ts"
import { end, program } from "../support/peers.ts"

export interface Terminal extends AsyncDisposable {
  /** The client's process. */
  readonly pid: number
  readonly type: (text: string) => void
  /** All that was printed, since `forget`. */
  readonly printed: () => string
  readonly forget: () => void
  /** Waits until `text` was printed; `false` if that took too long. */
  readonly shows: (text: string, patience?: number) => Promise<boolean>
  /** Waits for the end of the program; its status, or 128 and more for a signal. */
  readonly exit: Promise<number>
}

const PATIENCE = 20_000

export const openClient = (
  port: number,
  environment: Readonly<Record<string, string>>,
  options: ReadonlyArray<string> = []
): Promise<Terminal> => open([...program("ours", "mosh-client"), ...options, "127.0.0.1", `${port}`], environment)

export const open = async (
  [file = "", ...words]: ReadonlyArray<string>,
  environment: Readonly<Record<string, string>>
): Promise<Terminal> => {
  const scope = Scope.makeUnsafe()
  const decoder = new StringDecoder("utf8")
  const encoder = new TextEncoder()
  const ended = Promise.withResolvers<number>()
  let printed = ""
  const terminal = await Effect.gen(function* () {
    const pty = yield* Pty
    return yield* pty.spawn({
      file,
      arguments: words,
      environment: { TERM: "xterm-256color", ...environment },
      directory: "/",
      size: { columns: 80, rows: 24 },
      onOutput: (bytes) => (printed += decoder.write(bytes)),
      onExit: ({ code, signal }) => ended.resolve(signal > 0 ? 128 + signal : code)
    })
  }).pipe(Effect.provide(NodePty.layer), Effect.provideService(Scope.Scope, scope), Effect.runPromise)
  return {
    pid: terminal.pid,
    type: (text) => terminal.write(encoder.encode(text)),
    printed: () => printed,
    forget: () => (printed = ""),
    shows: async (text, patience = PATIENCE) => {
      for (const until = performance.now() + patience; performance.now() < until; await sleep(1))
        if (printed.includes(text)) return true
      return false
    },
    exit: ended.promise,
    [Symbol.asyncDispose]: async () => {
      end(terminal.pid)
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}
