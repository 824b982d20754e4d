/**
 * Enforces `MOSH_SERVER_MAX_DETACHED` before a session starts.
 */
import * as Effect from "effect/Effect"
import * as Detached from "../../domain/registry/Detached.ts"
import * as DetachedLimit from "../../domain/registry/DetachedLimit.ts"
import * as SessionLog from "../../services/node/sessions/SessionLog.ts"
import * as SessionRegistry from "../../services/node/sessions/SessionRegistry.ts"
import { MAX_DETACHED } from "./settings.ts"

/** Why no further session may start now; `undefined` if one may. */
export const refusal = (limit: number): Promise<string | undefined> =>
  Effect.runPromise(
    SessionRegistry.list(process.env, SessionLog.lost(process.env)).pipe(
      Effect.map((found) => Detached.names(found.flatMap(({ record }) => record ?? []))),
      Effect.map((names) => DetachedLimit.refusal(MAX_DETACHED, names.length, limit))
    )
  )
