/**
 * A program on a pseudo-terminal, whose output is awaited.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { execFileSync } from "node:child_process"
import type { Size } from "../src/domain/terminal/Frame.ts"
import { layer } from "../src/services/node/pty/NodePty.ts"
import { Pty } from "../src/services/server/Pty.ts"
import { endWithUs } from "../test/support/leftovers.ts"
import { end } from "../test/support/peers.ts"
import { ENVIRONMENT } from "./ends.ts"

export interface Client extends AsyncDisposable {
  readonly pid: number
  readonly type: (text: string) => void
  /** Forgets what was drawn. */
  readonly forget: () => void
  /** Resolves when what was drawn since `forget` matches, with the time of that. */
  readonly until: (wanted: RegExp) => Promise<number>
}

/** The parameters of `mosh` that run a shell command, and print which process runs the session. */
export const inSession = (command: string): ReadonlyArray<string> => [
  "--",
  "sh",
  "-c",
  `echo "session $PPID"; ${command}`
]

/** How long something may take to be drawn, ms. */
const PATIENCE = 90_000

/** Starts a client. Its end also ends the session that it has drawn the number of (`inSession`). */
export const startClient = async (
  words: ReadonlyArray<string>,
  size: Size = { columns: 80, rows: 24 }
): Promise<Client> => {
  let drawn = ""
  let watch: () => void = () => undefined
  let type: (text: string) => void = () => undefined
  let session: number | undefined
  const scope = Scope.makeUnsafe()
  const { pid, write } = await Effect.runPromise(
    Effect.gen(function* () {
      const services = yield* Layer.build(layer)
      return yield* Context.get(services, Pty).spawn({
        file: "/usr/bin/env",
        arguments: words,
        environment: ENVIRONMENT,
        directory: "/",
        size,
        onOutput: (bytes) => {
          const text = Buffer.from(bytes).toString("latin1")
          // As a terminal does: the client asks where the cursor is before it draws.
          if (text.includes("\x1b[6n")) type("\x1b[1;1R")
          drawn = (drawn + text).slice(-200_000)
          if (session === undefined) {
            session = sessionIn(drawn)
            if (session !== undefined) endWithUs(session)
          }
          watch()
        },
        onExit: () => undefined
      })
    }).pipe(Effect.provideService(Scope.Scope, scope))
  )
  endWithUs(pid)
  type = (text) => write(new TextEncoder().encode(text))
  return {
    pid,
    type,
    forget: () => (drawn = ""),
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${words.join(" ")}: not drawn: ${wanted} in ${JSON.stringify(drawn.slice(-2000))}`)),
          PATIENCE
        )
        watch = () => {
          if (!wanted.test(drawn)) return
          clearTimeout(timer)
          watch = () => undefined
          resolve(performance.now())
        }
        watch()
      }),
    [Symbol.asyncDispose]: async () => {
      // Without a network, ssh does not notice soon that its client has ended.
      for (const child of childrenOf(pid)) end(child)
      end(pid)
      // A server keeps its session, and the program in it, after its client was killed.
      if (session !== undefined) end(session)
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}

const sessionIn = (drawn: string): number | undefined => {
  const number = /session (\d+)\D/.exec(drawn)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** The processes that a client started. */
export const children = ({ pid }: Client): ReadonlyArray<number> => childrenOf(pid)

const childrenOf = (pid: number): ReadonlyArray<number> => {
  try {
    return execFileSync("pgrep", ["-P", String(pid)])
      .toString()
      .trim()
      .split("\n")
      .map(Number)
  } catch {
    return []
  }
}
