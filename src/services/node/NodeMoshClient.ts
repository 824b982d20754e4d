/**
 * `MoshClient` on Node: UDP through node:dgram, AES-OCB through OpenSSL, zlib through node:zlib.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { MoshClient } from "effect-mosh"
 * import { NodeMoshClient } from "effect-mosh/node"
 *
 * // Types Enter in a session, and disconnects without ending it.
 * export const enter = (port: number, key: string) =>
 *   Effect.gen(function* () {
 *     const session = yield* (yield* MoshClient).connect({ host: "127.0.0.1", port, key })
 *     yield* session.type("\r")
 *     yield* Effect.sleep("1 second")
 *   }).pipe(Effect.scoped, Effect.provide(NodeMoshClient.layer))
 * ```
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SessionKey from "../../domain/crypto/SessionKey.ts"
import * as ClientSession from "../client/ClientSession.ts"
import type { BindError, Datagrams } from "../transport/Datagrams.ts"
import { clampSize } from "../../domain/terminal/ScreenSize.ts"
import { type ConnectOptions, DEFAULT_SIZE, MoshClient } from "../client/MoshClient.ts"
import { Predictor } from "../client/Predictor.ts"
import * as OptionError from "../runtime/OptionError.ts"
import * as NodeCompression from "./wire/NodeCompression.ts"
import * as NodeDatagrams from "./udp/NodeDatagrams.ts"
import * as NodePacketCipher from "./wire/NodePacketCipher.ts"
import * as NodeTimer from "./NodeTimer.ts"
import { Timers } from "../runtime/Timer.ts"

/** Creates the datagram layer of one session. */
export type Network = (options: ConnectOptions) => Layer.Layer<Datagrams, BindError>

/** A client on the given network and the provided predictor: for transports other than UDP, and for tests. */
export const layerOver = (network: Network): Layer.Layer<MoshClient, never, Predictor> =>
  Layer.effect(
    MoshClient,
    Effect.gen(function* () {
      const context = Context.make(Predictor, yield* Predictor).pipe(Context.add(Timers, yield* Timers))
      return MoshClient.of({
        connect: (options) => Effect.provideContext(connectOver(network(options), options), context)
      })
    })
  )

/** A client on UDP with the provided predictor. */
export const layerWith: Layer.Layer<MoshClient, never, Predictor> = layerOver(NodeDatagrams.client).pipe(
  Layer.provide(NodeTimer.layer)
)

/** A client on the given network with effect-mosh's predictor. */
export const layerThrough = (network: Network): Layer.Layer<MoshClient> =>
  layerOver(network).pipe(Layer.provide([NodeTimer.layer, Predictor.layer]))

/** A client on UDP with effect-mosh's predictor. */
export const layer: Layer.Layer<MoshClient> = layerWith.pipe(Layer.provide(Predictor.layer))

const connectOver = Effect.fn("MoshClient.connect")(function* (
  datagrams: Layer.Layer<Datagrams, BindError>,
  options: ConnectOptions
) {
  yield* OptionError.positiveMillis("giveUpAfter", options.giveUpAfter ?? Infinity)
  const key = typeof options.key === "string" ? yield* Effect.fromResult(SessionKey.parse(options.key)) : options.key
  const network = yield* Layer.build(Layer.mergeAll(NodePacketCipher.layer(key), NodeCompression.layer, datagrams))
  const size = clampSize(options.size ?? DEFAULT_SIZE)
  return yield* Effect.provideContext(ClientSession.make({ ...options, size }), network)
})
