/**
 * A server with observability: one more layer exports traces, metrics and logs by OTLP.
 *
 *     npm run build && OTLP=http://127.0.0.1:4318 node examples/observed-server.ts
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { Otlp } from "effect/observability"
import { NodeMoshServer } from "effect-mosh/node"
import { serveShell } from "./embed-server.ts"

/** Servers that export the traces, metrics and logs of their sessions to `baseUrl`. */
export const observed = (baseUrl: string) =>
  Layer.merge(
    NodeMoshServer.layer,
    Otlp.layerJson({ baseUrl, resource: { serviceName: "mosh-server" } }).pipe(Layer.provide(FetchHttpClient.layer))
  )

if (import.meta.main) {
  const program = Effect.flatMap(serveShell([]), ({ ended }) => ended)
  const layer = observed(process.env["OTLP"] ?? "http://127.0.0.1:4318")
  NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(layer)))
}
