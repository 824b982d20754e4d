import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Fragment from "../../../src/domain/wire/Fragment.ts"
import * as FragmentAssembly from "../../../src/domain/wire/FragmentAssembly.ts"
import { MAX_BYTES } from "../../../src/domain/wire/Instruction.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as Timestamp16 from "../../../src/domain/wire/Timestamp16.ts"
import { hostile, random } from "./hostile.ts"

const Uint16 = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff }))
const Uint64 = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 2n ** 64n - 1n }))
const Seed = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 }))

describe("Timestamp16", () => {
  it.prop("counts milliseconds modulo 65536, and is never none", [Schema.Int, Uint16], ([now, passed]) => {
    const [earlier, later] = [Timestamp16.at(now), Timestamp16.at(now + passed)]
    expect(earlier).not.toBe(Timestamp16.NONE)
    expect(earlier).toBeGreaterThanOrEqual(0)
    expect(Math.abs(Timestamp16.since(later, earlier) - passed) % 65535).toBeLessThanOrEqual(1)
  })

  it("replaces 65535 by 0", () => {
    expect(Timestamp16.at(65535)).toBe(0)
    expect(Timestamp16.at(65536 * 7 + 65535.9)).toBe(0)
    expect(Timestamp16.at(65534)).toBe(65534)
  })

  it("moves back over zero", () => {
    expect(Timestamp16.add(100, -500)).toBe(65136)
    expect(Timestamp16.since(3, 65533)).toBe(6)
  })
})

describe("Packet", () => {
  it.prop("reads what it writes", [Uint16, Uint16, Schema.Uint8Array], ([timestamp, timestampReply, payload]) => {
    const packet = Packet.decode(Packet.encode({ timestamp, timestampReply, payload }))
    expect(packet).toEqual({ timestamp, timestampReply, payload: new Uint8Array(payload) })
  })

  it("needs its four bytes", () => {
    for (let length = 0; length < 4; length++) expect(Packet.decode(new Uint8Array(length))).toBeUndefined()
    expect(Packet.decode(new Uint8Array(4))?.payload.length).toBe(0)
  })
})

describe("Fragment", () => {
  const Generated = Schema.Struct({
    id: Uint64,
    number: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Fragment.MAX_NUMBER })),
    isFinal: Schema.Boolean,
    contents: Schema.Uint8Array
  })

  it.prop("reads what it writes", [Generated], ([fragment]) => {
    expect(Fragment.decode(Fragment.encode(fragment))).toEqual({
      ...fragment,
      contents: new Uint8Array(fragment.contents)
    })
  })

  it("needs its ten bytes", () => {
    for (let length = 0; length < 10; length++) expect(Fragment.decode(new Uint8Array(length))).toBeUndefined()
  })

  it("always makes at least one", () => {
    expect(Fragment.split(1n, new Uint8Array(0), 100)).toEqual([
      { id: 1n, number: 0, isFinal: true, contents: new Uint8Array(0) }
    ])
    expect(Fragment.split(1n, new Uint8Array(200), 100).map((fragment) => fragment.isFinal)).toEqual([false, true])
  })
})

describe("FragmentAssembly", () => {
  const feed = (
    fragments: ReadonlyArray<Fragment.Fragment>,
    isLate: (fragment: Fragment.Fragment) => boolean = () => false
  ) => {
    let assembly = FragmentAssembly.EMPTY
    const outcomes: Array<FragmentAssembly.Outcome> = []
    for (const fragment of fragments) {
      const [next, outcome] = FragmentAssembly.add(assembly, fragment, isLate(fragment))
      assembly = next
      outcomes.push(outcome)
    }
    return { assembly, outcomes }
  }
  const shuffled = <A>(items: ReadonlyArray<A>, seed: number): ReadonlyArray<A> => {
    const next = random(seed)
    return items
      .map((item) => ({ item, key: next() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ item }) => item)
  }
  const piece = (number: number, text: string, isFinal = false, id = 1n): Fragment.Fragment => ({
    id,
    number,
    isFinal,
    contents: new Uint8Array(Buffer.from(text))
  })
  const reasons = (...fragments: Parameters<typeof feed>) =>
    feed(...fragments).outcomes.map((outcome) => (outcome._tag === "Dropped" ? outcome.reason : outcome._tag))

  it.prop(
    "puts fragments together in any order, with repeats",
    [Schema.Uint8Array, Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 })), Seed],
    ([contents, size, seed]) => {
      const fragments = Fragment.split(9n, contents, size)
      const order = shuffled(fragments, seed)
      const repeated = order.flatMap((fragment, i) => (i < order.length - 1 ? [fragment, fragment] : [fragment]))
      const { assembly, outcomes } = feed(repeated)
      const complete = outcomes.filter((outcome) => outcome._tag === "Complete")
      expect(complete.map((outcome) => [...outcome.contents])).toEqual([[...contents]])
      expect(assembly).toBe(FragmentAssembly.EMPTY)
    }
  )

  it("drops an incomplete instruction for another one, but not for a straggler", () => {
    const [a0, a1, b0, b1] = [piece(0, "a"), piece(1, "a", true), piece(0, "b", false, 2n), piece(1, "b", true, 2n)]
    expect(reasons([a0, b0, a1, b1])).toEqual(["Incomplete", "Incomplete", "Incomplete", "Incomplete"])
    expect(reasons([a0, b0, a1, b1], (fragment) => fragment === a1)).toEqual([
      "Incomplete",
      "Incomplete",
      "late",
      "Complete"
    ])
    expect(reasons([a1, a0], () => true)).toEqual(["Incomplete", "Complete"])
  })

  it("drops an instruction that contradicts itself", () => {
    expect(reasons([piece(0, "a"), piece(0, "b")])).toEqual(["Incomplete", "fragment"])
    expect(reasons([piece(1, "b", true), piece(2, "c")])).toEqual(["Incomplete", "fragment"])
    expect(reasons([piece(2, "c"), piece(1, "b", true)])).toEqual(["Incomplete", "fragment"])
    expect(reasons([piece(2, "c", true), piece(1, "b", true)])).toEqual(["Incomplete", "fragment"])
    expect(reasons([piece(1, "b"), piece(1, "b", true), piece(0, "a")])).toEqual([
      "Incomplete",
      "Incomplete",
      "Complete"
    ])
  })

  it("holds no more bytes than an instruction may have", () => {
    const contents = new Uint8Array(1214)
    let assembly = FragmentAssembly.EMPTY
    let largest = 0
    let dropped = 0
    for (let number = 0; number <= 5000; number++) {
      const [next, outcome] = FragmentAssembly.add(assembly, { id: 1n, number, isFinal: false, contents }, false)
      if (outcome._tag === "Dropped") dropped++
      largest = Math.max(largest, next.bytes)
      assembly = next
    }
    expect(dropped).toBeGreaterThan(0)
    expect(largest).toBeLessThanOrEqual(MAX_BYTES)
  })

  it("accepts as many fragments as there are numbers, in reasonable time", () => {
    const contents = new Uint8Array([7])
    const fragments = Array.from({ length: Fragment.MAX_NUMBER + 1 }, (_, i) => ({
      id: 1n,
      number: Fragment.MAX_NUMBER - i,
      isFinal: i === 0,
      contents
    }))
    const last = feed(fragments).outcomes.at(-1)
    expect(last?._tag === "Complete" && last.contents.length).toBe(Fragment.MAX_NUMBER + 1)
  })

  it("never throws, whatever it reads", () => {
    const honest = Fragment.split(1n, new Uint8Array(Buffer.from("an instruction in pieces")), 5).map(Fragment.encode)
    let assembly = FragmentAssembly.EMPTY
    const seen = new Set<string>()
    for (const bytes of hostile(honest)) {
      const packet = Packet.decode(bytes)
      const fragment = packet === undefined ? undefined : Fragment.decode(bytes)
      if (fragment === undefined) continue
      const [next, outcome] = FragmentAssembly.add(assembly, fragment, false)
      assembly = next
      seen.add(outcome._tag)
    }
    expect(seen).toEqual(new Set(["Incomplete", "Complete", "Dropped"]))
  })
})
