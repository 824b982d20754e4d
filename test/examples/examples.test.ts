/**
 * The examples do what they say.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { counter } from "../../examples/counter.ts"
import { serveShell } from "../../examples/embed-server.ts"
import { askForASum, waitFor } from "../../examples/expect.ts"
import { share } from "../../examples/two-viewers.ts"
import { MoshClient } from "../../src/services/MoshClient.ts"
import { MoshServer } from "../../src/services/MoshServer.ts"
import * as NodeMoshClient from "../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../src/services/node/NodeMoshServer.ts"

const runtime = Layer.mergeAll(NodeMoshServer.layer, NodeMoshClient.layer)

const join = Effect.fnUntraced(function* (server: { readonly port: number; readonly key: string }) {
  const size = { columns: 40, rows: 10 }
  return yield* (yield* MoshClient).connect({ host: "127.0.0.1", port: server.port, key: server.key, size })
})

describe("the examples", () => {
  it.live("embed a server", () =>
    Effect.gen(function* () {
      const server = yield* serveShell(["sh", "-c", "echo served; exec cat"])
      const client = yield* join(server)
      expect(yield* waitFor(client, /^served$/)).toHaveLength(10)
      server.terminate()
      expect(yield* client.ended).toEqual({ _tag: "PeerShutdown" })
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("wait for text, and type", () =>
    Effect.gen(function* () {
      expect(yield* askForASum).toBe("the sum is 42")
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("serve an Effect", () =>
    Effect.gen(function* () {
      const server = yield* (yield* MoshServer).serve({ program: counter, address: "127.0.0.1" })
      const client = yield* join(server)
      yield* waitFor(client, /count: 0/)
      yield* client.type("++-+")
      const lines = yield* waitFor(client, /count: 2/)
      expect(lines.at(-1)).toBe("+ and - count, q leaves")
      yield* client.type("q")
      expect(yield* client.ended).toEqual({ _tag: "PeerShutdown" })
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("show one session to two", () =>
    Effect.gen(function* () {
      const { viewers } = yield* share(["cat"])
      const clients = yield* Effect.forEach(viewers, (viewer) => join(viewer))
      for (const [at, client] of clients.entries()) {
        yield* client.type(`viewer ${at}\r`)
        for (const other of clients) expect(yield* waitFor(other, new RegExp(`^viewer ${at}$`))).toHaveLength(10)
      }
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )
})
