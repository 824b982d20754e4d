/**
 * The server's end of the streams benchmark, in a process of its own: it echoes a number, and writes as many bytes as the header
 * of a stream asks for. Prints its port and key.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as SessionKey from "../src/domain/crypto/SessionKey.ts"
import type { Role } from "../src/domain/ssp/Role.ts"
import { Features, type SyncObject } from "../src/domain/ssp/SyncObject.ts"
import * as NodeDatagrams from "../src/services/node/udp/NodeDatagrams.ts"
import * as NodeCompression from "../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../src/services/node/wire/NodePacketCipher.ts"
import { Datagrams } from "../src/services/transport/Datagrams.ts"
import * as Transport from "../src/services/transport/Transport.ts"

export const KIND = 100

/** A number that is sent whole. */
const number: SyncObject<number> = {
  equals: (a, b) => a === b,
  diff: (base, target) => (base === target ? new Uint8Array(0) : Buffer.from(String(target))),
  patch: (_, diff) => Result.succeed(Number(Buffer.from(diff).toString())),
  subtract: (state) => state
}

export const transport = (role: Role, onRemote: (value: number) => void) =>
  Transport.make<number, number>({
    role,
    local: { object: number, initial: 0 },
    remote: { object: number, initial: 0 },
    features: Features.streams | Features.mtu,
    events: { onRemote: ({ state }) => onRemote(state) }
  })

const CHUNK = new Uint8Array(262_144).fill(120)

const serve = Effect.gen(function* () {
  const end: Transport.Transport<number, number> = yield* transport("Server", (value) => end.publish(value))
  const asked = end.streams.accept(KIND)
  const { port } = yield* Datagrams
  const answer = Effect.fnUntraced(function* (stream: Transport.ByteStream) {
    let rest = Number(Buffer.from(stream.header).toString())
    for (; rest > 0; rest -= CHUNK.length) yield* stream.write(CHUNK.subarray(0, rest))
    yield* stream.finish
  })
  yield* Effect.forkScoped(Stream.runForEach(asked, (stream) => Effect.forkScoped(Effect.ignore(answer(stream)))))
  process.stdout.write(`${port} ${process.argv[2]}\n`)
  return yield* end.ended
})

if (import.meta.main) {
  const key = Result.getOrThrow(SessionKey.parse(process.argv[2] ?? ""))
  const layer = Layer.mergeAll(
    NodeDatagrams.server({ address: "127.0.0.1", ports: { low: 0, high: 0 } }),
    NodeCompression.layer,
    NodePacketCipher.layer(key)
  )
  await Effect.runPromise(serve.pipe(Effect.scoped, Effect.provide(layer), Effect.ignore))
}
