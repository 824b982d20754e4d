/**
 * Time from `mosh host`, through a real sshd on this machine, to a usable prompt.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { layer } from "../src/services/node/pty/NodePty.ts"
import { Pty } from "../src/services/server/Pty.ts"
import { quoted } from "../test/support/peers-shell.ts"
import { program, type Maker } from "../test/support/peers.ts"
import { startSshd } from "../test/support/sshd.ts"
import { ENVIRONMENT, makers } from "./ends.ts"
import { summary } from "./measure.ts"
import { ratio, type Table } from "./table.ts"

const ROUNDS = 7

/** Time from the start of `mosh` to the remote command's output, ms; server, wrapper and client of one implementation. */
const logIn = async (maker: Maker, config: string, host: string, server: string): Promise<number> => {
  const [file = "", ...first] = program(maker, "mosh")
  const scope = Scope.makeUnsafe()
  const start = performance.now()
  const taken = await new Promise<number>((settle) => {
    let drawn = ""
    void Effect.gen(function* () {
      const services = yield* Layer.build(layer)
      return yield* Context.get(services, Pty).spawn({
        file,
        arguments: [
          ...first,
          `--ssh=ssh -F ${config}`,
          `--server=${server}`,
          host,
          "--",
          "sh",
          "-c",
          "echo READY; cat"
        ],
        environment: ENVIRONMENT,
        directory: "/",
        size: { columns: 80, rows: 24 },
        onOutput: (bytes) => {
          drawn += Buffer.from(bytes).toString("latin1")
          if (drawn.includes("READY")) settle(performance.now() - start)
        },
        onExit: () => settle(Number.NaN)
      })
    }).pipe(Effect.provideService(Scope.Scope, scope), Effect.runPromise)
  })
  await Effect.runPromise(Scope.close(scope, Exit.void))
  return taken
}

export const login = async (): Promise<Table> => {
  const directory = mkdtempSync(join(tmpdir(), "effect-mosh-login-"))
  const sshd = await startSshd({ environment: ENVIRONMENT })
  const samples = new Map(makers.map((maker) => [maker, new Array<number>()]))
  try {
    for (let round = 0; round < ROUNDS; round++)
      for (const [maker, taken] of samples) {
        const server = join(directory, `${maker}-server`)
        const words = program(maker, "mosh-server").map(quoted).join(" ")
        writeFileSync(server, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 })
        taken.push(await logIn(maker, sshd.clientConfig, sshd.host, server))
      }
  } finally {
    sshd[Symbol.dispose]()
    rmSync(directory, { recursive: true })
  }
  const [ours, stock] = (["ours", "stock"] as const).map((maker) => {
    const taken = samples.get(maker)
    return taken === undefined ? undefined : summary(taken).median
  })
  return {
    title: "login",
    note: `ms from starting mosh to the prompt, through sshd on this machine, medians of ${ROUNDS}, the makers taking turns`,
    columns: ["", "ours", "stock", "ratio"],
    rows: [["mosh host", ours, stock, ratio(ours, stock)]]
  }
}
