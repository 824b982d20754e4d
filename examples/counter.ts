/**
 * A terminal program made of an Effect, served over mosh: no process, no pty.
 *
 *     npm run build && node examples/counter.ts
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Ref, Stream } from "effect"
import { type Application, type KeyDecoder, Keys, MoshServer } from "effect-mosh"
import { NodeMoshServer } from "effect-mosh/node"

/** `+` and Up add one, `-` and Down subtract one. */
const step = (key: KeyDecoder.Key): number => {
  if (key._tag === "Character") return key.text === "+" ? 1 : key.text === "-" ? -1 : 0
  return key._tag === "Key" ? (key.name === "Up" ? 1 : key.name === "Down" ? -1 : 0) : 0
}

/** `+`, `-` and the cursor keys count, `q` quits. Each session has its own count. */
export const counter: Application = (terminal) =>
  Effect.gen(function* () {
    const count = yield* Ref.make(0)
    const draw = Effect.gen(function* () {
      const text = `count: ${yield* Ref.get(count)}`
      const { columns, rows } = terminal.size()
      const [row, column] = [Math.ceil(rows / 2), Math.max(1, Math.floor((columns - text.length) / 2))]
      yield* terminal.write(`\x1b[2J\x1b[${row};${column}H\x1b[1m${text}\x1b[m\x1b[${rows};1H+ and - count, q leaves`)
    })
    const keys = Keys.decode(terminal.keys).pipe(
      Stream.takeUntil((key) => key._tag === "Character" && key.text === "q"),
      Stream.tap((key) => Ref.update(count, (n) => n + step(key)))
    )
    // Also redraws when the window's size changes.
    yield* Stream.merge(terminal.sizes, keys, { haltStrategy: "right" }).pipe(Stream.runForEach(() => draw))
  })

if (import.meta.main) {
  const program = Effect.gen(function* () {
    const server = yield* (yield* MoshServer).serve({ program: counter, address: "127.0.0.1" })
    yield* Console.log(`MOSH_KEY=${server.key} mosh-client 127.0.0.1 ${server.port}`)
    yield* server.ended
  })
  NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(NodeMoshServer.layer)))
}
