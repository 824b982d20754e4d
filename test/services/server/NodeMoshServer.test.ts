/**
 * The public service: what an embedding program sees of it, over real UDP.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import * as Screen from "../../../src/domain/objects/Screen.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import { MIN_DELAY_CLIENT } from "../../../src/domain/ssp/Timing.ts"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import { MoshClient } from "../../../src/services/client/MoshClient.ts"
import { MoshServer } from "../../../src/services/server/MoshServer.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodeDatagrams from "../../../src/services/node/udp/NodeDatagrams.ts"
import * as NodeMoshServer from "../../../src/services/node/NodeMoshServer.ts"
import * as NodeMoshClient from "../../../src/services/node/NodeMoshClient.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import * as Transport from "../../../src/services/transport/Transport.ts"
import { rowText } from "./screens.ts"

const size = { columns: 30, rows: 4 }
const program = { file: "cat", arguments: [], environment: { PATH: process.env["PATH"] ?? "" }, directory: "/" }

it.live("serves two sessions at once, each with a port and a key of its own", () =>
  Effect.gen(function* () {
    const { serve } = yield* MoshServer
    const options = { program, address: "127.0.0.1", ports: { low: 0, high: 0 } }
    const servers = [yield* serve(options), yield* serve(options)]
    expect(new Set(servers.map(({ port }) => port)).size).toBe(2)
    expect(new Set(servers.map(({ key }) => key)).size).toBe(2)

    for (const [index, server] of servers.entries()) {
      expect(server.contact()).toBeUndefined()
      const key = Result.getOrThrow(SessionKey.parse(server.key))
      const network = yield* Layer.build(
        Layer.mergeAll(
          NodeDatagrams.client({ host: "127.0.0.1", port: server.port }),
          NodeCompression.layer,
          NodePacketCipher.layer(key)
        )
      )
      const client = yield* Transport.make<UserStream.UserStream, Screen.Screen>({
        role: "Client",
        local: { object: UserStream.object, initial: UserStream.EMPTY },
        remote: { object: Screen.object, initial: Screen.blank(size) },
        features: Features.frames,
        minDelay: MIN_DELAY_CLIENT,
        events: { onRemote: () => undefined, onStatus: () => undefined }
      }).pipe(Effect.provide(network))
      client.publish(UserStream.resize(client.local(), size))
      client.publish(UserStream.push(client.local(), Buffer.from(`to ${index}`)))
      const shown = Effect.sync(() => rowText(client.remote().state.frame, 0) === `to ${index}`)
      yield* Effect.sleep(10).pipe(Effect.andThen(shown), Effect.repeat({ until: (is) => is }), Effect.timeout(10_000))
      expect(rowText(server.session.frame(), 0)).toBe(`to ${index}`)
      expect(server.status().attached).toBe(true)
      expect(server.contact()?.from).toMatch(/^127\.0\.0\.1:\d+$/)
      expect(server.contact()?.age).toBeLessThan(10_000)

      server.terminate()
      expect(yield* client.ended).toEqual({ _tag: "PeerShutdown" })
      expect(yield* server.ended).toBe("Terminated")
    }
  }).pipe(Effect.provide(NodeMoshServer.layer))
)

it.live("fails if the address cannot be bound, and binds no other", () =>
  Effect.gen(function* () {
    const { serve } = yield* MoshServer
    const error = yield* Effect.flip(serve({ program, address: "192.0.2.1", ports: { low: 0, high: 0 } }))
    expect(error).toMatchObject({ _tag: "BindError", address: "192.0.2.1", reason: "Address not available" })
    const ranges = [60_001.5, NaN, 70_000].map((low) => ({ low, high: low }))
    for (const ports of ranges) {
      expect(yield* Effect.flip(serve({ program, ports }))).toMatchObject({ _tag: "BindError", ports: `${ports.low}` })
    }
  }).pipe(Effect.scoped, Effect.provide(NodeMoshServer.layer))
)

it.live("connects to no invalid port, and opens no screen of an invalid size", () =>
  Effect.gen(function* () {
    const { connect } = yield* MoshClient
    const key = "EBwzUMbRCjpKxhZZrjqXeg"
    for (const port of [0, 70_000, NaN]) {
      const error = yield* Effect.flip(connect({ host: "127.0.0.1", port, key }))
      expect(error).toMatchObject({ _tag: "BindError", ports: String(port), reason: "not a UDP port (1 to 65535)" })
    }
    for (const side of [0, -1, 1.5, NaN, Infinity]) {
      const size = { columns: side, rows: side }
      const session = yield* connect({ host: "127.0.0.1", port: 9, key, size })
      expect(session.screen().size.columns).toBeGreaterThanOrEqual(1)
    }
  }).pipe(Effect.scoped, Effect.provide(NodeMoshClient.layer))
)

it.live("refuses invalid limits", () =>
  Effect.gen(function* () {
    const { serve } = yield* MoshServer
    const options = { program, address: "127.0.0.1", ports: { low: 0, high: 0 } }
    for (const network of [NaN, -1, 0, -Infinity]) {
      const error = yield* Effect.flip(serve({ ...options, limits: { network } }))
      expect(error).toMatchObject({ _tag: "OptionError", option: "limits.network" })
      expect(error.message).toBe(
        `the option limits.network is ${network}; it must be a number of ms above 0, or Infinity`
      )
    }
    for (const signal of [NaN, -1]) {
      const error = yield* Effect.flip(serve({ ...options, limits: { signal } }))
      expect(error).toMatchObject({ _tag: "OptionError", option: "limits.signal" })
    }
    for (const limits of [{}, { network: Infinity }, { network: 1000, signal: 0 }, { signal: Infinity }]) {
      expect((yield* serve({ ...options, limits })).port).toBeGreaterThan(0)
    }
  }).pipe(Effect.scoped, Effect.provide(NodeMoshServer.layer))
)

it.live("refuses an invalid giveUpAfter", () =>
  Effect.gen(function* () {
    const { connect } = yield* MoshClient
    const options = { host: "127.0.0.1", port: 9, key: "EBwzUMbRCjpKxhZZrjqXeg" }
    for (const giveUpAfter of [NaN, -1, 0]) {
      const error = yield* Effect.flip(connect({ ...options, giveUpAfter }))
      expect(error).toMatchObject({ _tag: "OptionError", option: "giveUpAfter" })
    }
    const session = yield* connect({ ...options, giveUpAfter: Infinity })
    expect(session.status().attached).toBe(true)
  }).pipe(Effect.scoped, Effect.provide(NodeMoshClient.layer))
)
