/**
 * A Postgres server of the tests, from Debian's packages.
 */
import { execFile, type SpawnOptions, spawn } from "node:child_process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import type { TestContext } from "vitest"
import type * as Layer from "effect/Layer"
import type * as SqlClient from "effect/sql/SqlClient"

export interface Postgres extends AsyncDisposable {
  readonly port: number
  /** Stops the server, which closes all connections, and starts it again. */
  readonly restart: () => Promise<void>
  /** Everything in the database, as text. */
  readonly dump: () => Promise<string>
}

/** The directory of the newest installed version's programs. */
const programs = Fs.globSync("/usr/lib/postgresql/*/bin").toSorted().at(-1)

// A module of another package: tests are skipped where it is not installed.
const CLIENT = "@effect/sql-pg/PgClient"
type Client = { readonly layer: (config: object) => Layer.Layer<SqlClient.SqlClient> }
const client = await (import(CLIENT) as Promise<Client>).catch(() => undefined)

/** Why tests that need Postgres cannot run; `undefined` if they can. */
export const postgresIsMissing = (): string | undefined => {
  const reason =
    programs === undefined
      ? "Postgres is not installed (Debian package postgresql)"
      : client === undefined
        ? "@effect/sql-pg is not installed"
        : undefined
  if (reason !== undefined) console.warn(`${reason}; its tests are skipped`)
  return reason
}

/** Skips the test, giving the reason, where Postgres or its client is missing. */
export const requirePostgres = (context: TestContext): void => {
  const reason = postgresIsMissing()
  if (reason !== undefined) context.skip(reason)
}

/** The database of the server at a port of loopback. */
export const database = (port: number): Layer.Layer<SqlClient.SqlClient> => {
  if (client === undefined) throw new Error(`${CLIENT} is not installed`)
  return client.layer({ host: "127.0.0.1", port, username: "postgres", database: "postgres", maxConnections: 4 })
}

/** A TCP port that is free. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = Net.createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(address)))
    })
  })

/** Starts a server with an empty database. Postgres refuses to run as root: then it runs as `postgres`. */
export const startPostgres = async (): Promise<Postgres> => {
  const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-mosh-postgres-"))
  const port = await freePort()
  const isRoot = process.getuid?.() === 0
  const ids = isRoot
    ? { uid: Number(await output("id", ["-u", "postgres"])), gid: Number(await output("id", ["-g", "postgres"])) }
    : {}
  if (isRoot) Fs.chownSync(directory, ids.uid ?? 0, ids.gid ?? 0)
  const data = Path.join(directory, "data")
  const run = (name: string, ...words: ReadonlyArray<string>) =>
    finished(Path.join(programs ?? "", name), words, { ...ids, cwd: directory, env: { LANG: "C.UTF-8" } })
  await run("initdb", "--no-sync", "--auth=trust", "--username=postgres", `--pgdata=${data}`)
  // Nothing in it outlives the test.
  const settings = `-p ${port} -h 127.0.0.1 -k ${directory} -c fsync=off -c max_connections=60`
  const control = (...words: ReadonlyArray<string>) =>
    run("pg_ctl", ...words, "-w", "-D", data, "-l", Path.join(directory, "log"), "-o", settings)
  await control("start")
  return {
    port,
    restart: async () => {
      await control("restart", "-m", "fast")
    },
    dump: () => run("pg_dump", "-h", "127.0.0.1", "-p", String(port), "-U", "postgres", "postgres"),
    [Symbol.asyncDispose]: async () => {
      await run("pg_ctl", "stop", "-D", data, "-m", "immediate").catch(() => undefined)
      Fs.rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    }
  }
}

const output = (file: string, words: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) =>
    execFile(file, [...words], (error, text) => (error === null ? resolve(text.trim()) : reject(error)))
  )

/** Resolves with what a program printed, when it has ended. A server that it left behind may keep its output open. */
const finished = (file: string, words: ReadonlyArray<string>, options: SpawnOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(file, [...words], { ...options, stdio: ["ignore", "pipe", "pipe"] })
    let text = ""
    let errors = ""
    child.stdout?.on("data", (bytes: Buffer) => (text += bytes.toString()))
    child.stderr?.on("data", (bytes: Buffer) => (errors += bytes.toString()))
    child.once("error", reject)
    const done = (code: number | null) =>
      code === 0 ? resolve(text) : reject(new Error(`${Path.basename(file)}: ${errors}${text}`))
    // pg_ctl's server inherits its output.
    child.once(file.endsWith("pg_ctl") ? "exit" : "close", done)
  })
