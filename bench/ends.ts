/**
 * The two ends of a session as processes, ours or stock's, the client on a pseudo-terminal.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { existsSync } from "node:fs"
import type { Size } from "../src/domain/terminal/Frame.ts"
import { layer } from "../src/services/node/pty/NodePty.ts"
import { Pty } from "../src/services/server/Pty.ts"
import { end, program, type Maker } from "../test/support/peers.ts"

/** Stock only if it is installed. */
export const makers: ReadonlyArray<Maker> = existsSync(program("stock", "mosh-server")[0] ?? "")
  ? ["stock", "ours"]
  : ["ours"]

export const ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: process.env["HOME"] ?? "/",
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  SHELL: "/bin/sh",
  LANG: "C.UTF-8",
  TERM: "xterm-256color",
  // Predictions are drawn at once, and would be measured instead.
  MOSH_PREDICTION_DISPLAY: "never"
}

export interface Client {
  readonly pid: number
  readonly write: (text: string) => void
  /** Resolves when the text drawn since the last call satisfies `condition`. */
  readonly until: (condition: (drawn: string) => boolean, timeout?: number) => Promise<void>
  /** Ends the process. Resolves when it has exited. */
  readonly end: () => Promise<void>
}

export interface ClientOptions {
  /** Default: 80×24. */
  readonly size?: Size
  /** Variables in addition to `ENVIRONMENT`. */
  readonly environment?: Readonly<Record<string, string>>
  /** Called with each piece of the client's output. */
  readonly onOutput?: (bytes: Uint8Array) => void
}

export const startClient = async (
  maker: Maker,
  server: { readonly port: number; readonly key: string },
  { environment = {}, onOutput = () => {}, size = { columns: 80, rows: 24 } }: ClientOptions = {}
): Promise<Client> => {
  const [file = "", ...first] = program(maker, "mosh-client")
  let drawn = ""
  let watch: () => void = () => {}
  let type: (text: string) => void = () => {}
  const scope = Scope.makeUnsafe()
  const { pid, write } = await Effect.runPromise(
    Effect.gen(function* () {
      const services = yield* Layer.build(layer)
      return yield* Context.get(services, Pty).spawn({
        file,
        arguments: [...first, "127.0.0.1", `${server.port}`],
        environment: { ...ENVIRONMENT, ...environment, MOSH_KEY: server.key },
        directory: "/",
        size,
        onOutput: (bytes) => {
          onOutput(bytes)
          const text = Buffer.from(bytes).toString("latin1")
          // As a terminal does: the client asks where the cursor is before it draws.
          if (text.includes("\x1b[6n")) type("\x1b[1;1R")
          drawn += text
          watch()
        },
        onExit: () => {}
      })
    }).pipe(Effect.provideService(Scope.Scope, scope))
  )
  type = (text) => write(new TextEncoder().encode(text))
  return {
    pid,
    write: type,
    until: (condition, timeout = 20_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${maker} client: not drawn within ${timeout} ms`)), timeout)
        watch = () => {
          if (drawn === "" || !condition(drawn)) return
          clearTimeout(timer)
          watch = () => {}
          drawn = ""
          resolve()
        }
        watch()
      }),
    end: async () => {
      end(pid)
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}
