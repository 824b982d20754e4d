/**
 * Our own objects pass the suite of laws, and the suite reports each broken law by its name.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as FramePatch from "../../src/domain/display/FramePatch.ts"
import * as Screen from "../../src/domain/objects/Screen.ts"
import { Features, type SyncObject } from "../../src/domain/ssp/SyncObject.ts"
import * as UserStream from "../../src/domain/objects/UserStream.ts"
import * as SyncObjectLaws from "../../src/testing/SyncObjectLaws.ts"
import * as Note from "../domain/ssp/Note.ts"

const encoder = new TextEncoder()

const Notes = Schema.Array(Schema.Literals(["", "a", "ab", "b"]))

const broken = (change: Partial<SyncObject<string>>) =>
  Effect.map(
    Effect.flip(SyncObjectLaws.check({ object: { ...Note.object, ...change }, histories: Notes, seed: 1 })),
    ({ law }) => law
  )

const scan = <Step, State>(
  steps: Schema.Schema<ReadonlyArray<Step>>,
  initial: State,
  next: (state: State, step: Step) => State
): Arbitrary.Arbitrary<ReadonlyArray<State>> =>
  Arbitrary.map(Arbitrary.schema(steps), (steps) => {
    const states = [initial]
    for (const step of steps) states.push(next(states.at(-1) ?? initial, step))
    return states
  })

describe("the laws of SyncObject", () => {
  it.effect("hold for a note", () => SyncObjectLaws.check({ object: Note.object, histories: Notes }))

  it.effect("hold for typed input", () =>
    SyncObjectLaws.check({
      object: UserStream.object,
      histories: scan(Schema.Array(Schema.Uint8Array), UserStream.EMPTY, UserStream.push),
      runs: 50
    })
  )

  it.effect("hold for a screen, as far as our own peers and stock's can show it", () =>
    SyncObjectLaws.check<Screen.Screen>({
      object: Screen.object,
      histories: scan(
        Schema.Array(Schema.Literals(["a", "\r\n", "\x1b[2J", "\x1b[1;31m", "\x1b[4:3m", "\x07", "漢"])),
        Screen.blank({ columns: 8, rows: 3 }),
        ({ echoAck, frame }, output) => ({ frame: FramePatch.patch(frame, output), echoAck: echoAck + 1n })
      ),
      arrives: (sent, arrived, peer) =>
        peer === Features.stock ? sent.echoAck === arrived.echoAck : Screen.object.equals(sent, arrived),
      peers: [Features.stock, Features.frames],
      runs: 30
    })
  )

  it.effect("are reported by name when they are broken", () =>
    Effect.gen(function* () {
      expect(yield* broken({ equals: () => false })).toBe("equals is an equivalence")
      expect(yield* broken({ equals: (a, b) => a.length >= b.length })).toBe("equals is an equivalence")
      expect(yield* broken({ diff: (_, target) => encoder.encode(`0:0:${target}`) })).toBe(
        "the difference of a state to itself is empty"
      )
      expect(yield* broken({ patch: (base) => Result.succeed(base) })).toBe("a difference arrives")
      expect(yield* broken({ patch: () => Result.fail("no") })).toBe("a difference arrives")
      let calls = 0
      const changing: SyncObject<string>["diff"] = (base, target) =>
        base === target ? new Uint8Array() : encoder.encode(`${base.length}:0:${target}${"!".repeat(calls++ % 5)}`)
      expect(yield* broken({ diff: changing })).toBe("diff and patch change no state")
      expect(yield* broken({ subtract: (state) => state.slice(1) })).toBe("subtract keeps differences")
      expect(yield* broken({ advance: (base) => base })).toBe("advance makes progress, in steps that arrive")
      expect(yield* broken({ isMinor: () => false })).toBe("no change is minor")
      expect(yield* broken({ weight: () => -1 })).toBe("weight is a number of bytes")
      const trusting: SyncObject<string>["patch"] = (base, diff) => {
        const patched = Note.object.patch(base, diff)
        if (Result.isFailure(patched) && patched.failure === "no difference") throw new Error(patched.failure)
        return patched
      }
      expect(yield* broken({ patch: trusting })).toBe("garbage is rejected, or gives a state")
    })
  )

  it.effect("are reported with the shortest history that breaks them, reproducibly by seed", () =>
    Effect.gen(function* () {
      const forgetful = { ...Note.object, diff: (a: string, b: string) => Note.object.diff(a, b === "b" ? a : b, 0) }
      const check = SyncObjectLaws.check({ object: forgetful, histories: Notes, seed: 7 })
      const found = yield* Effect.flip(check)
      expect(found).toMatchObject({ law: "a difference arrives", history: ["", "b"], seed: 7 })
      expect(found.message).toBe('broken: a difference arrives\narrives as ""\nin the history\n  ""\n  "b"\nof seed 7')
      expect(yield* Effect.flip(check)).toEqual(found)
    })
  )
})
