import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import type { UserEvent } from "../../../src/domain/wire/UserMessage.ts"
import { hostile } from "../wire/hostile.ts"

const { advance, diff, equals, patch, subtract } = UserStream.object

const Event = Schema.Union([
  Schema.TaggedStruct("Keys", { bytes: Schema.Uint8Array }),
  Schema.TaggedStruct("Resize", {
    size: Schema.Struct({
      columns: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 500 })),
      rows: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 500 }))
    })
  })
])
const Events = Schema.Array(Event)

const add = (stream: UserStream.UserStream, events: ReadonlyArray<UserEvent>): UserStream.UserStream =>
  events.reduce(
    (stream, event) =>
      event._tag === "Keys" ? UserStream.push(stream, event.bytes) : UserStream.resize(stream, event.size),
    stream
  )

/** Every single event, as text. */
const flat = (events: ReadonlyArray<UserEvent>): ReadonlyArray<string> =>
  events.flatMap((event) =>
    event._tag === "Keys" ? [...event.bytes].map(String) : [`${event.size.columns}x${event.size.rows}`]
  )

const all = (stream: UserStream.UserStream) => flat(UserStream.since(stream, UserStream.EMPTY))

describe("UserStream", () => {
  it.prop("is what was pushed, in order", [Events], ([events]) => {
    expect(all(add(UserStream.EMPTY, events))).toEqual(flat(events))
  })

  it.prop("differs by the later events, and patches to them", [Events, Events], ([before, after]) => {
    const a = add(UserStream.EMPTY, before)
    const b = add(a, after)
    expect(flat(UserStream.since(b, a))).toEqual(flat(after))
    const patched = Result.getOrThrow(patch(a, diff(a, b, 0)))
    expect(equals(patched, b)).toBe(true)
    expect(all(patched)).toEqual(all(b))
    expect(diff(a, a, 0).length).toBe(0)
    expect(equals(a, b)).toBe(flat(after).length === 0)
  })

  it.prop("drops acknowledged events, and no others", [Events, Events, Events], ([one, two, three]) => {
    const a = add(UserStream.EMPTY, one)
    const b = add(a, two)
    const c = add(b, three)
    const [less, base] = [subtract(c, a), subtract(b, a)]
    expect(diff(base, less, 0)).toEqual(diff(b, c, 0))
    expect(diff(a, less, 0)).toEqual(diff(a, c, 0))
    expect(equals(less, c)).toBe(true)
  })

  it("keeps a piece of which only the last byte is not acknowledged", () => {
    const acknowledged = UserStream.push(UserStream.EMPTY, new Uint8Array([1, 2, 3]))
    const stream = UserStream.push(acknowledged, new Uint8Array([4]))
    expect(flat(UserStream.since(subtract(stream, acknowledged), acknowledged))).toEqual(["4"])
    expect(all(subtract(stream, stream))).toEqual([])
  })

  it("shares nothing with the bytes that it was given", () => {
    const keys = new Uint8Array([1, 2, 3])
    const stream = UserStream.push(UserStream.EMPTY, keys)
    keys.fill(9)
    expect(all(stream)).toEqual(["1", "2", "3"])
  })

  it("frees the memory of acknowledged events", () => {
    let stream = UserStream.EMPTY
    for (let i = 0; i < 100; i++) stream = UserStream.push(stream, new Uint8Array(10_000))
    const less = subtract(stream, stream)
    expect(less.pieces).toEqual([])
    expect(less.start).toBe(1_000_000)
    expect(UserStream.object.weight?.(less)).toBe(0)
  })

  it("advances in steps of the send window, each a former state of the whole", () => {
    const whole = UserStream.push(
      UserStream.resize(UserStream.EMPTY, { columns: 80, rows: 24 }),
      new Uint8Array(100_000)
    )
    const window = 16_384
    let at = UserStream.EMPTY
    let steps = 0
    while (!equals(at, whole)) {
      const next = advance?.(at, whole, window) ?? whole
      expect(next.end - at.end).toBeLessThanOrEqual(window)
      expect(next.end).toBeGreaterThan(at.end)
      at = Result.getOrThrow(patch(at, diff(at, next, 0)))
      steps++
    }
    expect(steps).toBe(Math.ceil(100_001 / window))
    expect(all(at)).toEqual(all(whole))
  })

  it("holds a megabyte that was typed key by key in few pieces", () => {
    let stream = UserStream.EMPTY
    const key = new Uint8Array([0x61])
    for (let i = 0; i < 200_000; i++) stream = UserStream.push(stream, key)
    expect(stream.end).toBe(200_000)
    expect(stream.pieces.length).toBeLessThan(60)
  })

  it("ignores sizes that no screen can have", () => {
    for (const size of [
      { columns: 0, rows: 24 },
      { columns: 80, rows: -1 },
      { columns: 1.5, rows: 24 },
      { columns: 100_000, rows: 24 }
    ])
      expect(UserStream.resize(UserStream.EMPTY, size)).toBe(UserStream.EMPTY)
  })

  it("never throws, whatever differences it reads", () => {
    const base = UserStream.push(UserStream.EMPTY, new Uint8Array([1]))
    const honest = diff(UserStream.EMPTY, UserStream.resize(base, { columns: 80, rows: 24 }), 0)
    let good = 0
    for (const bytes of hostile([honest])) {
      const patched = patch(base, bytes)
      if (Result.isFailure(patched)) continue
      good++
      expect(patched.success.end).toBeGreaterThanOrEqual(base.end)
    }
    expect(good).toBeGreaterThan(0)
    expect(good).toBeLessThan(10_000)
  })
})
