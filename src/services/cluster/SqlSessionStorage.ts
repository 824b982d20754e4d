/**
 * `SessionStorage` in Postgres, through `@effect/sql-pg`, or in SQLite.
 *
 * Two tables are created when they are missing, `mosh_sessions` and `mosh_machines`. Each change is one statement, so no node ever
 * holds a lock while it waits for another.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Messages from "../../domain/cluster/SessionMessages.ts"
import { LONGEST_LIST, LOST, RETENTION, SessionStorage, StorageError } from "./SessionStorage.ts"

/** How long a statement may take, ms. A database that takes longer counts as one that does not answer. */
const PATIENCE = "5 seconds"

const sessionsOf = Schema.decodeUnknownEffect(Schema.Array(Messages.Session))
const storedOf = Schema.decodeUnknownEffect(
  Schema.Array(Schema.Struct({ id: Messages.Id, state: Messages.State, age: Schema.Finite }))
)
const Row = Schema.Struct({ ...Messages.Machine.fields, isDraining: Schema.Int })
const machinesOf = Schema.decodeUnknownEffect(Schema.Array(Row))

/**
 * Storage in the database of `SqlClient`. Fails to start if the tables can be neither found nor created.
 *
 * ```ts
 * import { Layer } from "effect"
 * import type { SqlClient, SqlError } from "effect/sql"
 * import { SqlSessionStorage } from "effect-mosh/cluster"
 *
 * // `database` is `PgClient.layer({ url })` of `@effect/sql-pg`.
 * export const storage = (database: Layer.Layer<SqlClient.SqlClient, SqlError.SqlError>) =>
 *   SqlSessionStorage.layer.pipe(Layer.provide(database))
 * ```
 */
export const layer: Layer.Layer<SessionStorage, StorageError, SqlClient.SqlClient> = Layer.effect(
  SessionStorage,
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const now = sql.onDialectOrElse({
      sqlite: () => sql.literal("(unixepoch('subsec') * 1000)"),
      orElse: () => sql.literal("floor(extract(epoch from clock_timestamp()) * 1000)::double precision")
    })
    // A session may have been opened after the last heartbeat of its machine.
    const later = sql.onDialectOrElse({
      sqlite: () => sql.literal("max"),
      orElse: () => sql.literal("GREATEST")
    })
    const columns = sql.literal(
      `id, owner, name, machine, incarnation, state, opened_at AS "openedAt", ended_at AS "endedAt", ending`
    )
    const stored = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, StorageError> =>
      effect.pipe(
        Effect.timeout(PATIENCE),
        Effect.mapError((cause) => new StorageError({ cause }))
      )
    const run = (statement: Effect.Effect<unknown, SqlError>): Effect.Effect<void, StorageError> =>
      stored(Effect.asVoid(statement))

    // Nodes that start together create the tables together, which Postgres refuses to all but one.
    yield* create(sql).pipe(Effect.retry(Schedule.max([Schedule.spaced("200 millis"), Schedule.recurs(10)])), stored)

    return SessionStorage.of({
      find: ({ name, owner }) =>
        stored(
          Effect.map(
            Effect.flatMap(
              sql`SELECT ${columns} FROM mosh_sessions WHERE owner = ${owner} AND name = ${name}`,
              sessionsOf
            ),
            ([session]) => session
          )
        ),
      list: (owner) =>
        stored(
          Effect.flatMap(
            sql`SELECT ${columns} FROM mosh_sessions WHERE owner = ${owner}
              ORDER BY opened_at DESC, name LIMIT ${LONGEST_LIST}`,
            sessionsOf
          )
        ),
      countRunning: (owner) =>
        stored(
          Effect.map(
            sql<{ id: string }>`SELECT id FROM mosh_sessions WHERE owner = ${owner} AND state = 'Running'`,
            (rows) => rows.length
          )
        ),
      claim: ({ id, incarnation, machine, name, owner }) =>
        stored(
          Effect.map(
            sql`INSERT INTO mosh_sessions (id, owner, name, machine, incarnation, state, opened_at)
              VALUES (${id}, ${owner}, ${name}, ${machine}, ${incarnation}, 'Running', ${now})
              ON CONFLICT (owner, name) DO UPDATE SET id = excluded.id, machine = excluded.machine,
                incarnation = excluded.incarnation, state = excluded.state, opened_at = excluded.opened_at,
                ended_at = NULL, ending = NULL
              WHERE mosh_sessions.state <> 'Running'
              RETURNING id`,
            (rows) => rows.length > 0
          )
        ),
      release: (id) => run(sql`DELETE FROM mosh_sessions WHERE id = ${id}`),
      end: (ids, ending) =>
        ids.length === 0
          ? Effect.void
          : run(sql`UPDATE mosh_sessions SET state = 'Ended', ended_at = ${now}, ending = ${ending.slice(0, 256)}
              WHERE ${sql.in("id", ids)} AND state <> 'Ended'`),
      revive: (ids) =>
        ids.length === 0
          ? Effect.void
          : run(sql`UPDATE mosh_sessions SET state = 'Running', ended_at = NULL, ending = NULL
              WHERE ${sql.in("id", ids)} AND state = 'Lost'`),
      held: (machine, incarnation) =>
        stored(
          Effect.flatMap(
            sql`SELECT id, state, ${now} - opened_at AS age FROM mosh_sessions
              WHERE machine = ${machine} AND incarnation = ${incarnation} AND state <> 'Ended'`,
            storedOf
          )
        ),
      machines: stored(
        Effect.map(
          Effect.flatMap(
            sql`SELECT name, incarnation, host, port, address, capacity, sessions, is_draining AS "isDraining",
              ${now} - seen_at AS age FROM mosh_machines`,
            machinesOf
          ),
          (rows) => rows.map((row) => ({ ...row, isDraining: row.isDraining !== 0 }))
        )
      ),
      heartbeat: ({ address, capacity, host, incarnation, isDraining, name, port, sessions }) =>
        stored(
          Effect.andThen(
            sql`UPDATE mosh_sessions SET state = 'Lost', ending = ${LOST},
                ended_at = ${later}(opened_at,
                  COALESCE((SELECT seen_at FROM mosh_machines WHERE mosh_machines.name = ${name}), ${now}))
              WHERE machine = ${name} AND state = 'Running' AND incarnation <> ${incarnation}`,
            sql`INSERT INTO mosh_machines
                (name, incarnation, host, port, address, capacity, sessions, is_draining, seen_at)
              VALUES (${name}, ${incarnation}, ${host}, ${port}, ${address}, ${capacity}, ${sessions},
                ${isDraining ? 1 : 0}, ${now})
              ON CONFLICT (name) DO UPDATE SET incarnation = excluded.incarnation, host = excluded.host,
                port = excluded.port, address = excluded.address, capacity = excluded.capacity,
                sessions = excluded.sessions, is_draining = excluded.is_draining, seen_at = excluded.seen_at`
          )
        ).pipe(Effect.asVoid),
      leave: (name, incarnation) =>
        run(sql`DELETE FROM mosh_machines WHERE name = ${name} AND incarnation = ${incarnation}`),
      sweep: (expiration) =>
        stored(
          Effect.forEach(
            [
              sql`UPDATE mosh_sessions SET state = 'Lost', ending = ${LOST},
                  ended_at = ${later}(opened_at,
                    (SELECT seen_at FROM mosh_machines WHERE mosh_machines.name = mosh_sessions.machine))
                WHERE state = 'Running' AND machine IN
                  (SELECT name FROM mosh_machines WHERE ${now} - seen_at >= ${expiration})`,
              sql`UPDATE mosh_machines SET sessions = 0 WHERE sessions > 0 AND ${now} - seen_at >= ${expiration}`,
              sql`DELETE FROM mosh_sessions WHERE state <> 'Running' AND ended_at < ${now} - ${RETENTION}`
            ],
            (statement) => statement,
            { discard: true }
          )
        )
    })
  })
)

const create = (sql: SqlClient.SqlClient): Effect.Effect<void, SqlError> =>
  Effect.forEach(
    [
      sql`CREATE TABLE IF NOT EXISTS mosh_sessions (
        owner VARCHAR(64) NOT NULL,
        name VARCHAR(32) NOT NULL,
        id VARCHAR(36) NOT NULL UNIQUE,
        machine VARCHAR(64) NOT NULL,
        incarnation VARCHAR(36) NOT NULL,
        state VARCHAR(16) NOT NULL,
        opened_at DOUBLE PRECISION NOT NULL,
        ended_at DOUBLE PRECISION,
        ending VARCHAR(256),
        PRIMARY KEY (owner, name)
      )`,
      sql`CREATE INDEX IF NOT EXISTS mosh_sessions_running ON mosh_sessions (machine) WHERE state <> 'Ended'`,
      sql`CREATE INDEX IF NOT EXISTS mosh_sessions_over ON mosh_sessions (ended_at) WHERE state <> 'Running'`,
      sql`CREATE TABLE IF NOT EXISTS mosh_machines (
        name VARCHAR(64) NOT NULL PRIMARY KEY,
        incarnation VARCHAR(36) NOT NULL,
        host VARCHAR(256) NOT NULL,
        port INTEGER NOT NULL,
        address VARCHAR(256) NOT NULL,
        capacity INTEGER NOT NULL,
        sessions INTEGER NOT NULL,
        is_draining INTEGER NOT NULL,
        seen_at DOUBLE PRECISION NOT NULL
      )`
    ],
    (statement) => statement,
    { discard: true }
  )
