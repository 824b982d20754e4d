import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { once } from "node:events"
import * as Net from "node:net"
import { setImmediate as turn } from "node:timers/promises"
import { Sockets } from "../../../src/services/forwarding/Sockets.ts"
import * as NodeSockets from "../../../src/services/node/forwarding/NodeSockets.ts"

const BYTES = 300

it.live("what is not read stays with the system, also where its sender writes single bytes", () =>
  Effect.gen(function* () {
    const server = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const server = Net.createServer().listen(0, "127.0.0.1")
        await once(server, "listening")
        return server
      }),
      (server) => Effect.sync(() => server.close())
    )
    const accepted = Effect.promise(async () => (await once(server, "connection"))[0] as Net.Socket)
    const connect = Effect.flatMap(Sockets, ({ connect }) =>
      connect({ _tag: "Tcp", host: "127.0.0.1", port: (server.address() as Net.AddressInfo).port })
    )
    const [sender, socket] = yield* Effect.all([accepted, connect], { concurrency: 2 })
    sender.setNoDelay()
    yield* Effect.promise(async () => {
      // This process polls its sockets in each turn.
      for (let i = 0; i < BYTES; i++) {
        sender.write(Uint8Array.of(i))
        await turn()
      }
      sender.end()
    })
    const first = yield* socket.read()
    expect(first?.length).toBeLessThan(BYTES / 2)
    let length = first?.length ?? 0
    for (let piece; (piece = yield* socket.read(7)) !== undefined;) {
      expect(piece.length).toBeLessThanOrEqual(7)
      length += piece.length
    }
    expect(length).toBe(BYTES)
    yield* socket.finish
  }).pipe(Effect.provide(NodeSockets.layer), Effect.scoped)
)
