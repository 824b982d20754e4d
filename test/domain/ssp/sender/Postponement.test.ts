import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Sender from "../../../../src/domain/ssp/sender/Sender.ts"
import * as Timing from "../../../../src/domain/ssp/Timing.ts"
import { settled } from "../senders.ts"

const OURS = 1

const Lateness = Schema.Int.check(
  Schema.isBetween({ minimum: Timing.LATENESS + 1, maximum: Timing.SUSPENDED - Timing.RTO_MAX })
)

/** A sender that has sent a key, and whose retransmission timer has not fired yet. */
const waiting = (features = OURS) => {
  const peer = settled({ role: "Client", features })
  peer.input({ _tag: "PeerFeatures", features })
  peer.publish("a")
  peer.run(peer.now() + 5)
  expect(peer.sent.length).toBe(1)
  const due = peer.state().timers.retransmission - 5000
  return { ...peer, due }
}

describe("An end whose retransmission timer fires late", () => {
  it.prop("waits as long again before it retransmits, once", { late: Lateness, again: Lateness }, ({ again, late }) => {
    const { due, leap, run, sent, state } = waiting()
    leap(due + late)
    run(due + 2 * late - 1)
    expect(sent.length).toBe(1)
    expect(state().timers.retransmission - 5000).toBe(due + 2 * late)
    leap(due + 2 * late + again)
    expect(sent.length).toBe(2)
  })

  it("retransmits although the timer is late a second time", () => {
    const { due, leap, sent } = waiting()
    leap(due + 100)
    leap(due + 200 + 100)
    expect(sent.length).toBe(2)
  })

  it.prop("does not retransmit what was acknowledged meanwhile", { late: Lateness }, ({ late }) => {
    const { acknowledge, due, leap, run, sent, state } = waiting()
    leap(due + late)
    run(due + 2 * late - 1)
    acknowledge(Sender.newest(state()).number)
    run(due + 2 * late + Timing.RTO_MAX)
    expect(sent.filter(({ diff }) => diff.length > 0).length).toBe(1)
  })

  it.prop("waits alike if a datagram comes before the timer", { late: Lateness }, ({ late }) => {
    const { due, leap, run, sent } = waiting()
    leap(due + late, { _tag: "PacketReceived" })
    run(due + 2 * late - 1)
    expect(sent.length).toBe(1)
    run(due + 2 * late)
    expect(sent.length).toBe(2)
  })

  it.prop("sends a key at once", { late: Lateness }, ({ late }) => {
    const { due, leap, publish, sent } = waiting()
    leap(due + late)
    publish("ab")
    expect(sent.at(-1)?.at).toBe(due + late)
  })

  it("retransmits at once if the timer is late by no more than a peer may be", () => {
    const { due, leap, sent } = waiting()
    leap(due + Timing.LATENESS)
    expect(sent.length).toBe(2)
  })

  it("waits a second at most", () => {
    const { due, leap, run, sent } = waiting()
    const late = 1500
    leap(due + late)
    run(due + late + 999)
    expect(sent.length).toBe(1)
    run(due + late + 1000)
    expect(sent.length).toBe(2)
  })

  it("retransmits at once after the host was suspended, also while it waits", () => {
    const { due, leap, sent, state } = waiting()
    leap(due + 1000)
    expect(sent.length).toBe(1)
    leap(state().timers.retransmission - 5000 + Timing.SUSPENDED)
    expect(sent.length).toBe(2)
  })

  it.prop("retransmits at once to a stock peer", { late: Lateness }, ({ late }) => {
    const { due, leap, sent } = waiting(0)
    leap(due + late)
    expect(sent.length).toBe(2)
  })

  it.prop("probes a silent server of ours as much later", { late: Lateness }, ({ late }) => {
    const probeAfter = (features: number): number => {
      const { input, leap, now, state } = settled({ role: "Client", features })
      input({ _tag: "PeerFeatures", features })
      leap(state().timers.acknowledgement - 5000 + late)
      return state().timers.probe - 5000 - now()
    }
    expect(probeAfter(OURS)).toBe(Math.max(late, probeAfter(0)))
  })
})
