/**
 * The search for the path's datagram size, over simulated paths: each round of datagrams is sent, and acknowledged as the path
 * allows.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as PathMtu from "../../../../src/domain/ssp/path/PathMtu.ts"

const Between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const echoed = (timeouts: number): PathMtu.Timeout => ({
  timeouts,
  echoedAt: 1000,
  heardAt: 1000,
  srtt: RTT,
  isLossy: false
})
const RTT = 100
const PATIENCE = 400

interface Session {
  readonly mtu: PathMtu.PathMtu
  readonly now: number
  /** The next packet number. */
  readonly next: number
  /** Packet numbers that arrived, ascending. */
  readonly arrived: ReadonlyArray<number>
}

type Carries = (bytes: number, number: number) => boolean

const begin = (family: "IPv4" | "IPv6" = "IPv4"): Session => ({
  mtu: PathMtu.init(family),
  now: 0,
  next: 0,
  arrived: []
})

/** Packet numbers as descending ranges of one number each: their form does not matter. */
const ranges = (arrived: ReadonlyArray<number>) =>
  arrived.map((number) => ({ first: number, last: number })).toReversed()

const send = (session: Session, carries: Carries, sizes: ReadonlyArray<number>): [Session, Array<PathMtu.Sent>] => {
  const sent = sizes.map((bytes, i) => ({ number: session.next + i, bytes }))
  const arrived = sent.filter(({ bytes, number }) => carries(bytes, number)).map(({ number }) => number)
  return [{ ...session, next: session.next + sizes.length, arrived: [...session.arrived, ...arrived] }, sent]
}

/** Sends a state of so many bytes in as few datagrams as the limit allows. */
const sendState = (session: Session, carries: Carries, state: bigint, bytes: number, canProbe = true): Session => {
  const limit = PathMtu.instructionLimit(session.mtu)
  const sizes = Array.from({ length: Math.ceil(bytes / limit) }, (_, i) => Math.min(limit, bytes - i * limit))
  const [after, sent] = send(session, carries, sizes)
  return { ...after, mtu: PathMtu.stateSent(after.mtu, state, sent, canProbe, after.now) }
}

/** Sends what is due, and receives the acknowledgement a round trip later. */
const round = (session: Session, carries: Carries): Session => {
  const { due } = session.mtu
  if (due === undefined) return session
  const [probed, probes] = send(session, carries, due.sizes)
  const [marked, marker] = send(probed, carries, [38])
  const sent = PathMtu.probesSent(marked.mtu, probes, marker[0]?.number ?? -1, marked.now + PATIENCE)
  const now = marked.now + RTT
  return { ...marked, now, mtu: PathMtu.acknowledged(sent, ranges(marked.arrived), now) }
}

/** Rounds until nothing is due. */
const settle = (session: Session, carries: Carries): { readonly session: Session; readonly rounds: number } => {
  let rounds = 0
  for (; session.mtu.due !== undefined; rounds++) {
    if (rounds > 20) throw new Error("the search does not end")
    session = round(session, carries)
  }
  return { session, rounds }
}

describe("a black hole", () => {
  it.prop(
    "two round trips after a state in several large datagrams, the limit is what passes",
    [Schema.Literals(["IPv4", "IPv6"]), Between(PathMtu.FLOOR, 1215), Between(2600, 20_000)],
    ([family, carried, bytes]) => {
      const carries: Carries = (size) => size <= carried
      let session = sendState(begin(family), carries, 1n, bytes)
      session = round(round(session, carries), carries)
      expect(session.mtu.size).toBeLessThanOrEqual(carried)
      expect(session.mtu.size).toBeGreaterThanOrEqual(PathMtu.FLOOR)
      const { rounds, session: settled } = settle(session, carries)
      expect(rounds).toBeLessThanOrEqual(6)
      expect(settled.mtu.size).toBeLessThanOrEqual(carried)
      expect(carried - settled.mtu.size).toBeLessThanOrEqual(PathMtu.STEP)
      // The next state passes, and nothing is due after it arrived.
      const next = round(sendState(settled, carries, 2n, bytes), carries)
      expect(next.mtu.size).toBe(settled.mtu.size)
      expect(next.mtu.due).toBeUndefined()
    }
  )

  it.prop("a state in one large datagram takes one more round trip", [Between(PathMtu.FLOOR, 1000)], ([carried]) => {
    const carries: Carries = (size) => size <= carried
    let session = sendState(begin(), carries, 1n, 1100)
    session = round(round(session, carries), carries)
    expect(session.mtu.size).toBe(1252)
    expect(round(session, carries).mtu.size).toBeLessThanOrEqual(carried)
  })

  it.prop(
    "random losses reduce nothing while any datagram of the largest size arrives",
    [Schema.Array(Between(0, 99)).check(Schema.isMinLength(40)), Between(0, 9)],
    ([chances, spared]) => {
      const carries: Carries = (size, number) =>
        size < 500 || number % 10 === spared || (chances[number % chances.length] ?? 0) < 50
      let session = begin()
      for (let state = 1n; state < 20n; state++) {
        session = { ...session, now: session.now + PathMtu.FRESH }
        session = round(sendState(session, carries, state, 12_520), carries)
        expect([session.mtu.size, session.mtu.due]).toEqual([1252, undefined])
      }
    }
  )

  it("random losses reduce nothing: every second datagram is enough", () => {
    const carries: Carries = (_, number) => number % 2 === 0
    const session = round(sendState(begin(), carries, 1n, 12_520), carries)
    expect([session.mtu.size, session.mtu.due]).toEqual([1252, undefined])
  })

  it("the limit is the floor where no probe arrives", () => {
    const carries: Carries = (size) => size < PathMtu.FLOOR / 2
    expect(settle(sendState(begin(), carries, 1n, 5000), carries).session.mtu.size).toBe(PathMtu.FLOOR)
  })

  it("a probe that was overtaken revises the result", () => {
    const late = new Set<number>()
    let isLate = true
    const carries: Carries = (size, number) => {
      if (isLate && size > 1200) late.add(number)
      return !isLate || size <= 1200
    }
    let session = sendState(begin(), carries, 1n, 5000)
    session = round(round(session, carries), carries)
    expect(session.mtu.size).toBeLessThan(1252)
    isLate = false
    session = { ...session, arrived: [...session.arrived, ...late].sort((a, b) => a - b) }
    expect(round(session, carries).mtu.size).toBe(1252)
  })

  it("the limit rises again after the path changed back, ten minutes later", () => {
    const narrow: Carries = (size) => size <= 700
    let { session } = settle(sendState(begin(), narrow, 1n, 5000), narrow)
    const all: Carries = () => true
    session = sendState({ ...session, now: session.now + PathMtu.RAISE - 1000 }, all, 2n, 5000)
    session = settle(session, all).session
    expect(session.mtu.size).toBeLessThan(701)
    session = settle(sendState({ ...session, now: session.now + 2000 }, all, 3n, 5000), all).session
    expect(session.mtu.size).toBe(1252)
  })
})

describe("without probes", () => {
  it.prop("nothing is ever due", [Schema.Array(Between(1, 5000)), Between(500, 2000)], ([states, carried]) => {
    let session = begin()
    for (const [i, bytes] of states.entries()) {
      session = sendState(session, (size) => size <= carried, BigInt(i), bytes, false)
      expect(session.mtu.due).toBeUndefined()
    }
  })

  it("the limit falls when a large state timed out twice and a later timestamp was echoed", () => {
    const { mtu } = sendState(begin(), () => false, 1n, 5000, false)
    const size = (timeouts: number, echoedAt: number, isLossy = false) =>
      PathMtu.timedOut(mtu, { timeouts, echoedAt, heardAt: -Infinity, srtt: RTT, isLossy }, 400).size
    expect([size(1, 200), size(2, 200), size(2, 99), size(9, 99)]).toEqual([1252, 500, 1252, 1252])
    expect([size(3, 200, true), size(4, 200, true)]).toEqual([1252, 500])
  })

  it("the limit falls when the peer was heard after two transmissions, of which nothing passed", () => {
    const { mtu } = sendState(begin(), () => false, 1n, 1200, false)
    const again = (before: PathMtu.PathMtu, heardAt: number, now: number, isLossy = false) => {
      const timeout = { timeouts: 9, echoedAt: -Infinity, heardAt, srtt: RTT, isLossy }
      const after = PathMtu.timedOut(before, timeout, now)
      return { ...after, sentAt: now }
    }
    const once = again(mtu, 3000, 3100)
    expect(once.size).toBe(1252)
    // Not heard since the second transmission, and heard too early to know of it.
    expect(again(once, 3000, 3500).size).toBe(1252)
    expect(again(once, 3100 + RTT - 1, 3500).size).toBe(1252)
    expect(again(once, 6000, 6100).size).toBe(500)
    expect(again(once, 6000, 6100, true).size).toBe(1252)
    // A heartbeat acknowledges what was known.
    expect(again(PathMtu.stateAcknowledged(once, 0n, 3200), 6000, 6100).size).toBe(500)
  })

  it("a small state never reduces the limit", () => {
    const { mtu } = sendState(begin(), () => false, 1n, 499, false)
    expect(PathMtu.timedOut(mtu, echoed(20), 2000)).toBe(mtu)
  })

  it("an acknowledged state is forgotten", () => {
    const { mtu } = sendState(begin(), () => true, 1n, 5000, false)
    expect(PathMtu.timedOut(PathMtu.stateAcknowledged(mtu, 1n, 100), echoed(9), 2000).size).toBe(1252)
  })
})

describe("streams", () => {
  it.prop(
    "find what the path carries above the usual size",
    [Between(1252, 6000), Schema.Boolean],
    ([carried, local]) => {
      const carries: Carries = (size) => size <= carried
      const session = begin()
      const most = PathMtu.largest(session.mtu, local)
      const { session: found } = settle({ ...session, mtu: PathMtu.streamBusy(session.mtu, most, 0) }, carries)
      expect(found.mtu.size).toBeLessThanOrEqual(Math.min(carried, most))
      expect(Math.min(carried, most) - found.mtu.size).toBeLessThanOrEqual(PathMtu.STEP)
      expect(PathMtu.instructionLimit(found.mtu)).toBe(1252)
      expect(PathMtu.streamBusy(found.mtu, most, found.now + 1000).due).toBeUndefined()
    }
  )

  it.prop("return to what passes if the path becomes narrower", [Between(500, PathMtu.MAX)], ([carried]) => {
    const all: Carries = () => true
    const carries: Carries = (size) => size <= carried
    const wide = settle({ ...begin(), mtu: PathMtu.streamBusy(begin().mtu, PathMtu.MAX, 0) }, all).session
    expect(wide.mtu.size).toBe(PathMtu.MAX)
    const { session } = settle({ ...wide, mtu: PathMtu.suspect(wide.mtu, wide.now) }, carries)
    expect(session.mtu.size).toBeLessThanOrEqual(carried)
    expect(carried - session.mtu.size).toBeLessThanOrEqual(PathMtu.STEP)
  })
})

describe("a refusal", () => {
  it("of a datagram within the limit reduces it to the floor", () => {
    expect(PathMtu.refused(begin().mtu, undefined, 0).size).toBe(500)
    expect(PathMtu.refused(begin().mtu, 1252, 0).size).toBe(500)
  })

  it("of a larger probe only ends the search there", () => {
    const { mtu } = begin()
    expect(PathMtu.refused(mtu, 1472, 0).size).toBe(1252)
  })
})

it.prop(
  "whatever is acknowledged, the limit stays between the floor and what was probed",
  [Schema.Array(Schema.Struct({ kind: Between(0, 6), a: Between(0, 3000), b: Between(0, 60) }))],
  ([script]) => {
    let session = begin()
    for (const { a, b, kind } of script) {
      session = { ...session, now: session.now + a }
      const { mtu, now } = session
      if (kind < 2) session = sendState(session, () => b % 2 === 0, BigInt(b), 1 + a * 3, kind === 0)
      else if (kind === 2) session = round(session, (size, number) => (size * number + a) % 3 > 0)
      else if (kind === 3)
        session = { ...session, mtu: PathMtu.acknowledged(mtu, [{ first: a % 50, last: (a % 50) + b }], now) }
      else if (kind === 4) session = { ...session, mtu: PathMtu.refused(mtu, b === 0 ? undefined : a, now) }
      else if (kind === 5)
        session = { ...session, mtu: PathMtu.timedOut(mtu, { ...echoed(b), echoedAt: a, heardAt: b }, now) }
      else session = { ...session, mtu: PathMtu.suspect(PathMtu.streamBusy(mtu, PathMtu.MAX, now), now) }
      expect(session.mtu.size).toBeGreaterThanOrEqual(PathMtu.FLOOR)
      expect(session.mtu.size).toBeLessThanOrEqual(PathMtu.MAX)
      expect(session.mtu.ceiling).toBeGreaterThanOrEqual(session.mtu.size)
      expect(session.mtu.states.length).toBeLessThanOrEqual(8)
      expect(session.mtu.missing.probes.length).toBeLessThanOrEqual(10)
      for (const size of session.mtu.due?.sizes ?? []) {
        expect(size).toBeGreaterThanOrEqual(PathMtu.FLOOR)
        expect(size).toBeLessThanOrEqual(PathMtu.MAX)
      }
    }
  }
)
