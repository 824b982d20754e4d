/**
 * A user who types in virtual time: the services of both ends over a simulated network. No machine is busy, so the time
 * of a key is that of the protocol: the same everywhere, each time.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as ClientSession from "../../src/services/client/ClientSession.ts"
import * as XtermEmulator from "../../src/services/node/xterm/XtermEmulator.ts"
import { Predictor } from "../../src/services/client/Predictor.ts"
import * as Session from "../../src/services/server/Session.ts"
import * as SessionTransport from "../../src/services/server/SessionTransport.ts"
import * as FakePty from "../../src/testing/FakePty.ts"
import * as SimulatedNetwork from "../../src/testing/SimulatedNetwork.ts"
import type { Path } from "../../src/testing/Link.ts"
import { end } from "./ends.ts"

/**
 * Times between keys, ms, 150 on average. They are uneven, so that keys do not always meet the same phase of a timer.
 */
export const PAUSES: ReadonlyArray<number> = [147, 91, 183, 119, 201, 133, 77, 249]
/** Keys that are not counted, by which both ends measure the network. */
const WARM_UP = 15
const SIZE = { columns: 80, rows: 24 }
const PROGRAM = { file: "echo", arguments: [], environment: {}, directory: "/" }
/** IP and UDP headers. */
const HEADERS = 28

export interface Typing {
  readonly path: Partial<Path>
  /** Properties of the path to the server that differ from the default. */
  readonly toServer?: Partial<Path>
  /** Properties of the path to the client that differ from the default. */
  readonly toClient?: Partial<Path>
  readonly keys: number
  readonly seed: number
  /**
   * Rows that scroll off the screen just before the counted keys: those of the history that the client receives while the user
   * types. `history`: whether the server keeps them; the screens are the same in either case.
   */
  readonly scrolled?: { readonly rows: number; readonly history: boolean }
}

export interface Typed {
  /** Milliseconds from each key to the picture that shows it. */
  readonly samples: ReadonlyArray<number>
  readonly datagrams: Readonly<Record<SimulatedNetwork.Direction, number>>
  /** With IP and UDP headers. */
  readonly bytes: Readonly<Record<SimulatedNetwork.Direction, number>>
  /** How many rows the client had received when the last key was typed. */
  readonly received: number
}

const type = Effect.fnUntraced(function* ({
  keys,
  path,
  scrolled,
  seed,
  toClient = {},
  toServer = {}
}: Typing): Effect.fn.Return<Typed, never, Scope.Scope> {
  const clock = yield* Clock.clockWith(Effect.succeed)
  const now = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  const network = yield* SimulatedNetwork.make({ seed, path })
  network.shape("toServer", toServer)
  network.shape("toClient", toClient)
  const datagrams = { toServer: 0, toClient: 0 }
  const bytes = { toServer: 0, toClient: 0 }
  let isCounting = false
  network.filter = ({ datagram, direction }) => {
    network.sent.length = 0
    if (isCounting) {
      datagrams[direction]++
      bytes[direction] += datagram.length + HEADERS
    }
    return true
  }
  const pty = FakePty.make({ onTyped: (text, { print }) => print(text) })
  const scrollback = scrolled?.history === false ? 0 : undefined
  const session = yield* Session.make({ program: PROGRAM, size: SIZE, scrollback }).pipe(
    Effect.provide(Layer.merge(XtermEmulator.layer, pty.layer))
  )
  yield* Effect.provide(SessionTransport.attach(session, { network: Infinity, signal: 0 }), yield* end(network.server))

  const pressed: Array<number> = []
  const samples: Array<number> = []
  let shown = 0
  let before = 0
  const client = yield* ClientSession.make({
    size: SIZE,
    notifications: false,
    onPicture: ({ cursor: { column, row } }) => {
      const at = row * SIZE.columns + column
      // On the bottom row, the cursor returns to the first column.
      const more = at - before < 0 ? at - before + SIZE.columns : at - before
      before = at
      for (const reached = Math.min(shown + more, pressed.length); shown < reached; shown++)
        // The cursor does not move when the last column is filled, so that key cannot be measured.
        if (shown >= WARM_UP && (shown + 1) % SIZE.columns !== 0) samples.push(now() - (pressed[shown] ?? 0))
    }
  }).pipe(Effect.provide(yield* end(network.client)), Effect.provide(yield* Layer.build(Predictor.layer)))
  yield* TestClock.adjust(5000)
  for (let key = 0; key < WARM_UP + keys; key++) {
    isCounting = key >= WARM_UP
    if (key === WARM_UP && scrolled !== undefined) pty.print(scrolling(scrolled.rows))
    pressed.push(now())
    client.typeUnsafe("x")
    yield* TestClock.adjust(PAUSES[(key + seed) % PAUSES.length] ?? 150)
  }
  isCounting = false
  const received = client.history.end()
  yield* TestClock.adjust(20_000)
  return { samples, datagrams, bytes, received }
})

/** Prints rows at the bottom of the screen, and leaves the cursor where it was. */
const scrolling = (rows: number): string => {
  const texts = Array.from({ length: rows }, (_, row) => `\n\r${String(row).padStart(8)} ${"some text ".repeat(6)}`)
  return `\x1b7\x1b[${SIZE.rows};1H${texts.join("")}\x1b8`
}

/** The program at the other end only echoes. */
export const typing = (options: Typing): Promise<Typed> =>
  type(options).pipe(Effect.scoped, Effect.provide(TestClock.layer()), Effect.runPromise)
