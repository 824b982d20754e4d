/**
 * A `SqlClient` for one file, through the SQLite that is part of Node. It needs no package and no server.
 *
 * Statements run synchronously, in some tens of microseconds: the write-ahead log is not flushed to the disk for each. After a power
 * failure the last statements may be missing, but the file is intact.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { classifySqliteError, SqlError } from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import type { DatabaseSync, SQLInputValue } from "node:sqlite"

/** Opens the file, and creates it if it is missing. It fails if another process has it open. `:memory:` is a database without a file. */
export const layer = (file: string): Layer.Layer<SqlClient.SqlClient, SqlError> =>
  Layer.effect(
    SqlClient.SqlClient,
    Effect.gen(function* () {
      const database = yield* Effect.acquireRelease(open(file), (database) => Effect.sync(() => database.close()))
      return yield* SqlClient.make({
        acquirer: Effect.succeed(connection(database)),
        compiler: Statement.makeCompilerSqlite(),
        driver: "node-sqlite",
        spanAttributes: [["db.system.name", "sqlite"]]
      })
    })
  ).pipe(Layer.provide(Reactivity.layer))

const attempt = <A>(operation: string, evaluate: () => A): Effect.Effect<A, SqlError> =>
  Effect.try({ try: evaluate, catch: (cause) => new SqlError({ reason: classifySqliteError(cause, { operation }) }) })

// Some releases of Node print a warning when the module is loaded, so only those who use it load it.
const open = (file: string): Effect.Effect<DatabaseSync, SqlError> =>
  Effect.flatMap(
    Effect.promise(() => import("node:sqlite")),
    ({ DatabaseSync }) =>
      attempt("connect", () => {
        const database = new DatabaseSync(file)
        try {
          database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
          // The lock is taken by the first write.
          database.exec("BEGIN IMMEDIATE; COMMIT")
        } catch (error) {
          database.close()
          throw error
        }
        return database
      })
  )

const connection = (database: DatabaseSync): Connection => {
  // The caller of `sql` passes numbers, strings and null.
  const all = (sql: string, parameters: ReadonlyArray<unknown>) =>
    attempt("execute", () => database.prepare(sql).all(...(parameters as ReadonlyArray<SQLInputValue>)))
  const values = (sql: string, parameters: ReadonlyArray<unknown>) =>
    Effect.map(all(sql, parameters), (rows) => rows.map((row) => Object.values(row)))
  const execute: Connection["execute"] = (sql, parameters, transform) =>
    transform === undefined ? all(sql, parameters) : Effect.map(all(sql, parameters), transform)
  return {
    execute,
    executeUnprepared: execute,
    executeRaw: all,
    executeValues: values,
    executeValuesUnprepared: values,
    executeStream: (sql, parameters, transform) =>
      Stream.unwrap(Effect.map(execute(sql, parameters, transform), Stream.fromIterable))
  }
}
