/**
 * Plays a trace in real time to a client program, ours or stock's, on a pseudo-terminal, through a relay that simulates the
 * network. The server is our own, in this process.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { DisplayPreference } from "../../src/domain/prediction/trust/DisplayPreference.ts"
import { MoshServer } from "../../src/services/server/MoshServer.ts"
import * as NodeMoshServer from "../../src/services/node/NodeMoshServer.ts"
import * as NodePty from "../../src/services/node/pty/NodePty.ts"
import * as XtermEmulator from "../../src/services/node/xterm/XtermEmulator.ts"
import { Pty } from "../../src/services/server/Pty.ts"
import { end, type Maker, program } from "../support/peers.ts"
import { Relay } from "../support/relay.ts"
import * as Person from "./player-person.ts"
import * as Program from "./player-program.ts"
import { type Link, longest, PROGRAM } from "./player.ts"
import { type Score, Scorer } from "./score.ts"
import * as Truth from "./score-truth.ts"
import type { Trace } from "./trace.ts"

export interface PlayPtyOptions extends Link {
  readonly client: Maker
  readonly preference: DisplayPreference
  readonly overwrite?: boolean
  readonly seed?: number
}

/** Pieces of output that are this close to each other, ms, are one picture: users do not see a half drawn screen. */
const ONE_PICTURE = 1

export const playPty = (trace: Trace, options: PlayPtyOptions): Promise<Score> =>
  play(trace, options).pipe(Effect.scoped, Effect.runPromise)

const play = Effect.fnUntraced(function* (
  trace: Trace,
  { client, loss, overwrite = false, preference, rtt, seed = 1, toClient = {} }: PlayPtyOptions
) {
  const truth = Truth.of(trace)
  const scorer = new Scorer(truth, longest({ rtt, loss, toClient }))
  const now = yield* Program.milliseconds
  const size = { columns: trace.columns, rows: trace.rows }

  const services = yield* Layer.build(
    NodeMoshServer.layerWith.pipe(
      Layer.provide(
        Layer.merge(
          XtermEmulator.layer,
          Program.layer(truth, (at) => scorer.produced(at))
        )
      )
    )
  )
  const options = { program: PROGRAM, address: "127.0.0.1", ports: { low: 0, high: 0 }, size }
  const server = yield* Context.get(services, MoshServer).serve(options)
  const relay = yield* Effect.acquireDisposable(Effect.promise(() => Relay.start(() => server.port, seed)))
  relay.weather({ delay: rtt / 2, loss })
  relay.shape("toClient", toClient)

  const screen = yield* Truth.openScreen(trace)
  let drawnAt = 0
  let pending: NodeJS.Timeout | undefined
  const look = (): void => {
    if (pending === undefined) return
    clearTimeout(pending)
    pending = undefined
    scorer.look(truth.reader.read(screen.frame()), drawnAt)
  }
  yield* Effect.addFinalizer(() => Effect.sync(() => clearTimeout(pending)))

  const [file = "", ...first] = program(client, "mosh-client")
  const ptys = yield* Layer.build(NodePty.layer)
  const terminal = yield* Context.get(ptys, Pty).spawn({
    file,
    arguments: [...first, "127.0.0.1", `${relay.port}`],
    environment: {
      HOME: "/",
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      MOSH_KEY: server.key,
      MOSH_PREDICTION_DISPLAY: preference,
      ...(overwrite && { MOSH_PREDICTION_OVERWRITE: "yes" })
    },
    directory: "/",
    size,
    onOutput: (bytes) => {
      screen.write(bytes)
      drawnAt = now()
      clearTimeout(pending)
      pending = setTimeout(look, ONE_PICTURE)
    },
    onExit: () => {}
  })
  // Its shutdown handshake with the server would take up to ten seconds.
  yield* Effect.addFinalizer(() => Effect.sync(() => end(terminal.pid)))

  yield* Person.play(scorer, (bytes) => {
    look()
    scorer.typed(now())
    terminal.write(bytes)
  })
  look()
  return scorer.result(now())
})
