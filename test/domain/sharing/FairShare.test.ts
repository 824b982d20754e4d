import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as FairShare from "../../../src/domain/sharing/FairShare.ts"

/**
 * A processor with one queue, which takes `cost` ms for each datagram that is not dropped. The first session sends as much as the
 * queue takes; the others send one datagram each `interval`. Returns the share of time of the first, and the drops of the others.
 */
const flood = (others: number, cost: number, interval: number, duration: number) => {
  const share = FairShare.initial(0)
  const uses = Array.from({ length: others + 1 }, FairShare.unused)
  let [now, ofFlood, ofOthers, dropped, due] = [0, 0, 0, 0, 0]
  const receive = (i: number): boolean => {
    const use = uses[i]
    if (use === undefined || FairShare.isOver(share, use, now)) return false
    FairShare.spend(share, use, cost, now)
    now += cost
    return true
  }
  for (let turn = 0; now < duration; turn++) {
    if (others > 0 && now >= due) {
      due = now + interval
      if (receive(1 + (turn % others))) ofOthers += cost
      else dropped++
    }
    if (receive(0)) ofFlood += cost
    else now += 0.01
  }
  return { flood: ofFlood / now, others: ofOthers / now, dropped }
}

describe("a fair share", () => {
  it("bounds a session that floods while others are active, and drops nothing of those", () => {
    for (const [others, cost, interval] of [
      [1, 0.1, 200],
      [10, 0.5, 20],
      [100, 0.2, 1]
    ] as const) {
      const { dropped, flood: part } = flood(others, cost, interval, 5000)
      expect(dropped).toBe(0)
      expect(part).toBeLessThan((FairShare.SHARE + 1) / FairShare.WINDOW)
      expect(part).toBeGreaterThan(0.2)
    }
  })

  it("leaves a session alone that is the only active one", () => {
    expect(flood(0, 0.2, 1, 3000).flood).toBeGreaterThan(0.99)
  })

  const Time = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 }))
  const Sent = Schema.Struct({
    session: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 })),
    pause: Time,
    cost: Time
  })
  it.prop("grants every session its guaranteed part of each window", [Schema.Array(Sent)], ([datagrams]) => {
    const share = FairShare.initial(0)
    const uses = Array.from({ length: 6 }, FairShare.unused)
    let now = 0
    let windowAt = share.windowAt
    let times = uses.map(() => 0)
    for (const { cost, pause, session } of datagrams) {
      now += pause
      const use = uses[session]
      if (use === undefined) continue
      const isOver = FairShare.isOver(share, use, now)
      if (share.windowAt !== windowAt) {
        windowAt = share.windowAt
        times = uses.map(() => 0)
      }
      if ((times[session] ?? 0) < FairShare.GUARANTEED) expect(isOver).toBe(false)
      if (isOver) continue
      FairShare.spend(share, use, cost, now)
      times[session] = (times[session] ?? 0) + cost
    }
  })
})
