/**
 * A Postgres server of one's own, in a directory, until the scope closes. Needs Postgres' programs (Debian: `apt install postgresql`).
 */
import { Effect } from "effect"
import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { promisify } from "node:util"
import { spawned } from "./processes.ts"

const execute = promisify(execFile)

/** Where Debian has the programs that are not for users; elsewhere they are on the path. */
const programs = Fs.globSync("/usr/lib/postgresql/*/bin").toSorted().at(-1) ?? ""

const program = (name: string) => Path.join(programs, name)

/** Postgres refuses to run as root: then it runs as the account that Debian's package made. */
const user = process.getuid?.() === 0 ? ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--reset-env"] : []

/** Starts a server with an empty database on a TCP port of loopback. Returns the database's URL. */
export const start = Effect.fnUntraced(function* (directory: string, port: number) {
  const data = Path.join(directory, "postgres")
  yield* Effect.sync(() => Fs.mkdirSync(data, { mode: 0o700 }))
  if (user.length > 0) {
    yield* Effect.tryPromise(() => execute("chown", ["postgres", data]))
    // So that the account reaches its directory.
    yield* Effect.sync(() => Fs.chmodSync(directory, 0o711))
  }
  const initialise = [program("initdb"), "--auth=trust", "--username=fleet", "--locale=C.UTF-8", `--pgdata=${data}`]
  yield* Effect.tryPromise(() => execute("setpriv", [...user, ...initialise], { cwd: "/" }))
  yield* spawned({
    words: [program("postgres"), "-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", data],
    user,
    log: Path.join(directory, "postgres.log"),
    ready: /ready to accept connections/
  })
  return `postgres://fleet@127.0.0.1:${port}/postgres`
})
