/**
 * Sends a file through a session, on a stream of its own, without delaying keystrokes and screens.
 *
 *     npm run build && MOSH_KEY=<the key> node examples/send-file.ts 127.0.0.1 60001 FILE
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Stream } from "effect"
import { MoshClient, StreamHandler, type Transport } from "effect-mosh"
import { NodeMoshClient } from "effect-mosh/node"
import * as Fs from "node:fs"
import * as Path from "node:path"

/** Kinds from 256 on are free. */
const FILE = 256

/** For `streamHandlers` of the receiving end: saves each file, and confirms it by ending the stream. */
export const receiveFiles = (
  save: (name: string, bytes: Stream.Stream<Uint8Array, Transport.StreamError>) => Effect.Effect<void>
): StreamHandler.StreamHandler =>
  StreamHandler.accept(FILE, (file) =>
    Effect.andThen(save(new TextDecoder().decode(file.header), file.readable), file.finish)
  )

/** Sends a file after everything else that the session has to send. Resumes when the other end has saved it. */
export const sendFile = Effect.fn("sendFile")(function* (streams: Transport.TransportStreams, path: string) {
  const file = yield* streams.open(FILE, new TextEncoder().encode(Path.basename(path)), { urgency: 7 })
  for (const piece of pieces(path)) yield* file.write(piece)
  yield* file.finish
  // The other end has nothing to say but that it has finished.
  yield* Stream.runDrain(file.readable)
}, Effect.scoped)

function* pieces(path: string): Generator<Uint8Array> {
  const input = Fs.openSync(path, "r")
  try {
    for (;;) {
      const piece = new Uint8Array(65_536)
      const length = Fs.readSync(input, piece)
      if (length === 0) return
      yield piece.subarray(0, length)
    }
  } finally {
    Fs.closeSync(input)
  }
}

if (import.meta.main) {
  const [host = "127.0.0.1", port = "60001", path = ""] = process.argv.slice(2)
  const program = Effect.gen(function* () {
    const key = process.env["MOSH_KEY"] ?? ""
    const session = yield* (yield* MoshClient).connect({ host, port: Number(port), key })
    yield* sendFile(session.streams, path)
  })
  NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(NodeMoshClient.layer)))
}
