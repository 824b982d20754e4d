/**
 * Where a server sends when datagrams arrive from several addresses: laws over arbitrary arrivals, and whole sessions
 * whose client roams, or whose datagrams an attacker forwards.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as PathValidation from "../../../../src/domain/ssp/path/PathValidation.ts"
import * as Timing from "../../../../src/domain/ssp/Timing.ts"
import * as UserStream from "../../../../src/domain/objects/UserStream.ts"
import * as Timestamp16 from "../../../../src/domain/wire/Timestamp16.ts"
import * as Note from "../Note.ts"
import { type Attacker, start } from "../session.ts"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const Arrival = Schema.Struct({
  after: between(0, 4000),
  address: between(0, 5),
  /** Relative to the next expected number: 0 and above is news; below 0 is late, or a copy. */
  sequence: between(-4, 2),
  /** The index, among the destinations, of the path that is echoed; none is if there is no such index. */
  echoes: between(0, 6),
  age: between(0, 6000),
  bytes: between(50, 1000),
  sent: between(0, 40_000)
})

const same = (a: number, b: number) => a === b

describe("For all arrivals", () => {
  it.prop(
    "the client's path is replaced only by one that it echoed, or after 10 s of silence",
    [Schema.Array(Arrival)],
    ([steps]) => {
      let paths = PathValidation.none<number>()
      let now = 1_000_000
      let next = 0n
      const received = new Map<number, number>()
      for (const { address, after, age, bytes, echoes, sent, sequence } of steps) {
        now += after
        const number = next + BigInt(sequence) < 0n ? 0n : next + BigInt(sequence)
        const isNews = number >= next
        if (isNews) next = number + 1n
        const echoed = PathValidation.destinations(paths)[echoes]
        const reply =
          isNews && echoed !== undefined && age < Timing.RTT_IGNORED
            ? Timestamp16.at(now - age + echoed.offset)
            : Timestamp16.NONE
        const before = paths
        const [after_, changes] = PathValidation.arrived(
          paths,
          same,
          { address, socket: 0, sequence: number, isNews, isCopy: !isNews, bytes, reply },
          now
        )
        paths = after_
        const all = PathValidation.destinations(paths)
        const { peer } = paths

        expect(all.length).toBeLessThanOrEqual(1 + PathValidation.CANDIDATES)
        expect(new Set(all.map(({ offset }) => offset)).size).toBe(all.length)
        expect(new Set(all.map(({ address }) => address)).size).toBe(all.length)
        expect(paths.contest === undefined).toBe(paths.candidates.length === 0)
        // A client that is at a new address is answered there at once.
        if (isNews) expect(all.map(({ address }) => address)).toContain(address)
        // A late packet or a copy moves no client whose path is validated, except back to its former address.
        if (!isNews && before.contest === undefined && before.peer?.isValidated === true && before.former === undefined)
          expect(PathValidation.destinations(paths)).toEqual(PathValidation.destinations(before))
        const isMoved = before.peer !== undefined && peer?.offset !== before.peer.offset
        expect(changes.includes("Moved")).toBe(isMoved)
        if (isMoved) {
          const isReturn = before.former !== undefined && same(before.former.path.address, peer?.address ?? -1)
          const isSilent = now - (before.contest?.since ?? now) >= Timing.PATH_SILENCE
          expect(peer?.isValidated === true || isReturn || isSilent).toBe(true)
        }
        paths = PathValidation.sent(
          paths,
          all.map(({ allowance }) => Math.min(sent, Math.max(0, allowance)))
        )
        for (const path of all) if (!path.isValidated && path !== peer) received.set(path.offset, path.allowance)
        for (const path of paths.candidates) expect(path.allowance).toBeGreaterThanOrEqual(0)
      }
    }
  )

  it("a client that comes from a third new address, while it may be at either of two, is answered there", () => {
    let paths = PathValidation.none<number>()
    let sequence = 0n
    const arrive = (address: number, now: number, reply = Timestamp16.NONE) => {
      const arrival = { address, socket: 0, sequence: sequence++, isNews: true, isCopy: false, bytes: 60, reply }
      paths = PathValidation.arrived(paths, same, arrival, now)[0]
    }
    const echoOf = (address: number, now: number) => {
      const path = PathValidation.destinations(paths).find((candidate) => candidate.address === address)
      return Timestamp16.at(now - 10 + (path?.offset ?? 0))
    }
    arrive(0, 1000)
    arrive(1, 2000)
    arrive(2, 2001)
    arrive(1, 2020, echoOf(1, 2020))
    arrive(2, 2021, echoOf(2, 2021))
    arrive(3, 2002 + Timing.PATH_CONTEST)
    expect(PathValidation.destinations(paths).map(({ address }) => address)).toContain(3)
  })

  it("no path that opens gets the offset of one that is still open, however many opened in between", () => {
    let paths = PathValidation.none<number>()
    for (let address = 0; address < 40; address++) {
      const arrival = { socket: 0, isNews: true, isCopy: false, bytes: 60, reply: Timestamp16.NONE }
      const sequence = BigInt(address)
      paths = PathValidation.arrived(paths, same, { ...arrival, address, sequence }, 1000 + address)[0]
      const offsets = PathValidation.destinations(paths).map(({ offset }) => offset)
      expect(new Set(offsets).size).toBe(offsets.length)
    }
  })

  it.prop(
    "an echo gives the round trip of the path that it was sent on",
    [between(0, 4999), between(1, 7)],
    ([time, roams]) => {
      let paths = PathValidation.none<number>()
      for (let i = 0; i <= roams; i++) {
        const arrival = { socket: 0, isNews: true, isCopy: false, bytes: 60, reply: Timestamp16.NONE }
        paths = PathValidation.arrived(paths, same, { ...arrival, address: i, sequence: BigInt(i) }, 1000 + i)[0]
      }
      for (const path of PathValidation.destinations(paths)) {
        const reply = Timestamp16.at(50_000 + path.offset)
        expect(PathValidation.roundTrip(paths, reply, 50_000 + time)).toEqual({ path, time })
      }
    }
  )
})

const RTT = 100

/** A session after some seconds of typing. `key` types a key and returns the time until its echo. */
const session = (rtt = RTT) => {
  const ends = start({
    client: { object: UserStream.object, initial: UserStream.EMPTY },
    server: { object: Note.object, initial: "" },
    conditions: { seed: 1, loss: 0, duplication: 0, delay: [rtt / 2, rtt / 2] }
  })
  const { client, now, run, server } = ends
  const key = (limit = 5000): number => {
    client.publish(UserStream.push(client.local(), Buffer.from("k")))
    const [before, typed] = [client.remote().state.length, now()]
    let echoed = server.remote().state.end
    while (client.remote().state.length === before && now() - typed < limit) {
      run(1)
      for (; echoed < server.remote().state.end; echoed++) server.publish(`${server.local()}k`)
    }
    return now() - typed
  }
  const keys = (count: number): number => {
    let most = 0
    for (let i = 0; i < count; i++) {
      most = Math.max(most, key())
      run(20 + ((i * 37) % 180))
    }
    return most
  }
  const peer = () => server.connection().paths.peer?.address
  return { ...ends, key, keys, peer }
}

const established = (rtt?: number) => {
  const ends = session(rtt)
  ends.keys(20)
  ends.run(1000)
  return ends
}

const roundTrip = (rtt = RTT) => rtt + 4

describe("A client that roams", () => {
  it.each([[20], [100], [500]])("is answered as soon as one that stays, with a round trip of %i ms", (rtt) => {
    const ends = established(rtt)
    for (let i = 0; i < 10; i++) {
      ends.move(`cafe${i}`)
      expect(ends.key()).toBeLessThanOrEqual(roundTrip(rtt))
      ends.run(50 + i * 300)
    }
    ends.run(500)
    ends.keys(3)
    expect(ends.peer()).toBe("cafe9:0")
  })

  it("is no longer answered at its old address after a round trip or two", () => {
    const ends = established()
    ends.move("cafe")
    ends.keys(3)
    const old = ends.bytesTo.get("home:0")
    ends.keys(20)
    expect([ends.peer(), ends.bytesTo.get("home:0")]).toEqual(["cafe:0", old])
  })

  it("while it is idle, is no longer answered at its old address after 10 s and a heartbeat", () => {
    const ends = established()
    ends.run(4000)
    ends.move("cafe")
    ends.run(30_000)
    expect(ends.peer()).toBe("cafe:0")
    expect(ends.server.connection().paths.candidates).toEqual([])
  })
})

/** Copies of everything arrive `lead` ms before the originals. */
const faster = (source: (i: number) => string, lead: number, relay?: number): Attacker => {
  let i = 0
  return {
    forward: () => [{ source: source(i++), after: -lead }],
    ...(relay !== undefined && { relay: (address) => (address.startsWith("mallory") ? relay : undefined) })
  }
}

describe("An attacker whose copies are faster", () => {
  const attacks: ReadonlyArray<readonly [string, (i: number) => string, number | undefined]> = [
    ["from one address", () => "mallory:0", undefined],
    ["from a new address each time", (i) => `mallory:${i}`, undefined],
    ["and who delivers the answers faster, too", () => "mallory:0", 45]
  ]
  it.each(attacks)("%s, neither moves a session nor slows it", (_, source, relay) => {
    for (const lead of [1, 5, 49]) {
      const ends = established()
      ends.attack(faster(source, lead, relay))
      expect(ends.keys(100)).toBeLessThanOrEqual(roundTrip())
      expect(ends.peer()).toBe("home:0")
      ends.attack(undefined)
      ends.keys(5)
      expect(ends.server.connection().paths.candidates).toEqual([])
    }
  })

  it("does not move an idle session", () => {
    const ends = established()
    ends.attack(faster(() => "mallory:0", 5))
    ends.run(120_000)
    expect(ends.key()).toBeLessThanOrEqual(roundTrip())
    expect(ends.peer()).toBe("home:0")
  })

  it("and who is there before the session starts, does not get it", () => {
    const ends = session()
    ends.attack(faster(() => "mallory:0", 5))
    expect(ends.keys(3)).toBeLessThanOrEqual(2 * RTT + 50)
    ends.run(2000)
    expect(ends.keys(50)).toBeLessThanOrEqual(roundTrip())
    expect(ends.peer()).toBe("home:0")
  })

  it("and who waits where the client roams to, does not get the session", () => {
    const ends = established()
    ends.move("cafe")
    ends.attack(faster(() => "mallory:0", 5))
    expect(ends.keys(50)).toBeLessThanOrEqual(roundTrip())
    expect(ends.peer()).toBe("cafe:0")
  })

  it("makes a server send little to a victim's address", () => {
    const ends = established()
    const flood = () => {
      for (let i = 0; i < 2000; i++) {
        ends.server.publish(`${i}`.repeat(1000).slice(0, 20_000))
        ends.run(10)
        if (i % 20 === 0) ends.client.publish(UserStream.push(ends.client.local(), Buffer.from("k")))
      }
    }
    const fromVictim: Array<number> = []
    ends.attack({
      forward: () => {
        fromVictim.push(1)
        return [{ source: "victim:0", after: -5 }]
      }
    })
    flood()
    const toVictim = ends.bytesTo.get("victim:0") ?? 0
    const toClient = ends.bytesTo.get("home:0") ?? 0
    expect(fromVictim.length).toBeGreaterThan(20)
    expect(toVictim).toBeLessThan(Timing.PATH_ALLOWANCE + fromVictim.length * 3 * 200 + 1252 * fromVictim.length)
    expect(toVictim).toBeLessThan(toClient / 4)
  })
})

describe("An attacker whose copies are slower", () => {
  it("and who forges the address that the client left, does not send the session back there", () => {
    const ends = established()
    ends.attack({ forward: (source) => (source === "home:0" ? [] : [{ source: "home:0", after: 3 }]) })
    ends.move("cafe")
    expect(ends.keys(100)).toBeLessThanOrEqual(roundTrip())
    expect(ends.peer()).toBe("cafe:0")
  })

  it("gets nothing from a session", () => {
    const ends = established()
    ends.attack({ forward: () => [{ source: "mallory:0", after: 5 }] })
    expect(ends.keys(50)).toBeLessThanOrEqual(roundTrip())
    expect([ends.peer(), ends.bytesTo.get("mallory:0")]).toEqual(["home:0", undefined])
  })
})
