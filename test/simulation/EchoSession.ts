/**
 * A whole session in virtual time: a client that types, and a server that echoes everything it receives.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { Role } from "../../src/domain/ssp/Role.ts"
import type { Features } from "../../src/domain/ssp/SyncObject.ts"
import * as Timing from "../../src/domain/ssp/Timing.ts"
import * as UserStream from "../../src/domain/objects/UserStream.ts"
import type { Family } from "../../src/services/transport/Datagrams.ts"
import * as NodeCompression from "../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../src/services/node/wire/NodePacketCipher.ts"
import { PacketCipher } from "../../src/services/transport/PacketCipher.ts"
import * as Transport from "../../src/services/transport/Transport.ts"
import * as SimulatedNetwork from "../../src/testing/SimulatedNetwork.ts"

export interface EchoSession {
  readonly network: SimulatedNetwork.SimulatedNetwork
  readonly client: End
  readonly server: End
  /** The session's cipher, for an attacker who has the key. */
  readonly cipher: PacketCipher["Service"]
}

export interface End {
  readonly transport: Transport.Transport<UserStream.UserStream, UserStream.UserStream>
  /** Everything that this end sent, and received. */
  readonly said: () => string
  readonly heard: () => string
  readonly say: (text: string) => void
}

const KEY = Uint8Array.from({ length: 16 }, (_, i) => i * 7)

const cipherLayer = Layer.suspend(() => NodePacketCipher.layer(Redacted.make(Uint8Array.from(KEY))))

export const make = Effect.fnUntraced(function* (options: {
  readonly seed: number
  readonly path?: Partial<SimulatedNetwork.Path>
  readonly family?: Family
  /** The client's own clock. */
  readonly clock?: Clock.Clock
  /** The features of each end. Default: stock's. */
  readonly features?: { readonly client: Features; readonly server: Features }
}): Effect.fn.Return<EchoSession, never, Scope.Scope> {
  const network = yield* SimulatedNetwork.make(options)
  const { features = { client: 0, server: 0 } } = options
  const server = yield* end("Server", network, features.server, (said, heard) => said(heard))
  const outer = yield* Clock.clockWith(Effect.succeed)
  const client = yield* end("Client", network, features.client, () => {}).pipe(
    Effect.provideService(Clock.Clock, options.clock ?? outer)
  )
  const cipher = yield* Effect.provide(PacketCipher, yield* Layer.build(Layer.fresh(cipherLayer)))
  return { network, client, server, cipher }
})

const decoder = new TextDecoder()
const encoder = new TextEncoder()

const end = Effect.fnUntraced(function* (
  role: Role,
  network: SimulatedNetwork.SimulatedNetwork,
  features: Features,
  onHeard: (say: (text: string) => void, text: string) => void
): Effect.fn.Return<End, never, Scope.Scope> {
  const isClient = role === "Client"
  const layer = Layer.mergeAll(
    isClient ? network.client : network.server,
    NodeCompression.layer,
    Layer.fresh(cipherLayer)
  )
  let said = ""
  let heard = ""
  let seen = UserStream.EMPTY
  const say = (text: string): void => {
    said += text
    transport.publish(UserStream.push(transport.local(), encoder.encode(text)))
  }
  const transport = yield* Transport.make<UserStream.UserStream, UserStream.UserStream>({
    role,
    local: { object: UserStream.object, initial: UserStream.EMPTY },
    remote: { object: UserStream.object, initial: UserStream.EMPTY },
    features,
    minDelay: isClient ? Timing.MIN_DELAY_CLIENT : Timing.MIN_DELAY_SERVER,
    events: {
      onStatus: () => {},
      onRemote: ({ state }) => {
        let text = ""
        for (const event of UserStream.since(state, seen))
          if (event._tag === "Keys") text += decoder.decode(event.bytes)
        seen = state
        heard += text
        if (text !== "") onHeard(say, text)
      }
    }
  }).pipe(Effect.provide(yield* Layer.build(layer)))
  return { transport, say, said: () => said, heard: () => heard }
})
