/**
 * `MoshClient` on Node: UDP by node:dgram, AES-OCB by OpenSSL, zlib by node:zlib.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ClientSession from "../ClientSession.ts"
import { type ConnectOptions, MoshClient } from "../MoshClient.ts"
import { Predictor } from "../Predictor.ts"
import * as NodeCompression from "./NodeCompression.ts"
import * as NodeDatagrams from "./NodeDatagrams.ts"
import * as NodePacketCipher from "./NodePacketCipher.ts"

/** With a predictor of the embedder's choice. */
export const layerWith: Layer.Layer<MoshClient, never, Predictor> = Layer.effect(
  MoshClient,
  Effect.gen(function* () {
    const predictor = yield* Predictor
    return MoshClient.of({
      connect: (options) => Effect.provideService(connect(options), Predictor, predictor)
    })
  })
)

export const layer: Layer.Layer<MoshClient> = layerWith.pipe(Layer.provide(Predictor.layer))

const connect = Effect.fnUntraced(function* (options: ConnectOptions) {
  const network = yield* Layer.build(
    Layer.mergeAll(
      NodePacketCipher.layer(options.key),
      NodeCompression.layer,
      NodeDatagrams.client({ host: options.host, port: options.port })
    )
  )
  return yield* Effect.provideContext(ClientSession.make(options), network)
})
