import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Receiver from "../../../src/domain/ssp/Receiver.ts"
import * as Timing from "../../../src/domain/ssp/Timing.ts"
import type { SyncObject } from "../../../src/domain/ssp/SyncObject.ts"
import type { Instruction } from "../../../src/domain/wire/Instruction.ts"
import * as Note from "./Note.ts"

const START = 1000

const make = (object: SyncObject<string> = Note.object) => {
  const machine = Receiver.machine(object)
  let state = Receiver.init({ initial: "", now: START })
  const receive = (instruction: Partial<Instruction>, now = START) => {
    const whole = {
      oldNumber: 0n,
      newNumber: 1n,
      acknowledged: 0n,
      throwaway: 0n,
      diff: new Uint8Array(0),
      features: 0,
      ...instruction
    }
    const [next, outputs] = machine.step(state, whole, now)
    state = next
    return outputs
  }
  return { receive, state: () => state, numbers: () => state.received.map(({ number }) => number) }
}

const diff = (base: string, target: string): Uint8Array => Note.object.diff(base, target, 0)
const tags = (outputs: ReadonlyArray<Receiver.Output<string>>) =>
  outputs.map((output) => (output._tag === "Dropped" ? output.reason : output._tag))

describe("Receiver", () => {
  it("reports features once, acknowledgements always, and news", () => {
    const { receive } = make()
    const first = receive({ diff: diff("", "hello"), acknowledged: 7n, features: 5 }, 1234)
    expect(first).toEqual([
      { _tag: "PeerFeatures", features: 5 },
      { _tag: "PeerAcknowledged", number: 7n },
      { _tag: "Received", number: 1n, wantsAck: true },
      { _tag: "RemoteChanged", number: 1n, state: "hello", at: 1234 }
    ])
    expect(receive({ oldNumber: 1n, newNumber: 2n, acknowledged: 8n })).toEqual([
      { _tag: "PeerAcknowledged", number: 8n },
      { _tag: "Received", number: 2n, wantsAck: false },
      { _tag: "RemoteChanged", number: 2n, state: "hello", at: START }
    ])
  })

  it("reports the loss that the peer reports", () => {
    const { receive } = make()
    expect(receive({ newNumber: 1n, lost: 29 })[1]).toEqual({ _tag: "PeerLoss", share: 0.29 })
    expect(tags(receive({ newNumber: 2n }))).not.toContain("PeerLoss")
  })

  it("ignores duplicates, and differences to states that it does not hold", () => {
    const { receive, state } = make()
    receive({ diff: diff("", "a") })
    const before = state()
    // The newest may come again because our acknowledgement was lost.
    expect(tags(receive({ diff: diff("", "a") }))).toEqual(["PeerAcknowledged", "DuplicateNewest", "late"])
    expect(tags(receive({ oldNumber: 9n, newNumber: 10n }))).toEqual(["PeerAcknowledged", "late"])
    expect(state()).toEqual(before)
  })

  it("inserts a late state in order, and reports no news", () => {
    const { receive, numbers } = make()
    receive({ newNumber: 5n, diff: diff("", "five") })
    expect(tags(receive({ newNumber: 3n, diff: diff("", "three") }))).toEqual(["PeerAcknowledged"])
    expect(numbers()).toEqual([0n, 3n, 5n])
    expect(tags(receive({ oldNumber: 3n, newNumber: 6n, diff: diff("three", "six") }))).toContain("RemoteChanged")
  })

  it("drops states when the peer discards them, and not before", () => {
    const { receive, numbers } = make()
    for (let n = 1n; n <= 5n; n++) receive({ oldNumber: n - 1n, newNumber: n })
    receive({ oldNumber: 4n, newNumber: 6n, throwaway: 3n })
    expect(numbers()).toEqual([3n, 4n, 5n, 6n])
  })

  it("refuses instructions that break the rules of numbers, and keeps all its states", () => {
    const { receive, numbers } = make()
    receive({ newNumber: 4n })
    expect(tags(receive({ oldNumber: 4n, newNumber: 5n, throwaway: 5n }))).toContain("instruction")
    expect(tags(receive({ oldNumber: 4n, newNumber: 5n, throwaway: 2n ** 64n - 1n }))).toContain("instruction")
    expect(tags(receive({ oldNumber: 4n, newNumber: 2n }))).toContain("instruction")
    expect(numbers()).toEqual([0n, 4n])
  })

  it("drops a difference that cannot be applied, and keeps its state", () => {
    const { receive, numbers } = make()
    expect(tags(receive({ diff: diff("other base", "x") }))).toEqual(["PeerFeatures", "PeerAcknowledged", "diff"])
    expect(numbers()).toEqual([0n])
    expect(tags(receive({ diff: diff("", "x") }))).toContain("RemoteChanged")
  })

  const Hostile = Schema.Struct({
    oldNumber: Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 12n })),
    newNumber: Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 12n })),
    throwaway: Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 12n })),
    text: Schema.String
  })

  it.prop(
    "keeps sorted, distinct states, at least one, whatever arrives",
    [Schema.Array(Hostile)],
    ([instructions]) => {
      const { receive, state, numbers } = make()
      let newest = 0n
      for (const { text, ...instruction } of instructions) {
        const base = state().received.find(({ number }) => number === instruction.oldNumber)?.state ?? ""
        for (const output of receive({ ...instruction, diff: diff(base, text) })) {
          if (output._tag !== "Received") continue
          expect(output.number).toBeGreaterThan(newest)
          newest = output.number
        }
        expect(numbers().length).toBeGreaterThan(0)
        expect(numbers()).toEqual([...new Set(numbers())].toSorted((a, b) => (a < b ? -1 : 1)))
        expect(Receiver.newest(state()).number).toBe(newest)
      }
    }
  )

  it("admits one state in 15 s beyond 1024", () => {
    const { receive, state } = make()
    for (let n = 1n; n <= 1024n; n++) receive({ oldNumber: n - 1n, newNumber: n })
    expect(state().received.length).toBe(1025)
    const next = (n: bigint, now: number) => tags(receive({ oldNumber: 1024n, newNumber: n }, now))
    expect(next(2000n, START)).toContain("RemoteChanged")
    expect(next(2001n, START + 1)).toContain("limit")
    expect(next(2002n, START + Timing.QUENCH - 1)).toContain("limit")
    expect(next(2003n, START + Timing.QUENCH)).toContain("RemoteChanged")
    expect(
      tags(receive({ oldNumber: 2003n, newNumber: 2004n, throwaway: 2003n }, START + Timing.QUENCH + 1))
    ).toContain("RemoteChanged")
  })

  it("beyond the limits, drops a state for each that it admits, but neither the first nor the base", () => {
    const { receive, state } = make()
    for (let n = 1n; n <= 1024n; n++) receive({ oldNumber: n - 1n, newNumber: n })
    for (let i = 0; i < 5; i++) receive({ oldNumber: 3n, newNumber: 2000n + BigInt(i) }, START + i * Timing.QUENCH)
    const numbers = state().received.map(({ number }) => number)
    expect(numbers.length).toBe(1025)
    expect(numbers.slice(0, 2)).toEqual([0n, 3n])
    expect(numbers.at(-1)).toBe(2004n)
  })

  it("holds no more weight after a day of states that the peer never discards", () => {
    const { receive, state } = make({ ...Note.object, weight: () => Timing.RECEIVED_WEIGHT / 10 })
    for (let n = 1n; n <= 5760n; n++) receive({ newNumber: n, diff: diff("", "x") }, START + Number(n) * Timing.QUENCH)
    const weight = state().received.reduce((sum, entry) => sum + entry.weight, 0)
    expect(weight).toBeLessThan(1.2 * Timing.RECEIVED_WEIGHT)
    expect(Receiver.newest(state()).number).toBe(5760n)
  })

  it("limits the weight of states, too", () => {
    const { receive, state } = make({ ...Note.object, weight: () => Timing.RECEIVED_WEIGHT / 10 })
    for (let n = 1n; n <= 100n; n++) receive({ newNumber: n, diff: diff("", "x") })
    expect(state().received.length).toBeLessThan(14)
  })
})
