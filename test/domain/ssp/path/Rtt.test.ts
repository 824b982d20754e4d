import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Rtt from "../../../../src/domain/ssp/path/Rtt.ts"

const Samples = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8000 })))

/** RFC 6298 section 2, straight from its text, with the bounds of spec 2.5. */
const reference = (samples: ReadonlyArray<number>) => {
  let srtt = 1000
  let rttvar = 500
  let isFirst = true
  for (const r of samples) {
    if (r >= 5000) continue
    if (isFirst) {
      srtt = r
      rttvar = r / 2
      isFirst = false
    } else {
      rttvar = (1 - 1 / 4) * rttvar + (1 / 4) * Math.abs(srtt - r)
      srtt = (1 - 1 / 8) * srtt + (1 / 8) * r
    }
  }
  return { srtt: isFirst ? undefined : srtt, rto: Math.min(1000, Math.max(50, Math.ceil(srtt + 4 * rttvar))) }
}

describe("Rtt", () => {
  it.prop("is RFC 6298 with other bounds", [Samples], ([samples]) => {
    const rtt = samples.reduce(Rtt.sample, Rtt.INITIAL)
    const expected = reference(samples)
    if (expected.srtt === undefined) expect(rtt.srtt).toBeUndefined()
    else expect(rtt.srtt).toBeCloseTo(expected.srtt, 6)
    expect(Math.abs(Rtt.rto(rtt) - expected.rto)).toBeLessThanOrEqual(1)
  })

  it("assumes a second before the first sample", () => {
    expect(Rtt.INITIAL.srtt).toBeUndefined()
    expect(Rtt.rto(Rtt.INITIAL)).toBe(1000)
  })

  it("keeps the timeout within 50 and 1000 ms", () => {
    expect(Rtt.rto(Rtt.sample(Rtt.INITIAL, 1))).toBe(50)
    expect(Rtt.rto(Rtt.sample(Rtt.INITIAL, 4999))).toBe(1000)
    expect(Rtt.sample(Rtt.INITIAL, 5000)).toBe(Rtt.INITIAL)
  })
})
