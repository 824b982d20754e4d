import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as StatusLine from "../../../src/domain/client/StatusLine.ts"

const facts: StatusLine.Facts = {
  addresses: 1,
  trouble: undefined,
  roundTrip: 272.6,
  loss: 0.021,
  silentFor: 1400,
  server: "192.0.2.1:60001",
  predicted: { shown: 120, wrong: 1 },
  password: false,
  attached: []
}
const client = { from: "192.0.2.7", isOwn: false, isViewer: false, leads: false }

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const Facts = Schema.Struct({
  trouble: Schema.UndefinedOr(Schema.Literals(["sendto: Network is unreachable", "sendto: Permission denied"])),
  roundTrip: Schema.UndefinedOr(Schema.Literals([0, 0.04, 3.14, 272.6, 9999.9, 75_000])),
  loss: Schema.UndefinedOr(Schema.Literals([0, 0.001, 0.5, 0.999, 1])),
  silentFor: Schema.UndefinedOr(between(-1, 100_000_000)),
  addresses: between(0, 6),
  server: Schema.Literals(["ssh", "192.0.2.1:60001", "[2001:db8:1234:5678:9abc:def0:1234:5678]:60001"]),
  predicted: Schema.Struct({ shown: between(0, 1_000_000), wrong: between(0, 1000) }),
  password: Schema.Boolean,
  attached: Schema.Array(
    Schema.Struct({
      from: Schema.Literals(["192.0.2.7", "2001:db8:1234:5678:9abc:def0:1234:5678"]),
      isOwn: Schema.Boolean,
      isViewer: Schema.Boolean,
      leads: Schema.Boolean
    })
  )
})

describe("StatusLine", () => {
  it("says everything where there is room, less where there is not", () => {
    const at = (columns: number) => StatusLine.format(facts, columns)
    expect(at(200)).toBe("round trip 273 ms, heard 1 s ago, 2 % lost, 192.0.2.1:60001, 120 predicted, 1 wrong")
    expect(at(74)).toBe("round trip 273 ms, heard 1 s ago, 2 % lost, 192.0.2.1:60001, 1/120 wrong")
    expect(at(60)).toBe("273 ms, 1 s ago, 2 % lost, 192.0.2.1:60001, 1/120 wrong")
    expect(at(42)).toBe("273 ms, 1 s ago, 2 % lost, 192.0.2.1:60001")
    expect(at(40)).toBe("273 ms, 1 s ago, 2 % lost, 1/120 wrong")
    expect(at(14)).toBe("273 ms")
    expect(at(-5)).toBe("273 ms")
  })

  it("says which path the session uses", () => {
    const at = (columns: number, path: Partial<StatusLine.Facts>) => StatusLine.format({ ...facts, ...path }, columns)
    expect(at(200, { addresses: 3 })).toContain("2 % lost, 192.0.2.1:60001, one of 3 addresses, 120 predicted")
    expect(at(200, { server: "ssh", addresses: 3 })).toContain("2 % lost, through ssh, 120 predicted")
    expect(at(40, { server: "ssh", addresses: 3 })).toContain("2 % lost, ssh")
  })

  it("says what is not known yet, and what is wrong", () => {
    const nothing = { ...facts, roundTrip: undefined, loss: undefined, silentFor: undefined }
    expect(StatusLine.format(nothing, 80)).toBe("nothing received yet, 192.0.2.1:60001, 120 predicted, 1 wrong")
    expect(StatusLine.format({ ...facts, trouble: "sendto: Permission denied" }, 50)).toBe(
      "sendto: Permission denied, 273 ms, 1 s ago"
    )
    expect(StatusLine.format({ ...facts, password: true }, 60)).toBe(
      "password, 273 ms, 1 s ago, 2 % lost, 192.0.2.1:60001"
    )
  })

  it("names the session's other clients, and which of them watch", () => {
    const attached = [
      { ...client, isOwn: true },
      { ...client, leads: true },
      { ...client, from: "2001:db8::1\x1b[2J", isViewer: true }
    ]
    const at = (columns: number) => StatusLine.format({ ...facts, attached }, columns)
    expect(at(200)).toContain("with 192.0.2.7 and 2001:db8::1?[2J (watching), round trip")
    expect(at(60)).toContain("2 others, 273 ms")
    expect(StatusLine.format({ ...facts, attached: attached.slice(0, 2) }, 20)).toBe("1 other, 273 ms")
    expect(StatusLine.format({ ...facts, attached: attached.slice(0, 1) }, 200)).not.toContain("with")
  })

  it("keeps as many digits as mean something", () => {
    expect([0.04, 3.14, 272.6, 75_000].map(StatusLine.time)).toEqual(["0.0 ms", "3.1 ms", "273 ms", "1:15"])
    expect([0, 0.001, 0.021, 0.999, 1].map(StatusLine.percent)).toEqual(["0 %", "<1 %", "2 %", ">99 %", "100 %"])
  })

  it.prop("fits, and says no less where there is more room", { facts: Facts, columns: between(1, 200) }, (given) => {
    const { columns, facts } = given
    const line = StatusLine.format(facts, columns)
    const parts = line.split(", ")
    if (parts.length > 1) expect(line.length).toBeLessThanOrEqual(columns)
    expect(StatusLine.format(facts, columns + 1).length).toBeGreaterThanOrEqual(line.length)
    expect(line).not.toMatch(/undefined|NaN|Infinity|\n/)
  })
})
