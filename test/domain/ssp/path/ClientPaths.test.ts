/**
 * Where a client sends that knows several addresses of its server: laws over arbitrary events, and whole sessions whose paths
 * break in one direction or both, with our server and with one that follows the newest packet, as stock's does.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ClientPaths from "../../../../src/domain/ssp/path/ClientPaths.ts"
import * as Timing from "../../../../src/domain/ssp/Timing.ts"
import { Features } from "../../../../src/domain/ssp/SyncObject.ts"
import { DEAD, RELAY, start, WORKS } from "../paths-session.ts"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** Addresses are numbers; those from 6 on are relays. */
const List = Schema.Array(between(0, 7)).check(Schema.isMaxLength(12))
const candidates = (list: ReadonlyArray<number>) =>
  [...new Set(list)].map((address) => ({ address, isRelay: address >= 6 }))

const Event = Schema.Struct({
  kind: Schema.Literals([
    "received",
    "received",
    "received",
    "tick",
    "replace",
    "disrupted",
    "acknowledged",
    "transmitted"
  ]),
  after: Schema.Literals([0, 10, 200, 1000, 4000, 11_000]),
  source: between(0, 8),
  isNews: Schema.Boolean,
  list: List
})

const same = (a: number, b: number) => a === b

describe("For all events", () => {
  it.prop(
    "a client with fewer than two candidates has no timer, and one destination",
    [Schema.Array(Event), between(0, 7)],
    ([events, address]) => {
      let now = 1_000_000
      let paths = ClientPaths.init(candidates([address]), now)
      for (const { after, isNews, kind, source } of events) {
        now += after
        const knowledge = { rto: 1000, roundTripAt: kind === "acknowledged" ? now : -Infinity }
        const next = ClientPaths.received(paths, same, { source, isNews }, knowledge, now)
        expect(next).toBe(paths)
        expect(ClientPaths.tick(paths, now)).toBe(paths)
        if (kind === "disrupted") paths = ClientPaths.disrupted(paths, now)
        if (kind === "replace")
          paths = ClientPaths.replace(paths, same, candidates([address]), isNews ? now : -Infinity, now)
        expect(ClientPaths.deadline(paths)).toBe(Infinity)
        expect(ClientPaths.destinations(paths, knowledge, now)).toEqual([{ address, isRelay: address >= 6 }])
        expect(paths.moves).toBe(0n)
      }
    }
  )

  it.prop(
    "only an authentic packet moves the session, and a working path is left only for a better one",
    [List, Schema.Array(Event)],
    ([first, events]) => {
      let now = 1_000_000
      let paths = ClientPaths.init(candidates([...first, 0]), now)
      let roundTripAt = -Infinity
      for (const event of events) {
        now += event.after
        const before = paths
        const knowledge = { rto: 300, roundTripAt }
        const wasSearching = ClientPaths.isSearching(before, knowledge, now)
        switch (event.kind) {
          case "received":
            paths = ClientPaths.received(paths, same, event, knowledge, now)
            break
          case "tick":
            paths = ClientPaths.tick(paths, now)
            expect(ClientPaths.deadline(paths)).toBeGreaterThan(now)
            break
          case "replace":
            paths = ClientPaths.replace(paths, same, candidates(event.list), -Infinity, now)
            break
          case "disrupted":
            paths = ClientPaths.disrupted(paths, now)
            break
          case "acknowledged":
            roundTripAt = now
            break
          case "transmitted":
            paths = ClientPaths.transmitted(paths, knowledge, now)
            break
        }
        const { current } = paths
        expect(paths.candidates.length).toBeLessThanOrEqual(ClientPaths.CANDIDATES)
        expect(paths.candidates).toContain(current)
        if (before.current?.address !== current?.address) {
          expect(paths.moves).toBe(before.moves + 1n)
          if (event.kind === "received") {
            const isBetter = before.current?.isRelay === true && current?.isRelay === false
            expect(wasSearching || (isBetter && event.isNews)).toBe(true)
            expect(before.candidates).toContain(current)
          } else {
            expect(event.kind).toBe("replace")
            expect(event.list).not.toContain(before.current?.address)
          }
        }
        const destinations = ClientPaths.destinations(paths, knowledge, now)
        if (destinations.length > 1) expect(destinations).toContain(current)
        expect(new Set(destinations).size).toBe(destinations.length)
        for (const destination of destinations) expect(paths.candidates).toContain(destination)
        // A path that is known to work has no company, unless it is a relay.
        if (!ClientPaths.isSearching(paths, knowledge, now) && current?.isRelay === false)
          expect(destinations).toEqual([current])
      }
    },
    { arbitrary: { runs: 1000 } }
  )
})

it("a packet from another address moves no session whose path works", () => {
  const now = 1_000_000
  const knowledge = { rto: 300, roundTripAt: now }
  const arrive = (paths: ClientPaths.ClientPaths<number>, source: number, at: number) =>
    ClientPaths.received(paths, same, { source, isNews: true }, knowledge, at)
  const working = arrive(ClientPaths.init(candidates([0, 1]), now), 0, now)
  expect(arrive(working, 1, now + 10).current?.address).toBe(0)
  // Nothing has arrived on the path for longer than a server is silent.
  expect(arrive(working, 1, now + 10_000).current?.address).toBe(1)
})

it("a client with one candidate sends the same bytes at the same times, and has the same timers, as without any", () => {
  const run = (known: ReadonlyArray<string>, isStock: boolean) => {
    const session = start({ paths: { a: WORKS }, candidates: known, isStock })
    session.run(500)
    for (const text of ["one", "two", "three"]) {
      session.type(text)
      session.run(700)
    }
    session.change("a", DEAD)
    session.type("lost")
    session.run(25_000)
    session.input({ _tag: "PathChanged" })
    session.run(5000)
    session.change("a", WORKS)
    session.run(20_000)
    expect(session.isEchoed()).toBe(true)
    return { sent: session.sent, deadlines: session.deadlines }
  }
  for (const isStock of [false, true]) expect(run(["a"], isStock)).toEqual(run([], isStock))
})

const servers = [
  ["our server", { isStock: false, features: Features.endings }],
  ["a stock server", { isStock: true, features: 0 }]
] as const

describe.each(servers)("with %s", (_, peer) => {
  it("tries the second address 250 ms after the first, and keeps to the one that answers", () => {
    const session = start({ paths: { a: DEAD, b: WORKS }, candidates: ["a", "b"], ...peer })
    session.type("x")
    expect(session.runUntil(session.isEchoed, 400)).toBe(true)
    expect(session.sent.find(({ to }) => to === "b")?.at).toBe(1_000_000 + Timing.CANDIDATE_DELAY)
    expect(session.current()).toBe("b")
    const from = session.sent.length
    session.run(20_000)
    expect(session.sent.slice(from).filter(({ to }) => to !== "b")).toEqual([])
  })

  it("sends nothing to the second address if the first answers in time", () => {
    const session = start({ paths: { a: WORKS, b: WORKS }, candidates: ["a", "b"], ...peer })
    session.type("x")
    session.run(30_000)
    expect(session.isEchoed()).toBe(true)
    expect(session.sent.filter(({ to }) => to !== "a")).toEqual([])
  })

  it.each([
    ["in both directions", DEAD],
    ["to the server", { ...WORKS, toServer: false }],
    ["to the client", { ...WORKS, toClient: false }]
  ] as const)("moves within 15 s when the current path breaks %s, and loses nothing", (_, broken) => {
    const session = start({ paths: { a: WORKS, b: { ...WORKS, delay: 50 } }, candidates: ["a", "b"], ...peer })
    expect(session.echoTime()).toBeLessThan(100)
    session.run(2000)
    session.change("a", broken)
    expect(session.echoTime("typed meanwhile")).toBeLessThan(15_000)
    session.run(15_000)
    expect(session.current()).toBe("b")
    for (let i = 0; i < 10; i++) {
      session.run(3000)
      expect(session.echoTime()).toBeLessThan(200)
    }
  })

  it("returns to whichever path works first after an outage of all", () => {
    for (const returns of ["a", "b"]) {
      const session = start({ paths: { a: WORKS, b: WORKS }, candidates: ["a", "b"], ...peer })
      session.echoTime()
      session.change("a", DEAD)
      session.change("b", DEAD)
      session.type("y")
      session.run(120_000)
      session.change(returns, WORKS)
      expect(session.runUntil(session.isEchoed, 5000)).toBe(true)
      session.run(1000)
      expect(session.current()).toBe(returns)
    }
  })

  it("tries addresses that it learns during the silence at once", () => {
    const session = start({ paths: { a: WORKS, b: WORKS }, candidates: ["a"], ...peer })
    session.echoTime()
    session.change("a", DEAD)
    session.type("y")
    expect(session.runUntil(() => session.lookUps().length > 0, 15_000)).toBe(true)
    session.offer(["b", "a"])
    expect(session.runUntil(session.isEchoed, 500)).toBe(true)
    expect(session.current()).toBe("b")
  })

  it("looks the name up again ever less often while the server is silent, and not at other times", () => {
    const session = start({ paths: { a: WORKS }, candidates: ["a"], ...peer })
    session.echoTime()
    session.run(100_000)
    expect(session.lookUps()).toEqual([])
    session.change("a", DEAD)
    session.run(300_000)
    const gaps = session.lookUps().map((at, i, all) => at - (all[i - 1] ?? 100_000))
    expect(gaps.length).toBeGreaterThan(5)
    expect(gaps.length).toBeLessThan(12)
    for (const gap of gaps) expect(gap).toBeLessThan(Timing.LOOK_UP_MAX + 3 * Timing.ACK_INTERVAL)
  })

  it("uses the relay while UDP is blocked, and returns within 60 s without a stall", () => {
    const session = start({ paths: { a: DEAD, [RELAY]: { ...WORKS, delay: 40 } }, candidates: ["a"], ...peer })
    session.type("x")
    session.run(1500)
    session.offer(["a", RELAY])
    expect(session.runUntil(session.isEchoed, 500)).toBe(true)
    expect(session.current()).toBe(RELAY)
    for (let i = 0; i < 40; i++) {
      session.run(1777)
      expect(session.echoTime()).toBeLessThan(200)
    }
    expect(session.current()).toBe(RELAY)
    session.change("a", WORKS)
    expect(session.runUntil(() => session.current() === "a", 60_000)).toBe(true)
    const from = session.sent.length
    for (let i = 0; i < 20; i++) {
      session.run(1777)
      expect(session.echoTime()).toBeLessThan(100)
    }
    expect(session.sent.slice(from).filter(({ to }) => to === RELAY)).toEqual([])
  })

  it("looks the name up while only the relay works, and leaves it for the new address", () => {
    const session = start({ paths: { a: WORKS, b: WORKS, [RELAY]: WORKS }, candidates: ["a"], ...peer })
    session.echoTime()
    session.change("a", DEAD)
    session.type("y")
    session.run(6000)
    session.offer(["a", RELAY])
    expect(session.runUntil(() => session.lookUps().length > 0, 10_000)).toBe(true)
    expect(session.current()).toBe(RELAY)
    session.run(120_000)
    expect(session.lookUps().length).toBeLessThan(5)
    session.offer(["b", "a", RELAY])
    expect(session.runUntil(() => session.current() === "b", 4000)).toBe(true)
  })

  it.each([
    ["to the server", { ...WORKS, toClient: false }],
    ["to the client", { ...WORKS, toServer: false }]
  ] as const)("stays on the relay while UDP only works %s", (_, oneWay) => {
    const session = start({ paths: { a: WORKS, [RELAY]: { ...WORKS, delay: 40 } }, candidates: ["a", RELAY], ...peer })
    session.echoTime()
    session.change("a", DEAD)
    session.run(20_000)
    expect(session.current()).toBe(RELAY)
    session.change("a", oneWay)
    const times: Array<number> = []
    for (let i = 0; i < 60; i++) {
      session.run(1777)
      times.push(session.echoTime())
    }
    expect(session.current()).toBe(RELAY)
    // While it checks UDP, a stock server answers there.
    for (const time of times) expect(time).toBeLessThan(200 + Timing.RELAY_CHECK_WINDOW)
    expect(times.filter((time) => time > 200).length).toBeLessThan(times.length / 10)
  })

  it("leaves the relay at once when it is taken away", () => {
    const session = start({ paths: { a: WORKS, [RELAY]: WORKS }, candidates: [RELAY], ...peer })
    session.echoTime()
    const from = session.sent.length
    session.offer(["a"])
    expect(session.sent.slice(from).map(({ to }) => to)).toEqual(["a"])
    expect(session.echoTime()).toBeLessThan(200)
    expect(session.current()).toBe("a")
  })

  it.each([
    ["one address", ["a"]],
    ["several addresses", ["a", "b"]]
  ])("returns to the relay as soon as another ssh carries it, where UDP is blocked to %s", (_, udp) => {
    const paths = { a: DEAD, b: DEAD, [RELAY]: WORKS }
    const session = start({ paths, candidates: [...udp, RELAY], ...peer })
    session.echoTime()
    session.run(2000)
    for (let i = 0; i < 3; i++) {
      expect(session.current()).toBe(RELAY)
      session.change(RELAY, DEAD)
      session.offer(udp)
      session.run(500)
      session.change(RELAY, WORKS)
      const from = session.sent.length
      session.offer([...udp, RELAY])
      // The server does not know where the new relay is until something arrives from it.
      expect(session.sent.slice(from).map(({ to }) => to)).toContain(RELAY)
      expect(session.echoTime()).toBeLessThan(200)
      session.run(4000)
    }
  })

  it("keeps a server that answers from another of its addresses", () => {
    const session = start({ paths: { a: { ...WORKS, answersFrom: "c" }, b: DEAD }, candidates: ["a", "b"], ...peer })
    for (let i = 0; i < 20; i++) {
      expect(session.echoTime()).toBeLessThan(400)
      session.run(3000)
    }
    expect(session.current()).toBe("a")
    expect(session.sent.filter(({ to }) => to === "b").length).toBeLessThan(4)
  })
})

it("a refusal from an address that the session does not use does not end it", () => {
  const session = start({ paths: { a: WORKS, b: DEAD }, candidates: ["a", "b"] })
  session.echoTime()
  session.input({ _tag: "Shutdown" })
  for (let i = 0; i < 10; i++) session.input({ _tag: "Refused", from: "b" })
  expect(session.client().ended).toBeUndefined()
  session.run(1000)
  expect(session.client().ended).toBe("Acknowledged")
})
