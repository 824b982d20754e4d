/**
 * One session, whose owner types and whose viewer watches. A third client takes over, and the program that serves the session
 * logs who comes and goes.
 *
 *     npm run build && node examples/shared-session.ts
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Stream } from "effect"
import { type AttachmentMode, MoshServer } from "effect-mosh"
import { NodeLogin, NodeMoshServer } from "effect-mosh/node"

export const shareSession = (command: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const mosh = yield* MoshServer
    const session = yield* mosh.open({ program: NodeLogin.program({ command }) })
    // Persistent, so that it continues when its owner leaves.
    const attachments = yield* mosh.attachments(session, { persistent: true })

    const admit = (mode: AttachmentMode) => attachments.admit({ mode, address: "127.0.0.1" })
    const log = Stream.runForEach(attachments.changes, (list) =>
      Console.log(list.map(({ contact, mode, phase }) => `${mode} ${phase} ${contact?.from ?? ""}`).join(", "))
    )
    /** Ends the viewers' clients; the session and its owner's client continue. */
    const closeViewers = Effect.sync(() => {
      for (const { id, mode } of attachments.list()) if (mode === "View") attachments.close(id)
    })
    return { session, attachments, admit, log, closeViewers }
  })

if (import.meta.main) {
  const program = Effect.gen(function* () {
    const { admit, attachments, log } = yield* shareSession([])
    for (const mode of ["TakeOver", "View"] as const) {
      const { key, port } = yield* admit(mode)
      yield* Console.log(`${mode}: MOSH_KEY=${key} mosh-client 127.0.0.1 ${port}`)
    }
    yield* Effect.forkChild(log)
    return yield* attachments.ended
  })
  NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(NodeMoshServer.layer)))
}
