/**
 * Plays a trace in virtual time: the services of a real session, a simulated network, and a simulated user.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import type { DisplayPreference } from "../../src/domain/prediction/trust/DisplayPreference.ts"
import * as ClientSession from "../../src/services/client/ClientSession.ts"
import * as XtermEmulator from "../../src/services/node/xterm/XtermEmulator.ts"
import { Predictor } from "../../src/services/client/Predictor.ts"
import * as Session from "../../src/services/server/Session.ts"
import * as SessionTransport from "../../src/services/server/SessionTransport.ts"
import * as SimulatedNetwork from "../../src/testing/SimulatedNetwork.ts"
import { end } from "../simulation/ends.ts"
import * as Person from "./player-person.ts"
import * as Program from "./player-program.ts"
import { type Score, Scorer } from "./score.ts"
import * as Truth from "./score-truth.ts"
import type { Trace } from "./trace.ts"

export interface Link {
  /** The round trip, ms. */
  readonly rtt: number
  /** The chance that a datagram is lost, each way, 0 to 1. */
  readonly loss: number
  /** What else the path to the client does. */
  readonly toClient?: Partial<SimulatedNetwork.Path>
}

/** The longest round trip of a link with a full queue, ms. */
export const longest = ({ rtt, toClient: { bandwidth = Infinity, queue = 0 } = {} }: Link): number =>
  rtt + (bandwidth === Infinity ? 0 : (queue * 8000) / bandwidth)

export interface PlayOptions extends Link {
  readonly preference: DisplayPreference
  /** Whether typed text is predicted to replace the text under it (`MOSH_PREDICTION_OVERWRITE`). */
  readonly overwrite?: boolean
  readonly seed?: number
  /** The predictor to judge. Default: the client's own. */
  readonly predictor?: Layer.Layer<Predictor>
}

/** How much the delay of a link varies in each direction, as a share of the delay. */
const JITTER = 0.02

/** The address and the command do not matter, because the pty plays a trace. */
export const PROGRAM = { file: "trace", arguments: [], environment: {}, directory: "/" }

/** Plays a trace to a client with predicted echo, and scores its pictures. */
export const playVirtual = (trace: Trace, options: PlayOptions): Promise<Score> =>
  play(trace, options).pipe(Effect.scoped, Effect.provide(TestClock.layer()), Effect.runPromise)

const play = Effect.fnUntraced(function* (trace: Trace, options: PlayOptions) {
  const { loss, overwrite, predictor = Predictor.layer, preference, rtt, seed = 1, toClient = {} } = options
  const truth = Truth.of(trace)
  const scorer = new Scorer(truth, longest(options))
  const now = yield* Program.milliseconds
  const network = yield* SimulatedNetwork.make({
    seed,
    path: { delay: (rtt / 2) * (1 - JITTER), jitter: rtt * JITTER, loss }
  })
  network.shape("toClient", toClient)
  // Nothing reads the datagrams that were sent.
  network.filter = () => {
    network.sent.length = 0
    return true
  }
  const size = { columns: trace.columns, rows: trace.rows }

  const session = yield* Session.make({ program: PROGRAM, size }).pipe(
    Effect.provide(
      Layer.merge(
        XtermEmulator.layer,
        Program.layer(truth, (at) => scorer.produced(at))
      )
    )
  )
  const limits = { network: Infinity, signal: 0 }
  yield* Effect.provide(SessionTransport.attach(session, limits), yield* end(network.server))
  const client = yield* ClientSession.make({
    size,
    prediction: preference,
    predictOverwrite: overwrite,
    onPicture: (picture) => scorer.look(truth.reader.read(picture), now())
  }).pipe(Effect.provide(Context.merge(yield* end(network.client), yield* Layer.build(predictor))))
  scorer.look(truth.reader.read(client.picture()), now())

  const press = (bytes: Uint8Array): void => {
    scorer.typed(now())
    client.typeUnsafe(bytes)
  }
  const person = yield* Effect.forkScoped(Person.play(scorer, press))
  while (person.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
  yield* Fiber.join(person)
  return scorer.result(now())
})
