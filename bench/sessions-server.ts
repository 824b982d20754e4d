/**
 * A process with many sessions, each of which echoes what is typed. Its parent asks for measurements by messages.
 */
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import * as Stream from "effect/Stream"
import * as NodeMoshServer from "../src/services/node/NodeMoshServer.ts"
import type { Application } from "../src/services/server/Application.ts"
import { MoshServer } from "../src/services/server/MoshServer.ts"
import { answer, type Request } from "./sessions-process.ts"

const FLOOD = Buffer.from("some output that goes on and on\r\n".repeat(100))

/** Prints without end between the messages `flood` and `calm`. */
let flooding = false
const decoder = new TextDecoder()

/** Echoes as a terminal does. A session that `floods` also prints. */
const echoing =
  (floods: boolean): Application =>
  (terminal) => {
    const echo = Stream.runForEach(terminal.keys, (bytes) =>
      terminal.write(decoder.decode(bytes).replaceAll("\r", "\r\n"))
    )
    const flood = Effect.forever(
      Effect.suspend(() =>
        flooding ? Effect.andThen(terminal.write(FLOOD), Effect.yieldNow) : Effect.sleep("50 millis")
      )
    )
    return floods ? Effect.asVoid(Effect.race(echo, flood)) : echo
  }

export interface OpenOptions {
  readonly sessions: number
  /** Whether their programs print between the messages `flood` and `calm`. */
  readonly floods: boolean
}

const main = Effect.gen(function* () {
  const mosh = yield* MoshServer
  const sharedPort =
    process.argv[2] === "own" ? undefined : yield* mosh.sharePort({ address: "127.0.0.1", ports: { low: 0, high: 0 } })
  const open = ({ floods, sessions }: OpenOptions) =>
    Effect.gen(function* () {
      const server = mosh.serve({
        program: echoing(floods),
        address: "127.0.0.1",
        ports: { low: 0, high: 0 },
        ...(sharedPort && { sharedPort })
      })
      const servers = yield* Effect.replicateEffect(server, sessions)
      return servers.map(({ key, port }) => ({ key, port }))
    })
  const context = yield* Effect.context<Scope>()
  return yield* answer(async (request: Request) => {
    if (request.name === "open") return Effect.runPromiseWith(context)(open(request.argument as OpenOptions))
    if (request.name === "flood") flooding = true
    if (request.name === "calm") flooding = false
    if (request.name === "counters") return sharedPort?.counters()
    return undefined
  })
})

if (import.meta.main) await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(NodeMoshServer.layer)))
