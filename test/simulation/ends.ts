/**
 * The layers of one end of a simulated session.
 */
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as NodeCompression from "../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../src/services/node/wire/NodePacketCipher.ts"
import type { SimulatedNetwork } from "../../src/testing/SimulatedNetwork.ts"

/** An end of a network with the key of all zeros, zlib, and a cipher of its own. */
export const end = (datagrams: SimulatedNetwork["client"]) =>
  Layer.build(
    Layer.mergeAll(
      datagrams,
      NodeCompression.layer,
      Layer.fresh(Layer.suspend(() => NodePacketCipher.layer(Redacted.make(new Uint8Array(16)))))
    )
  )
