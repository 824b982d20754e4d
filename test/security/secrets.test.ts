/**
 * Looks for the session's key in everything that a real session with all diagnostics prints, writes and shows.
 */
import * as Cause from "effect/Cause"
import * as Result from "effect/Result"
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { inspect } from "node:util"
import { expect, test } from "vitest"
import { BootstrapError } from "../../src/domain/bootstrap/BootstrapError.ts"
import * as SessionKey from "../../src/domain/crypto/SessionKey.ts"
import { end, isRunning, program } from "../support/peers.ts"
import { quoted } from "../support/peers-shell.ts"
import { open, type Terminal } from "./terminal.ts"

/** Every form in which a key could be written down. */
const forms = (key: string): ReadonlyArray<string> => {
  const bytes = Buffer.from(key, "base64")
  return [key, bytes.toString("hex"), bytes.toString("latin1"), [...bytes].join(","), [...bytes].join(", ")]
}

const tells = (text: string, key: string): boolean => forms(key).some((form) => text.includes(form))

const read = (file: string): string => {
  try {
    return readFileSync(file, "latin1")
  } catch {
    return ""
  }
}

/** The processes of a tree, by their parents. */
const descendants = (pid: number): ReadonlyArray<number> => {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number)
  return [pid, ...children.flatMap(descendants)]
}

const hasEnded = (pid: number): boolean => /^$|\) [ZX] /.test(read(`/proc/${pid}/stat`))

const files = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => join(directory, name))

interface Room extends Disposable {
  readonly home: string
  readonly keyFile: string
  readonly environment: Readonly<Record<string, string>>
  /** A session by `mosh --local`, whose server and client print all diagnostics. */
  readonly session: () => Promise<Terminal>
  readonly key: () => string
}

const room = (): Room => {
  const scratch = mkdtempSync(join(tmpdir(), "effect-mosh-secrets-"))
  const home = join(scratch, "home")
  const keyFile = join(scratch, "connect")
  const server = join(scratch, "server")
  const own = program("ours", "mosh-server").map(quoted).join(" ")
  // The one place where the key may be seen: what the server prints for its client.
  writeFileSync(server, `#!/bin/sh\nulimit -S -c unlimited\n${own} "$@" | tee ${quoted(keyFile)}\n`)
  chmodSync(server, 0o755)
  const environment = {
    HOME: home,
    XDG_STATE_HOME: join(home, "state"),
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    LANG: "C.UTF-8",
    SHELL: "/bin/bash",
    PS1: "$ ",
    MOSH_LOG: join(home, "log")
  }
  return {
    home,
    keyFile,
    environment,
    session: async () => {
      const command = [
        ...program("ours", "mosh"),
        "--local",
        `--server=${server}`,
        `--verbose=${join(home, "verbose")}`,
        "--",
        "bash",
        "--norc"
      ]
      // Created by a user with a permissive umask.
      return open(["/bin/sh", "-c", 'mkdir -p "$HOME/state"; umask 0; exec "$@"', "sh", ...command], environment)
    },
    key: () => /^MOSH CONNECT \d+ (\S{22})$/m.exec(read(keyFile))?.[1] ?? "",
    [Symbol.dispose]: () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}

test("a session's key is in no command line, environment, file, or output", { timeout: 60_000 }, async () => {
  using place = room()
  await using terminal = await place.session()
  expect(await terminal.shows("$ ")).toBe(true)
  terminal.type("sleep 1000 & echo job=$! shell=$$ server=$PPID core=$(ulimit -S -c)\r")
  expect(await terminal.shows("core=unlimited")).toBe(true)
  const [, job = "", shell = "", server = ""] = /job=(\d+) shell=(\d+) server=(\d+)/.exec(terminal.printed()) ?? []
  using cleanup = new DisposableStack()
  // The server survives the death of the shell.
  cleanup.defer(() => end(Number(job)))
  const key = place.key()
  expect(key).toHaveLength(22)

  const processes = [...descendants(terminal.pid), ...descendants(Number(server))]
  expect(processes).toContain(Number(shell))
  expect(processes.length).toBeGreaterThanOrEqual(4)
  for (const pid of processes)
    for (const file of ["cmdline", "environ", "comm"]) {
      const text = read(`/proc/${pid}/${file}`)
      // The server's helper starts an `stty` now and then, which may be over before it is looked at.
      if (text === "" && hasEnded(pid)) continue
      expect([pid, file, text !== "", tells(text, key)]).toEqual([pid, file, true, false])
    }
  // The server holds the key, and must not dump core.
  expect(read(`/proc/${server}/limits`)).toMatch(/^Max core file size\s+0\s/m)

  // The files that are open while the session runs, and those that remain.
  const seen = new Map<string, string>()
  const look = (): void => {
    for (const file of files(place.home)) if (lstatSync(file).isFile()) seen.set(file, read(file))
  }
  look()
  const modes = files(place.home).map((file) => [
    file.slice(place.home.length + 1).replace(String(server), "PID"),
    (lstatSync(file).mode & 0o777).toString(8)
  ])
  terminal.type("exit\r")
  expect(await terminal.exit).toBe(0)
  for (let waited = 0; waited < 10_000 && isRunning(Number(server)); waited += 50) await sleep(50)
  look()

  expect(terminal.printed().length).toBeGreaterThan(0)
  expect(tells(terminal.printed(), key)).toBe(false)
  expect([...seen].filter(([, text]) => tells(text, key)).map(([file]) => file)).toEqual([])
  const names = [...seen.keys()].map((file) => file.split("/").at(-1))
  expect(names).toEqual(expect.arrayContaining(["ended.log", "log", "verbose"]))
  expect(read(join(place.home, "verbose"))).toMatch(/first answer/)
  for (const made of ["state/effect-mosh", "log", "verbose"])
    expect(modes.filter(([file]) => file?.startsWith(made)).map(([, mode]) => mode)).not.toHaveLength(0)
  expect(modes.filter(([file]) => file !== "state" && !/^\.(bash|cache)/.test(file ?? ""))).toEqual(
    modes
      .filter(([file]) => file !== "state" && !/^\.(bash|cache)/.test(file ?? ""))
      .map(([file]) => [file, /^state\/effect-mosh(\/[^/]+)?$/.test(file ?? "") ? "700" : "600"])
  )

  const events = read(join(place.home, "log"))
    .trim()
    .split("\n")
    .map((line): Record<string, unknown> => JSON.parse(line))
  expect(events.map(({ event, program: who }) => `${String(who)}: ${String(event)}`)).toEqual(
    expect.arrayContaining([
      "mosh-server: session opened",
      "mosh-client: session opened",
      "mosh-client: session ended",
      "mosh-server: session ended"
    ])
  )
  for (const event of events) expect(event).toMatchObject({ time: expect.any(String), level: expect.any(String) })
  end(Number(server))
})

test("a program that refuses a misplaced key does not print it", async () => {
  using place = room()
  expect(existsSync(place.keyFile)).toBe(false)
  for (const secret of ["c2VjcmV0IHNlY3JldCBzZW", "c2VjcmV0IHNlY3JldCBzZWM", "c2VjcmV0IHNlY3JldCBzZ!"]) {
    await using terminal = await open([...program("ours", "mosh-client"), "127.0.0.1", "1"], {
      ...place.environment,
      MOSH_KEY: secret
    })
    expect(await terminal.exit).toBe(1)
    expect(terminal.printed()).toMatch(/bad MOSH_KEY/)
    expect(terminal.printed()).not.toContain(secret.slice(0, 12))
  }
})

test("no value that holds a key shows it", () => {
  const text = "c2VjcmV0IHNlY3JldCBzZQ"
  const key = Result.getOrThrow(SessionKey.parse(text))
  const wrong = SessionKey.parse(`${text}x`)
  const shown = (value: unknown): string =>
    [inspect(value, { depth: 10, showHidden: true }), JSON.stringify(value), String(value)].join("\n")
  const failure = Cause.fail({ key, options: { key } })
  const values = [key, { key }, [key], wrong, failure, Cause.die(new Error("broken", { cause: { key } }))]
  for (const value of values) expect(tells(shown(value), text)).toBe(false)
  for (const cause of [failure, Cause.die(key)]) expect(tells(Cause.pretty(cause), text)).toBe(false)
  expect(tells(shown(new BootstrapError({ reason: "LineMalformed", destination: "host", detail: "" })), text)).toBe(
    false
  )
})
