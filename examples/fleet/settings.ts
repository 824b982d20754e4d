/**
 * What all nodes of the fleet have in common. Settings come from the environment: `FLEET_DATABASE`, the URL of a Postgres database;
 * `FLEET_SECRET`, from `openssl rand -base64 32`; and `FLEET_OTLP`, the URL of a collector, if there is one.
 */
import { PgClient } from "@effect/sql-pg"
import { Config, Effect, Layer, Option } from "effect"
import { FetchHttpClient } from "effect/http"
import { Otlp } from "effect/observability"

/** Where the fleet records its sessions and machines. */
export const database = PgClient.layerConfig({
  url: Config.Redacted("FLEET_DATABASE"),
  maxConnections: Config.succeed(4)
})

/** What a node proves to others, so that no other program gets sessions. To replace it, see `Secrets`. */
export const secrets = Effect.map(Config.Redacted("FLEET_SECRET"), (secret) => [secret])

/** Exports traces, metrics and logs, if there is a collector. None of them contains a key. */
export const telemetry = (serviceName: string) =>
  Layer.unwrap(
    Effect.map(Config.option(Config.String("FLEET_OTLP")), (url) =>
      Option.match(url, {
        onNone: () => Layer.empty,
        onSome: (baseUrl) =>
          Otlp.layerJson({ baseUrl, resource: { serviceName } }).pipe(Layer.provide(FetchHttpClient.layer))
      })
    )
  )
