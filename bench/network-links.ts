/**
 * The networks to type over, and the interruptions to recover from.
 */
import type { Path } from "../src/testing/Link.ts"

/** A network to type over; the same both ways but for `toServer` and `toClient`. */
export interface Scenario {
  readonly name: string
  readonly what: string
  readonly path: Partial<Path>
  readonly toServer?: Partial<Path>
  readonly toClient?: Partial<Path>
}

const MBIT = 1e6

export const SCENARIOS: ReadonlyArray<Scenario> = [
  { name: "lan", what: "1 ms", path: { delay: 0.5 } },
  { name: "50", what: "50 ms", path: { delay: 25 } },
  { name: "100-5", what: "100 ms, 5 % lost each way", path: { delay: 50, loss: 0.05 } },
  { name: "100-29", what: "100 ms, 29 % lost each way", path: { delay: 50, loss: 0.29 } },
  { name: "wifi", what: "20 ± 8 ms, 5 % lost each way", path: { delay: 6, jitter: 8, loss: 0.05 } },
  { name: "273", what: "273 ± 3 ms", path: { delay: 135, jitter: 3 } },
  {
    name: "500",
    what: "500 ± 20 ms, 1 Mbit/s down, 0.5 up",
    path: { delay: 240, jitter: 20, bandwidth: MBIT },
    toServer: { bandwidth: MBIT / 2 }
  },
  {
    name: "queue",
    what: "100 ms, 1 Mbit/s with a queue of 1 s",
    path: { delay: 50, bandwidth: MBIT, queue: MBIT / 8 }
  },
  {
    name: "bursts",
    what: "100 ms, all lost for 0.1 s every 1.5 s",
    path: { delay: 50, bursts: { good: 1500, bad: 100, loss: 1 } }
  },
  {
    name: "mess",
    what: "100 ms, 10 % overtaken, 10 % repeated",
    path: { delay: 50, reorder: 0.1, reorderDelay: 40, duplicate: 0.1 }
  },
  {
    name: "downloads",
    what: "50 ms, 5 Mbit/s down with a queue of 5 s, full of 4 downloads",
    path: { delay: 25 },
    toClient: { bandwidth: 5 * MBIT, queue: 3_125_000, downloads: 4 }
  }
]

/** An interruption of a network of 100 ms, and what the programs do meanwhile. */
export interface Trouble {
  readonly name: string
  readonly what: string
  readonly kind: "blackout" | "roam" | "rebinding"
  /** Duration of the interruption, s. */
  readonly seconds: number
  /** Whether the client's address changes during it. */
  readonly moves: boolean
}

const blackout = (seconds: number, moves: boolean): Trouble => ({
  name: `blackout-${seconds}${moves ? "-moved" : ""}`,
  what: `nothing for ${seconds} s${moves ? ", then another address" : ""}`,
  kind: "blackout",
  seconds,
  moves
})

export const TROUBLES: ReadonlyArray<Trouble> = [
  ...[5, 15, 60].flatMap((seconds) => [blackout(seconds, false), blackout(seconds, true)]),
  { name: "roam", what: "another address while typing", kind: "roam", seconds: 0, moves: true },
  {
    name: "rebinding",
    what: "another address while only the server speaks",
    kind: "rebinding",
    seconds: 0,
    moves: true
  }
]

export const ROUND_TRIP = 100
