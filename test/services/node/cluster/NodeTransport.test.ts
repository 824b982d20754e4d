/**
 * Nodes accept requests only from nodes that have a secret of theirs, over real connections on loopback.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as Runners from "effect/cluster/Runners"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as Schema from "effect/Schema"
import { SocketServer } from "effect/socket/SocketServer"
import * as Net from "node:net"
import { call } from "../../../../src/services/cluster/MachineClients.ts"
import type { MachineClient } from "../../../../src/services/cluster/MachineRpcs.ts"
import * as NodeTransport from "../../../../src/services/node/cluster/NodeTransport.ts"

class Requests extends RpcGroup.make(
  Rpc.make("Attach", { payload: { name: Schema.String }, success: Schema.String })
) {}

/** The requests of a later release: one has one more field, and one is new. */
class LaterRequests extends RpcGroup.make(
  Rpc.make("Attach", {
    payload: { name: Schema.String, later: Schema.optionalKey(Schema.Int) },
    success: Schema.String
  }),
  Rpc.make("Move", { success: Schema.String })
) {}

const secret = (letter: string): Redacted.Redacted => Redacted.make(letter.repeat(NodeTransport.SHORTEST_SECRET))
const [old, current, foreign] = ["a", "b", "c"].map(secret) as [Redacted.Redacted, Redacted.Redacted, Redacted.Redacted]
const LOOPBACK = { host: "127.0.0.1", port: 0 }
const config = ShardingConfig.layer({})

/** A node that answers requests with a key. */
const serve = Effect.fnUntraced(function* (secrets: NodeTransport.Secrets) {
  const socketServer = Layer.provideMerge(NodeTransport.server(secrets, LOOPBACK), config)
  const handlers = Requests.toLayer({ Attach: ({ name }) => Effect.succeed(`a session key for ${name}`) })
  const server = RpcServer.layer(Requests, { disableFatalDefects: true }).pipe(
    Layer.provide([handlers, RpcServer.layerProtocolSocketServer]),
    Layer.provideMerge(socketServer),
    Layer.provide(RpcSerialization.layerNdjson)
  )
  const context = yield* Layer.build(server)
  const { address } = yield* Effect.provide(SocketServer, context)
  return "port" in address ? address.port : 0
})

/** A node's connection to another one. */
const connect = Effect.fnUntraced(function* (port: number, secrets: NodeTransport.Secrets) {
  const context = yield* Layer.build(NodeTransport.client(secrets))
  const { make } = yield* Effect.provide(Runners.RpcClientProtocol, context)
  return yield* make(RunnerAddress.RunnerAddress.make({ host: LOOPBACK.host, port }))
}, Effect.provide(RpcSerialization.layerNdjson))

/** What a node with these secrets gets, or `undefined` if it gets nothing. */
const attach = (port: number, secrets: NodeTransport.Secrets) =>
  Effect.gen(function* () {
    const protocol = yield* connect(port, secrets)
    const client = yield* RpcClient.make(Requests).pipe(Effect.provideService(RpcClient.Protocol, protocol))
    return yield* client.Attach({ name: "work" })
  }).pipe(
    Effect.scoped,
    Effect.catchCause(() => Effect.succeed(undefined))
  )

/** All that a stranger receives who sends a request in plain text. */
const shout = (port: number): Effect.Effect<string> =>
  Effect.callback((resume) => {
    const socket = Net.connect(port, LOOPBACK.host, () => socket.write('{"_tag":"Request","id":"1","tag":"Attach"}\n'))
    let text = ""
    socket.on("data", (bytes) => (text += bytes.toString("latin1")))
    socket.on("error", () => undefined)
    socket.on("close", () => resume(Effect.succeed(text)))
  })

describe("connections between nodes", () => {
  it.live("need a secret that both nodes have", () =>
    Effect.gen(function* () {
      const port = yield* serve([current, old])
      expect(yield* attach(port, [current])).toBe("a session key for work")
      // A node that still connects with the old secret.
      expect(yield* attach(port, [old, current])).toBe("a session key for work")
      expect(yield* attach(port, [foreign])).toBeUndefined()
      expect(yield* attach(port, [])).toBeUndefined()
      expect(yield* shout(port)).not.toContain("session key")
    }).pipe(Effect.scoped)
  )

  it.live("let nodes of an earlier release answer what they know", () =>
    Effect.gen(function* () {
      const port = yield* serve([current])
      const protocol = yield* connect(port, [current])
      const later = yield* RpcClient.make(LaterRequests).pipe(Effect.provideService(RpcClient.Protocol, protocol))
      expect(yield* later.Attach({ name: "work", later: 1 })).toBe("a session key for work")
      expect(String(yield* Effect.flip(Effect.sandbox(later.Move())))).toMatch(/Move/)
      expect(yield* later.Attach({ name: "more" })).toBe("a session key for more")
    }).pipe(Effect.scoped)
  )

  it.live("report a machine that ends during a request as unreachable", () =>
    Effect.gen(function* () {
      const clients = { get: () => Effect.succeed({} as MachineClient) }
      for (const ending of [Effect.interrupt, Effect.die("a reply that cannot be decoded")]) {
        expect(yield* Effect.flip(call(clients, LOOPBACK, () => ending))).toMatchObject({ _tag: "MachineUnreachable" })
      }
      // The caller's own interruption is none of the machine's.
      const exit = yield* Effect.exit(
        Effect.timeoutOption(
          call(clients, LOOPBACK, () => Effect.never),
          "10 millis"
        )
      )
      expect(Exit.isSuccess(exit)).toBe(true)
    })
  )

  it.live("are refused without a secret, except on loopback, and with a short one", () =>
    Effect.gen(function* () {
      const start = (secrets: NodeTransport.Secrets, host: string) =>
        Layer.build(Layer.provide(NodeTransport.server(secrets, { host, port: 0 }), config)).pipe(
          Effect.as(undefined),
          Effect.catchTag("SecretError", ({ message, reason }) => Effect.succeed([reason, message]))
        )
      for (const host of ["0.0.0.0", "::", "10.0.0.11", "127.example.org", "worker-1"]) {
        expect(yield* start([], host)).toEqual(["Missing", expect.stringContaining("loopback needs `secrets`")])
      }
      const short = Redacted.make("correct horse battery staple")
      expect(yield* start([current, short], "0.0.0.0")).toEqual(["TooShort", expect.stringContaining("32 characters")])
      const message = String((yield* Effect.flip(Layer.build(NodeTransport.client([short])))).message)
      expect(message).not.toContain("horse")
      expect(message).toContain("openssl rand")
    }).pipe(Effect.scoped, Effect.provide(RpcSerialization.layerNdjson))
  )
})
