/**
 * The user at a trace's keyboard: types in the rhythm of the recording, and waits where a user looks at the screen first.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import { milliseconds } from "./player-program.ts"
import type { Scorer } from "./score.ts"
import { settled } from "./score-truth.ts"
import type { Trace } from "./trace.ts"

/** From the moment when the user sees something to the key typed in response, ms. */
const REACTION = 150
/** Longer pauses before a key that waits are the recorder's, which waited until nothing more was printed, ms. */
const LONGEST_PAUSE = 450
/** How long the user waits for something after the time at which it should be shown, ms. */
const PATIENCE = 3000

/**
 * Types the whole trace. `press` types a key and reports it to the scorer. Resumes when the screen shows the end of the trace,
 * or when a user would have given up waiting for it.
 */
export const play = Effect.fnUntraced(function* (scorer: Scorer, press: (bytes: Uint8Array) => void) {
  const { trace } = scorer.truth
  const now = yield* milliseconds
  const looked = yield* Latch.make(false)
  scorer.onLook = () => looked.openUnsafe()

  const waitFor = Effect.fnUntraced(function* (condition: () => boolean, longest: number) {
    const end = now() + longest
    while (!condition() && now() < end) {
      looked.closeUnsafe()
      yield* Effect.timeoutOrElse(looked.await, { duration: end - now(), orElse: () => Effect.void })
    }
  })

  yield* waitFor(() => scorer.isSettled(-1), scorer.rtt + duration(scorer, -1) + 4 * PATIENCE)
  yield* Effect.sleep(REACTION)
  let last = now()
  for (const [index, key] of trace.keys.entries()) {
    const before = trace.keys[index - 1]
    let next = now()
    if (before !== undefined)
      next = last + (key.waits ? Math.min(key.at - before.at, pause(scorer, index - 1)) : key.at - before.at)
    if (key.waits && before !== undefined) {
      yield* waitFor(() => scorer.isSettled(index - 1), scorer.rtt + duration(scorer, index - 1) + PATIENCE)
      next = Math.max(next, now() + REACTION)
    }
    if (next > now()) yield* Effect.sleep(next - now())
    last = now()
    press(sent(key.text))
  }
  yield* waitFor(() => scorer.isComplete(), scorer.rtt + duration(scorer, trace.keys.length - 1) + 2 * PATIENCE)
})

/** How long the user pauses after a key to look, ms: as long as the program printed its response. */
const pause = (scorer: Scorer, key: number): number => Math.max(LONGEST_PAUSE, duration(scorer, key))

/** How long the program took to answer a key, ms. */
const duration = ({ truth }: Scorer, key: number): number =>
  (truth.trace.output[settled(truth, key) - 1]?.at ?? 0) - (truth.trace.keys[key]?.at ?? 0)

const encoder = new TextEncoder()

/** A key as a terminal under mosh sends it: arrows always in application form (spec 9.2). */
const sent = (text: Trace["keys"][number]["text"]): Uint8Array =>
  encoder.encode(text.replace(/^\u001b\[([ABCD])$/, "\u001bO$1"))
