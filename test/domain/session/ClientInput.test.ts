import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ClientInput from "../../../src/domain/session/ClientInput.ts"
import type { UserEvent } from "../../../src/domain/wire/UserMessage.ts"

/** A number is a key, `true` a size. */
const Events = Schema.Array(Schema.Union([Schema.Int, Schema.Literal(true)]))

const eventsOf = (sketch: typeof Events.Type): ReadonlyArray<UserEvent> =>
  sketch.map((one, i) =>
    one === true
      ? { _tag: "Resize", size: { columns: i + 1, rows: 24 } }
      : { _tag: "Keys", bytes: Uint8Array.of(one & 0xff) }
  )

describe("ClientInput", () => {
  it.prop("applies all keys, the newest size, and few sizes, in order", [Events], ([sketch]) => {
    for (const events of [eventsOf(sketch), eventsOf(sketch.flatMap((one) => [one, true as const, 7]))]) {
      const applied = ClientInput.applied(events)
      expect(applied.filter(({ _tag }) => _tag === "Keys")).toEqual(events.filter(({ _tag }) => _tag === "Keys"))
      const sizes = applied.filter(({ _tag }) => _tag === "Resize")
      expect(sizes.length).toBeLessThanOrEqual(ClientInput.MAX_SIZES)
      expect(sizes.at(-1)).toBe(events.findLast(({ _tag }) => _tag === "Resize"))
      expect(applied).toEqual(events.filter((event) => applied.includes(event)))
      expect(applied.some(({ _tag }, i) => _tag === "Resize" && applied[i + 1]?._tag === "Resize")).toBe(false)
    }
  })

  it("applies the newest sizes, each before the keys that follow it", () => {
    const many = eventsOf(Array.from({ length: 2 * (ClientInput.MAX_SIZES + 1) }, (_, i) => (i % 2 === 0 ? true : 7)))
    const applied = ClientInput.applied(many)
    expect(applied).toEqual(many.slice(1))
  })
})
