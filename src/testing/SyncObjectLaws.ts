/**
 * The laws of `SyncObject`, checked against generated states: for whoever synchronises a value of their own.
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
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Formatter from "effect/Formatter"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Features, type SyncObject } from "../domain/ssp/SyncObject.ts"

/** What to check, and on what. */
export interface LawOptions<State> {
  /** The object. */
  readonly object: SyncObject<State>
  /**
   * The states that a session goes through, in order. `Schema.Array(State)` where any may follow any; an `Arbitrary` that
   * builds each state on the one before where they grow.
   */
  readonly histories: Arbitrary.Arbitrary<ReadonlyArray<State>> | Schema.Schema<ReadonlyArray<State>>
  /** Whether `arrived` is all of `sent` that a peer with such features can represent; `object.equals` without it. */
  readonly arrives?: ((sent: State, arrived: State, peer: Features) => boolean) | undefined
  /** The peers to speak to; stock's features without it. */
  readonly peers?: ReadonlyArray<Features> | undefined
  /** How many histories to try; 100 without it. */
  readonly runs?: number | undefined
  /** Repeats a run that failed: see `LawBroken.seed`. */
  readonly seed?: string | number | undefined
}

/** The laws by name; `SyncObject` says them in full. */
export const Law = Schema.Literals([
  "equals is an equivalence",
  "nothing is said when nothing changed",
  "what is said arrives",
  "saying and hearing change no state",
  "what both have may be forgotten",
  "advance makes progress, in steps that arrive",
  "no change is minor",
  "weight is a number of bytes",
  "garbage is refused, or gives a state"
])
export type Law = typeof Law.Type

/** An object breaks a law. `message` tells all of it. */
export class LawBroken extends Schema.TaggedError<LawBroken>()("LawBroken", {
  law: Law,
  /** What was found, such as the reason that `patch` gave. */
  found: Schema.String,
  /** The shortest history that was found to break it. */
  history: Schema.Array(Schema.Unknown),
  /** Repeats the run, with `LawOptions.seed`. */
  seed: Schema.Union([Schema.String, Schema.Finite])
}) {
  override get message() {
    const states = this.history.map((state) => `  ${Formatter.format(state)}`).join("\n")
    return `broken: ${this.law}\n${this.found}\nin the history\n${states}\nof seed ${this.seed}`
  }
}

/** More steps than this are taken for no progress. */
const STEPS = 100_000
/** The flights by which `advance` is tried, bytes. */
const FLIGHTS = [1, 100, 16_384]

/** Checks all laws; fails with the shortest counterexample that was found. Needs no clock, and no services. */
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
    steady &&= sameBytes(said, object.diff(base, target, peer))
    return said
  }

  /** What keeps `b` from arriving at a peer that has `a`. */
  const obstacle = (a: State, b: State): string | undefined => {
    const said = diff(a, b, peer)
    // Of what is empty nothing is sent, and nothing is asked to be applied.
    const patched = said.length === 0 ? Result.succeed(a) : patch(a, said)
    if (Result.isFailure(patched)) return `the difference is refused: ${patched.failure}`
    return hasArrived(b, patched.success, peer) ? undefined : `arrives as ${Formatter.format(patched.success)}`
  }

  const first = (): string | undefined => {
    for (const a of history) {
      law = "equals is an equivalence"
      if (!equals(a, a)) return "a state does not equal itself"
      law = "nothing is said when nothing changed"
      const said = diff(a, a, peer).length
      if (said > 0) return `${said} bytes`
      law = "no change is minor"
      if (isMinor?.(a, a) === false) return "somebody waits for it"
      law = "weight is a number of bytes"
      const bytes = weight?.(a) ?? 0
      if (!(bytes >= 0 && bytes < Infinity)) return String(bytes)
    }
    for (const [at, a] of history.entries()) {
      for (const [further, b] of history.slice(at).entries()) {
        law = "equals is an equivalence"
        if (equals(a, b) !== equals(b, a)) return "equal one way round only"
        const c = history[at + further + 1]
        if (c !== undefined && equals(a, b) && equals(b, c) && !equals(a, c)) return "equals of equals differ"
        law = "what is said arrives"
        const lost = obstacle(a, b)
        if (lost !== undefined) return lost
        law = "what both have may be forgotten"
        const unforgotten = c === undefined ? undefined : remembered(a, b, c)
        if (unforgotten !== undefined) return unforgotten
        law = "advance makes progress, in steps that arrive"
        for (const flight of advance === undefined ? [] : FLIGHTS) {
          const stuck = stuckAt(a, b, flight)
          if (stuck !== undefined) return stuck
        }
        law = "garbage is refused, or gives a state"
        const said = diff(a, b, peer)
        for (const bytes of [...noise, ...noise.map((piece) => spoil(said, piece))]) {
          const patched = patch(a, bytes)
          if (Result.isSuccess(patched) && !equals(patched.success, patched.success)) return "a state that is none"
        }
      }
    }
    return undefined
  }

  /** Of `a`, `b`, `c`, in this order, the peer has acknowledged `a`. */
  const remembered = (a: State, b: State, c: State): string | undefined => {
    const [base, target] = [subtract(b, a), subtract(c, a)]
    if (!sameBytes(diff(base, target, peer), diff(b, c, peer))) return "the rest differs otherwise"
    if (!sameBytes(diff(a, target, peer), diff(a, c, peer))) return "the rest differs otherwise from what was forgotten"
    return undefined
  }

  const stuckAt = (a: State, b: State, flight: number): string | undefined => {
    let at = a
    for (let step = 0; step < STEPS; step++) {
      if (equals(at, b)) return undefined
      const next = advance?.(at, b, flight) ?? b
      if (equals(at, next)) return `no step in flights of ${flight} bytes`
      const lost = obstacle(at, next)
      if (lost !== undefined) return `a step of ${flight} bytes: ${lost}`
      at = next
    }
    return `no end in flights of ${flight} bytes`
  }

  try {
    const found = first()
    if (!steady)
      return { law: "saying and hearing change no state", found: "a difference, asked for again, is another" }
    return found === undefined ? undefined : { law, found }
  } catch (error) {
    return { law, found: `it throws: ${String(error)}` }
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])

/** An honest message with something wrong: cut, and some of it changed. */
const spoil = (honest: Uint8Array, noise: Uint8Array): Uint8Array => {
  const cut = honest.length - ((noise[0] ?? 0) % (honest.length + 1))
  return honest.slice(0, cut).map((byte, i) => byte ^ (noise[i + 1] ?? 0))
}
