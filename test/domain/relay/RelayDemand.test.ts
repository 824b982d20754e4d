import { describe, expect, it } from "@effect/vitest"
import * as RelayDemand from "../../../src/domain/relay/RelayDemand.ts"

type Event = readonly [at: number, input: RelayDemand.Input]

const sent = (at: number): Event => [at, { _tag: "Sent" }]
const udp = (at: number): Event => [at, { _tag: "Received", path: "Udp" }]
const relay = (at: number): Event => [at, { _tag: "Received", path: "Relay" }]

const run = (events: ReadonlyArray<Event>, login = 500): RelayDemand.RelayDemand =>
  events.reduce(
    (demand, [at, input]) => RelayDemand.step(demand, input, at),
    RelayDemand.initial({ _tag: "Needed", ms: login })
  )

const wanted = (events: ReadonlyArray<Event>, login?: number): boolean => run(events, login).wantedSince !== undefined

describe("RelayDemand", () => {
  it("wants no relay where UDP answers, however long the session is idle or the round trip is", () => {
    const events = [sent(0), sent(1499), udp(1500), sent(1501), sent(7500), udp(7501), sent(1e6), udp(1e6 + 5999)]
    for (let i = 1; i <= events.length; i++) expect(wanted(events.slice(0, i))).toBe(false)
    expect(wanted([])).toBe(false)
  })

  it("wants one when the first answer does not arrive, later where the login was slow", () => {
    expect(wanted([sent(0), sent(1499)])).toBe(false)
    expect(wanted([sent(0), sent(1500)])).toBe(true)
    expect(wanted([sent(0), sent(1999)], 8000)).toBe(false)
    expect(wanted([sent(0), sent(2000)], 8000)).toBe(true)
    expect(wanted([sent(0), sent(3000)], 1e9)).toBe(true)
  })

  it("wants one sooner where it needs no login", () => {
    const isWanted = (at: number, ms: number): boolean => {
      const demand = RelayDemand.step(RelayDemand.initial({ _tag: "Kept", ms }), { _tag: "Sent" }, 0)
      return RelayDemand.step(demand, { _tag: "Sent" }, at).wantedSince !== undefined
    }
    expect([isWanted(249, 100), isWanted(250, 100)]).toEqual([false, true])
    expect([isWanted(999, 2000), isWanted(1000, 2000)]).toEqual([false, true])
    expect(isWanted(3000, 1e9)).toBe(true)
  })

  it("decides at its deadline before the first packet, though nothing is sent then, and has none afterwards", () => {
    const due: Event = [1500, { _tag: "Due" }]
    expect(RelayDemand.deadline(run([]))).toBe(Infinity)
    expect(RelayDemand.deadline(run([sent(0)]))).toBe(1500)
    expect(wanted([sent(0), due])).toBe(true)
    const others = [
      [sent(0), due],
      [sent(0), udp(20), sent(30)],
      [sent(0), relay(20), sent(30)]
    ]
    for (const events of [...others, [sent(0), [10, { _tag: "Impossible" }] as const]])
      expect(RelayDemand.deadline(run(events))).toBe(Infinity)
    expect(run([sent(0), udp(20), due])).toEqual(run([sent(0), udp(20)]))
  })

  it("wants one when UDP falls silent in a session", () => {
    expect(wanted([sent(0), udp(50), sent(10_000), sent(15_999)])).toBe(false)
    expect(wanted([sent(0), udp(50), sent(10_000), sent(16_000)])).toBe(true)
  })

  it("ends it when UDP has worked for a while, or before the relay was used", () => {
    const start = [sent(0), sent(1500)]
    expect(wanted([...start, udp(1600)])).toBe(false)
    expect(wanted([...start, relay(2500), udp(10_000), udp(32_499)])).toBe(true)
    expect(wanted([...start, relay(2500), udp(10_000), udp(32_500)])).toBe(false)
    expect(wanted([...start, relay(2500), udp(10_000), relay(20_000), udp(32_500)])).toBe(true)
    expect(run([...start, relay(2500), udp(10_000)]).path).toBe("Udp")
  })

  it("wants none again where there can be none", () => {
    expect(wanted([sent(0), sent(1500), [1600, { _tag: "Impossible" }], sent(1e6)])).toBe(false)
  })
})
