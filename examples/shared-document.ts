/**
 * A synchronised value of your own: each end writes a document, and sees the other's, over any network.
 *
 *     npm run build && node examples/shared-document.ts
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Context, Effect, Layer, Result, Schema, Stream } from "effect"
import { Datagrams, type Role, SessionKey, type SyncObject, Transport } from "effect-mosh"
import { NodeCompression, NodeDatagrams, NodePacketCipher } from "effect-mosh/node"

/** Fields by name. */
export type Document = ReadonlyMap<string, string>

export const EMPTY: Document = new Map()

/** A change: fields with their new text, or `null` if they were removed. */
const Change = Schema.fromJsonString(Schema.Array(Schema.Tuple([Schema.String, Schema.NullOr(Schema.String)])))
const encode = Schema.encodeSync(Change)
const decode = Schema.decodeUnknownResult(Change)

/** How documents are synchronised. The tests check the laws with `SyncObjectLaws`. */
export const object: SyncObject<Document> = {
  equals: (a, b) => a.size === b.size && [...a].every(([name, text]) => b.get(name) === text),
  diff: (base, target) => {
    const set = [...target].filter(([name, text]) => base.get(name) !== text)
    const gone = [...base.keys()].filter((name) => !target.has(name)).map((name) => [name, null] as const)
    return set.length + gone.length === 0 ? new Uint8Array() : new TextEncoder().encode(encode([...set, ...gone]))
  },
  patch: (base, diff) =>
    Result.mapBoth(decode(new TextDecoder().decode(diff)), {
      onFailure: () => "not a change of a document",
      onSuccess: (change) => {
        const document = new Map(base)
        for (const [name, text] of change) {
          if (text === null) document.delete(name)
          else document.set(name, text)
        }
        return document
      }
    }),
  // A document has no history that could be dropped.
  subtract: (document) => document
}

/** One end, which lives as long as the scope. */
export const open = (role: Role) =>
  Transport.make({ role, local: { object, initial: EMPTY }, remote: { object, initial: EMPTY } })

export type End = Effect.Success<ReturnType<typeof open>>

/** Writes a field. */
export const write = (end: End, name: string, text: string) => end.publish(new Map(end.local()).set(name, text))

/** Waits for the text of a field at the other end. Fails with `NoSuchElementError` if the end is closed first. */
export const read = (end: End, name: string) =>
  end.remotes.pipe(
    Stream.map(({ state }) => state.get(name)),
    Stream.filter((text) => text !== undefined),
    Stream.runHead,
    Effect.flatMap((found) => Effect.fromOption(found))
  )

/** Two ends on this machine, a server and its client. */
export const connect = Effect.gen(function* () {
  const key = SessionKey.format(yield* NodePacketCipher.newKey)
  const over = <E>(datagrams: Layer.Layer<Datagrams, E>) =>
    Layer.build(Layer.mergeAll(datagrams, NodePacketCipher.layerFromText(key), NodeCompression.layer))
  const there = yield* over(NodeDatagrams.server({ address: "127.0.0.1", ports: { low: 0, high: 0 } }))
  const { port } = Context.get(there, Datagrams)
  const here = yield* over(NodeDatagrams.client({ host: "127.0.0.1", port }))
  return {
    server: yield* Effect.provide(open("Server"), there),
    client: yield* Effect.provide(open("Client"), here)
  }
})

if (import.meta.main) {
  const program = Effect.gen(function* () {
    const { client, server } = yield* connect
    write(client, "title", "Shared")
    yield* Console.log(`the server reads: ${yield* read(server, "title")}`)
    write(server, "answer", "seen")
    yield* Console.log(`the client reads: ${yield* read(client, "answer")}`)
    yield* client.shutdown
  })
  NodeRuntime.runMain(Effect.scoped(program))
}
