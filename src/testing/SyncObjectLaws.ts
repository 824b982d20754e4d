/**
 * Checks the laws of `SyncObject` against generated states, for synchronised values of your own.
 *
 * ```ts
 * import { Result, Schema } from "effect"
 * import type { SyncObject } from "effect-mosh"
 * import { SyncObjectLaws } from "effect-mosh/testing"
 *
 * const counter: SyncObject<number> = {
 *   equals: (a, b) => a === b,
 *   diff: (base, target) => (base === target ? new Uint8Array() : new TextEncoder().encode(String(target))),
 *   patch: (base, diff) => {
 *     if (diff.length === 0) return Result.succeed(base)
 *     const text = new TextDecoder().decode(diff)
 *     return /^-?\d+$/.test(text) ? Result.succeed(Number(text)) : Result.fail("no number")
 *   },
 *   subtract: (state) => state
 * }
 *
 * export const lawful = SyncObjectLaws.check({ object: counter, histories: Schema.Array(Schema.Int) })
 * ```
 */
import * as Bytes from "effect/Bytes"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Features, type SyncObject } from "../domain/ssp/SyncObject.ts"

/** What to check, and with which states. */
export interface LawOptions<State> {
  /** The object. */
  readonly object: SyncObject<State>
  /**
   * The states of a session, in order: `Schema.Array(State)` if any state may follow any other; if states only grow, an
   * `Arbitrary` that derives each state from the one before.
   */
  readonly histories: Arbitrary.Arbitrary<ReadonlyArray<State>> | Schema.Schema<ReadonlyArray<State>>
  /** Whether `arrived` is everything of `sent` that a peer with these features can represent. Default: `object.equals`. */
  readonly arrives?: ((sent: State, arrived: State, peer: Features) => boolean) | undefined
  /** The features of the peers to check. Default: stock's. */
  readonly peers?: ReadonlyArray<Features> | undefined
  /** Number of generated histories, at least 1. Default: 100. */
  readonly runs?: number | undefined
  /** Repeats a failed run: `LawBroken.seed`. */
  readonly seed?: string | number | undefined
}

/** The names of the laws; `SyncObject` states them. */
export const Law = Schema.Literals([
  "equals is an equivalence",
  "the difference of a state to itself is empty",
  "a difference arrives",
  "diff and patch change no state",
  "subtract keeps differences",
  "advance makes progress, in steps that arrive",
  "no change is minor",
  "weight is a number of bytes",
  "garbage is rejected, or gives a state"
])
export type Law = typeof Law.Type

/** An object breaks a law. `message` contains everything. */
export class LawBroken extends Schema.TaggedError<LawBroken>()("LawBroken", {
  law: Law,
  /** The violation, such as the failure of `patch`. */
  found: Schema.String,
  /** The shortest history that breaks the law. */
  history: Schema.Array(Schema.Unknown),
  /** The value of `LawOptions.seed` that repeats the run. */
  seed: Schema.Union([Schema.String, Schema.Finite])
}) {
  override get message() {
    const states = this.history.map((state) => `  ${Formatter.format(state)}`).join("\n")
    return `broken: ${this.law}\n${this.found}\nin the history\n${states}\nof seed ${this.seed}`
  }
}

/** More steps than this count as no progress. */
const STEPS = 100_000
/** The send windows with which `advance` is checked, bytes. */
const SEND_WINDOWS = [1, 100, 16_384]

/** Checks all laws. Fails with the shortest counterexample. Needs no clock and no services. */
export const check = Effect.fnUntraced(function* <State>(
  options: LawOptions<State>
): Effect.fn.Return<void, LawBroken> {
  const { histories, peers = [Features.stock], runs = 100 } = options
  const seed = options.seed ?? (yield* Effect.sync(() => Math.floor(Math.random() * 2 ** 32)))
  const trials = Arbitrary.all([
    Arbitrary.isArbitrary(histories) ? histories : Arbitrary.schema(histories),
    Arbitrary.schema(Schema.Array(Schema.Uint8Array))
  ])
  const result = yield* Arbitrary.checkEffect(
    trials,
    ([history, noise]) => {
      const found = peers.map((peer) => breach(options, history, noise, peer)).find((breach) => breach !== undefined)
      return found === undefined ? Effect.succeed(true) : Effect.fail(found)
    },
    { runs, seed }
  )
  if (result._tag === "Passed") return
  if (result._tag !== "Falsified" || result.failure._tag !== "PropertyError")
    return yield* Effect.die(new Error(Arbitrary.formatCheckFailure(result)))
  const { found, law } = result.failure.error
  return yield* new LawBroken({ law, found, history: result.shrunkInput[0], seed })
})

interface Breach {
  readonly law: Law
  readonly found: string
}

const breach = <State>(
  { arrives, object }: LawOptions<State>,
  history: ReadonlyArray<State>,
  noise: ReadonlyArray<Uint8Array>,
  peer: Features
): Breach | undefined => {
  const { advance, equals, isMinor, patch, subtract, weight } = object
  const hasArrived = arrives ?? ((sent: State, arrived: State) => equals(sent, arrived))
  let law: Law = "equals is an equivalence"
  let steady = true

  const diff: typeof object.diff = (base, target, peer) => {
    const said = object.diff(base, target, peer)
    steady &&= Bytes.Equivalence(said, object.diff(base, target, peer))
    return said
  }

  /** Why `b` does not arrive at a peer that has `a`; `undefined` if it does. */
  const obstacle = (a: State, b: State): string | undefined => {
    const said = diff(a, b, peer)
    // An empty difference is neither sent nor applied.
    const patched = said.length === 0 ? Result.succeed(a) : patch(a, said)
    if (Result.isFailure(patched)) return `the difference is rejected: ${patched.failure}`
    return hasArrived(b, patched.success, peer) ? undefined : `arrives as ${Formatter.format(patched.success)}`
  }

  const first = (): string | undefined => {
    for (const a of history) {
      law = "equals is an equivalence"
      if (!equals(a, a)) return "a state does not equal itself"
      law = "the difference of a state to itself is empty"
      const said = diff(a, a, peer).length
      if (said > 0) return `${said} bytes`
      law = "no change is minor"
      if (isMinor?.(a, a) === false) return "isMinor is false for a state and itself"
      law = "weight is a number of bytes"
      const bytes = weight?.(a) ?? 0
      if (!(bytes >= 0 && bytes < Infinity)) return String(bytes)
    }
    for (const [at, a] of history.entries()) {
      for (const [further, b] of history.slice(at).entries()) {
        law = "equals is an equivalence"
        if (equals(a, b) !== equals(b, a)) return "equals is not symmetric"
        const c = history[at + further + 1]
        if (c !== undefined && equals(a, b) && equals(b, c) && !equals(a, c)) return "equals is not transitive"
        law = "a difference arrives"
        const lost = obstacle(a, b)
        if (lost !== undefined) return lost
        law = "subtract keeps differences"
        const unforgotten = c === undefined ? undefined : remembered(a, b, c)
        if (unforgotten !== undefined) return unforgotten
        law = "advance makes progress, in steps that arrive"
        for (const sendWindow of advance === undefined ? [] : SEND_WINDOWS) {
          const stuck = stuckAt(a, b, sendWindow)
          if (stuck !== undefined) return stuck
        }
        law = "garbage is rejected, or gives a state"
        const said = diff(a, b, peer)
        for (const bytes of [...noise, ...noise.map((piece) => spoil(said, piece))]) {
          const patched = patch(a, bytes)
          if (Result.isSuccess(patched) && !equals(patched.success, patched.success))
            return "patch gives a state that does not equal itself"
        }
      }
    }
    return undefined
  }

  /** Of `a`, `b`, `c`, in this order, the peer has acknowledged `a`. */
  const remembered = (a: State, b: State, c: State): string | undefined => {
    const [base, target] = [subtract(b, a), subtract(c, a)]
    if (!Bytes.Equivalence(diff(base, target, peer), diff(b, c, peer)))
      return "the difference after subtract is another"
    if (!Bytes.Equivalence(diff(a, target, peer), diff(a, c, peer)))
      return "the difference from the subtracted state is another"
    return undefined
  }

  const stuckAt = (a: State, b: State, sendWindow: number): string | undefined => {
    let at = a
    for (let step = 0; step < STEPS; step++) {
      if (equals(at, b)) return undefined
      const next = advance?.(at, b, sendWindow) ?? b
      if (equals(at, next)) return `no progress with a send window of ${sendWindow} bytes`
      const lost = obstacle(at, next)
      if (lost !== undefined) return `a step with a send window of ${sendWindow} bytes: ${lost}`
      at = next
    }
    return `no end with a send window of ${sendWindow} bytes`
  }

  try {
    const found = first()
    if (!steady) return { law: "diff and patch change no state", found: "a second call of diff returns other bytes" }
    return found === undefined ? undefined : { law, found }
  } catch (error) {
    return { law, found: `it throws: ${String(error)}` }
  }
}

/** A valid message, truncated and partly changed. */
const spoil = (honest: Uint8Array, noise: Uint8Array): Uint8Array => {
  const cut = honest.length - ((noise[0] ?? 0) % (honest.length + 1))
  return honest.slice(0, cut).map((byte, i) => byte ^ (noise[i + 1] ?? 0))
}
