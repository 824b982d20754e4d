/**
 * Sessions that forward, as their user starts them through a real sshd: by ssh, or by `mosh`.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { layer } from "../src/services/node/pty/NodePty.ts"
import { Pty } from "../src/services/server/Pty.ts"
import { end, program } from "../test/support/peers.ts"
import { quoted } from "../test/support/peers-shell.ts"
import { type Sshd, startSshd } from "../test/support/sshd.ts"
import { meter, type Rate } from "./forwarding-end.ts"
import type { Network } from "./forwarding-link.ts"
import { ENVIRONMENT } from "./ends.ts"

export type By = "ours" | "ssh"

/** A network with an sshd at its server's end. */
export interface Stage extends AsyncDisposable {
  readonly network: Network
  readonly sshd: Sshd
  /** The `mosh` of this installation for that sshd: an executable file. */
  readonly mosh: string
}

export const stage = async (network: Network): Promise<Stage> => {
  const sshd = await startSshd({
    environment: { PATH: ENVIRONMENT["PATH"] ?? "", SHELL: "/bin/sh", LANG: "C.UTF-8" },
    address: network.address,
    within: network.server
  })
  const mosh = join(sshd.directory, "mosh")
  const options = [
    `--ssh=ssh -F ${sshd.clientConfig}`,
    `--server=${program("ours", "mosh-server").map(quoted).join(" ")}`
  ]
  writeFileSync(mosh, `#!/bin/sh\nexec ${[...program("ours", "mosh"), ...options].map(quoted).join(" ")} "$@"\n`)
  chmodSync(mosh, 0o755)
  return {
    network,
    sshd,
    mosh,
    [Symbol.asyncDispose]: async () => {
      sshd[Symbol.dispose]()
      network[Symbol.dispose]()
    }
  }
}

/** The command line of ssh, or of `mosh -T`, at the client's end. */
export const without = ({ mosh, network, sshd }: Stage, by: By, ...words: ReadonlyArray<string>) => [
  ...network.client,
  ...(by === "ssh" ? ["ssh", "-F", sshd.clientConfig] : [mosh, "-T"]),
  ...words
]

/** A session with a terminal that echoes what is typed. */
export interface Terminal extends AsyncDisposable {
  readonly pid: number
  /** The process that runs the session at the server; of ssh, the process of sshd. */
  readonly serverPid: number
  /** Types a letter. Resolves when it is drawn, with the ms that took. */
  readonly key: (letter: string) => Promise<number>
}

export const terminal = async (
  { mosh, network, sshd }: Stage,
  by: By,
  ...options: ReadonlyArray<string>
): Promise<Terminal> => {
  const command = "echo server $PPID; exec cat"
  const words =
    by === "ssh"
      ? ["ssh", "-F", sshd.clientConfig, "-tt", ...options, sshd.host, command]
      : [mosh, ...options, sshd.host, "--", "sh", "-c", command]
  const [file = "", ...first] = [...network.client, ...words]
  let drawn = ""
  let watch: () => void = () => undefined
  let type: (text: string) => void = () => undefined
  const scope = Scope.makeUnsafe()
  const { pid, write } = await Effect.runPromise(
    Effect.gen(function* () {
      const services = yield* Layer.build(layer)
      return yield* Context.get(services, Pty).spawn({
        file: file.includes("/") ? file : `/usr/bin/env`,
        arguments: file.includes("/") ? first : [file, ...first],
        environment: ENVIRONMENT,
        directory: "/",
        size: { columns: 80, rows: 24 },
        onOutput: (bytes) => {
          const text = Buffer.from(bytes).toString("latin1")
          // As a terminal does: the client asks where the cursor is before it draws.
          if (text.includes("\x1b[6n")) type("\x1b[1;1R")
          drawn += text
          watch()
        },
        onExit: () => undefined
      })
    }).pipe(Effect.provideService(Scope.Scope, scope))
  )
  type = (text) => write(new TextEncoder().encode(text))
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${by}: not drawn: ${JSON.stringify(drawn)}`)), PATIENCE)
      watch = () => {
        if (!condition()) return
        clearTimeout(timer)
        watch = () => undefined
        resolve()
      }
      watch()
    })
  const server = (): number => Number(/server (\d+)\D/.exec(drawn)?.[1])
  await until(() => server() > 0)
  const serverPid = server()
  return {
    pid,
    serverPid,
    key: async (letter) => {
      drawn = ""
      const typed = performance.now()
      type(letter)
      await until(() => drawn.includes(letter))
      return performance.now() - typed
    },
    [Symbol.asyncDispose]: async () => {
      end(pid)
      if (by === "ours") end(serverPid)
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}

/** How long a key or a prompt may take, ms. */
const PATIENCE = 60_000

/** A program at one end. Resolves when it has printed a line; ends with the benchmark. */
export const service = async (words: ReadonlyArray<string>): Promise<ChildProcess & Disposable> => {
  const [file = "", ...rest] = words
  const child = spawn(file, rest, { env: ENVIRONMENT, stdio: ["pipe", "pipe", "inherit"] })
  child.stdin.on("error", () => undefined)
  await Promise.race([once(child.stdout, "data"), failed(child, words)])
  child.stdout.resume()
  return Object.assign(child, { [Symbol.dispose]: () => void child.kill() })
}

const failed = async (child: ChildProcess, words: ReadonlyArray<string>): Promise<never> => {
  const [code] = await once(child, "close")
  throw new Error(`${words.join(" ")} ended with ${code}`)
}

/** Runs a program to its end. Returns what it printed, how fast its output arrived, and how long it ran, ms. */
export const measured = async (words: ReadonlyArray<string>) => {
  const [file = "", ...rest] = words
  const begun = performance.now()
  const child = spawn(file, rest, { env: ENVIRONMENT, stdio: ["ignore", "pipe", "inherit"] })
  const { add, rate } = meter()
  let printed = ""
  child.stdout.on("data", (bytes: Buffer) => {
    add(bytes.length)
    if (printed.length < 1000) printed += bytes.toString("latin1")
  })
  const [code] = await once(child, "close")
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${printed}`)
  return { printed, rate: rate(), milliseconds: performance.now() - begun }
}

/** The program of `forwarding-end.ts` at one end of a network. */
export const ending = (within: ReadonlyArray<string>, ...words: ReadonlyArray<string | number>) => [
  ...within,
  process.execPath,
  join(import.meta.dirname, "forwarding-end.ts"),
  ...words.map(String)
]

/** Reads a connection at one end to its end. */
export const fetch = async (within: ReadonlyArray<string>, ...ports: ReadonlyArray<number>): Promise<Rate> =>
  JSON.parse((await measured(ending(within, "fetch", ...ports))).printed) as Rate

/** MB/s. */
export const speed = ({ bytes, milliseconds }: Rate): number => bytes / 1000 / milliseconds

export const freePort = async (): Promise<number> => {
  const server = createServer()
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no free port")
  return address.port
}
