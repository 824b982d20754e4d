/**
 * The delay from key to screen for a user who types over a bad network.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { PAUSES } from "../test/simulation/TypingSession.ts"
import type { Traffic } from "../test/support/relay.ts"
import { type Pairing, SIZE, startEnds } from "./network-ends.ts"
import type { Scenario } from "./network-links.ts"

/** The measurements of one session. */
export interface Typing {
  /** Time from each key's write to the first screen that shows it, ms. */
  readonly samples: ReadonlyArray<number>
  /** Number of keys after which text appeared that was not typed. */
  readonly wrong: number
  readonly toServer: Traffic
  readonly toClient: Traffic
}

/** The kernel echoes, and no program reads, so lines are not limited. */
const SCRIPT = "stty -icanon; printf READY; exec cat >/dev/null"
/** Repeated text. With one repeated letter, the number of shown keys would be ambiguous after a wrap. */
const TEXT = "the quick brown fox jumps over the lazy dog and "
const textOf = (length: number): string => TEXT.repeat(Math.ceil(length / TEXT.length)).slice(0, length)
/** Keys before the measurement, from which both ends learn the round trip. */
const WARM_UP = 15
/** ms without output after which a screen is whole. */
const ONE_PICTURE = 1
/** How long to wait for the last keys. */
const PATIENCE = 20_000

export const typing = async (options: {
  readonly pairing: Pairing
  readonly scenario: Scenario
  readonly keys: number
  readonly seed: number
  readonly prediction: boolean
}): Promise<Typing> => {
  const { keys, pairing, prediction, scenario, seed } = options
  const typed: Array<number> = []
  const samples: Array<number> = []
  const wrong = new Set<number>()
  let look: NodeJS.Timeout | undefined
  let base = Infinity
  let shown = 0
  let allShown = () => {}
  await using ends = await startEnds({
    pairing,
    script: SCRIPT,
    seed,
    prediction,
    prepare: (relay) => {
      relay.shape("both", scenario.path)
      relay.shape("toServer", scenario.toServer ?? {})
      relay.shape("toClient", scenario.toClient ?? {})
    },
    onScreen: ({ position, shows }) => {
      const now = performance.now()
      const length = Math.min(position() - base, typed.length)
      const key = typed.length
      clearTimeout(look)
      // Pieces of output this close to each other are one picture.
      look = setTimeout(() => {
        const drawn = Math.min(position() - base, typed.length)
        if (drawn > 0 && !shows(base, textOf(drawn))) wrong.add(key)
      }, ONE_PICTURE)
      for (; shown < length; shown++) {
        // The cursor does not advance when the last column is filled, so that key cannot be measured.
        const isCounted = shown >= WARM_UP && shown < WARM_UP + keys
        if (isCounted && (base + shown + 1) % SIZE.columns !== 0) samples.push(now - (typed[shown] ?? now))
      }
      if (shown >= WARM_UP + keys) allShown()
    }
  })
  const { client, position, relay } = ends
  // Until the screen no longer changes.
  await sleep(1500)
  base = position()
  const done = new Promise<void>((resolve) => {
    allShown = resolve
  })
  let before = { ...relay.traffic }
  // One more than counted, because the last one may not move the cursor.
  for (let key = 0; key <= WARM_UP + keys; key++) {
    if (key === WARM_UP) before = { ...relay.traffic }
    typed.push(performance.now())
    client.write(TEXT.charAt(key % TEXT.length))
    await sleep(PAUSES[(key + seed) % PAUSES.length])
  }
  await Promise.race([done, sleep(PATIENCE, undefined, { ref: false })])
  clearTimeout(look)
  const since = (direction: "toServer" | "toClient"): Traffic => ({
    datagrams: relay.traffic[direction].datagrams - before[direction].datagrams,
    bytes: relay.traffic[direction].bytes - before[direction].bytes
  })
  return { samples, wrong: wrong.size, toServer: since("toServer"), toClient: since("toClient") }
}
