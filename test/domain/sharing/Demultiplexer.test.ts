import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ConnectionId from "../../../src/domain/crypto/ConnectionId.ts"
import * as AddressTable from "../../../src/domain/sharing/AddressTable.ts"
import * as Demultiplexer from "../../../src/domain/sharing/Demultiplexer.ts"
import * as FairShare from "../../../src/domain/sharing/FairShare.ts"
import * as Strangers from "../../../src/domain/sharing/Strangers.ts"
import * as TrialBudget from "../../../src/domain/sharing/TrialBudget.ts"
import * as Port from "./port.ts"

const below = (limit: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: limit - 1 }))

const KEYS = 12
const HOSTS = 6
const PORTS = 5

const Event = Schema.Union([
  Schema.Struct({ _tag: Schema.tag("Join"), key: below(KEYS) }),
  Schema.Struct({ _tag: Schema.tag("Leave"), key: below(KEYS) }),
  Schema.Struct({ _tag: Schema.tag("Reach"), key: below(KEYS), block: below(3) }),
  Schema.Struct({ _tag: Schema.tag("Wait"), time: below(20_000) }),
  Schema.Struct({
    _tag: Schema.tag("Datagram"),
    key: below(KEYS),
    host: below(HOSTS),
    port: below(PORTS),
    isNews: Schema.Boolean,
    hasId: Schema.Boolean
  }),
  Schema.Struct({
    _tag: Schema.tag("Garbage"),
    host: below(HOSTS),
    port: below(PORTS),
    count: below(50),
    hasId: Schema.Boolean
  }),
  Schema.Struct({ _tag: Schema.tag("Send"), key: below(KEYS), host: below(HOSTS), port: below(PORTS) })
])

const address = (host: number, port: number): Demultiplexer.Source => ({
  host: host % 2 === 0 ? `192.0.2.${host}` : `2001:db8:${host}::1`,
  port: 1000 + port
})

/** `count` sessions, each with a client that has connected, on a host of its own. The last one was active last. */
const populated = (count: number): Port.Port => {
  const port = Port.make()
  for (let key = 0; key < count; key++) {
    port.join(key)
    port.receive(Port.sealed(key, 1), home(key), 0)
  }
  return port
}

const home = (key: number): Demultiplexer.Source => ({ host: `10.0.${key >> 8}.${key & 255}`, port: 5000 })
const stranger = (i: number): Demultiplexer.Source => ({ host: `203.0.${(i >> 8) & 255}.${i & 255}`, port: 9 })

describe("a demultiplexer", () => {
  it("forgets the addresses of a session that has left", () => {
    const port = Port.make()
    port.join(1)
    port.receive(Port.sealed(1, 1), { host: "10.0.0.1", port: 5000 }, 0)
    expect(port.state.addresses.byHost.size).toBe(1)
    port.leave(1)
    expect(port.state.addresses.byHost.size).toBe(0)
  })

  it.prop(
    "delivers a datagram to the session whose key opens it, always from an address that the session uses",
    [Schema.Array(Event)],
    ([events]) => {
      const port = Port.make()
      let now = 0
      let sequence = 1
      const forged = (host: number, from: number, hasId: boolean) => {
        const before = port.opened()
        // With an id that a session may expect.
        const datagram = hasId
          ? Port.withId(Port.FORGED, sequence++, Port.idOf(from)(0))
          : Port.sealed(Port.FORGED, sequence++)
        expect(port.receive(datagram, address(host, from), now)).toBeTypeOf("string")
        expect(port.opened() - before).toBeLessThanOrEqual(port.members.size)
      }
      for (const event of events) {
        switch (event._tag) {
          case "Join":
            if (!port.members.has(event.key)) port.join(event.key)
            break
          case "Leave":
            port.leave(event.key)
            break
          case "Reach":
            port.reach(event.key, event.block)
            break
          case "Wait":
            now += event.time
            break
          case "Garbage":
            for (let i = 0; i < event.count; i++) forged(event.host, event.port, event.hasId)
            break
          case "Send": {
            const member = port.members.get(event.key)
            if (member !== undefined) Demultiplexer.sending(port.state, member, address(event.host, event.port))
            break
          }
          case "Datagram": {
            const source = address(event.host, event.port)
            const user = AddressTable.sessionsAt(port.state.addresses, source).slice(
              -Demultiplexer.SESSIONS_PER_ADDRESS
            )
            const isKnown = user.some(({ session }) => session === event.key)
            const seal = event.hasId ? Port.withId : Port.sealed
            const to = port.receive(seal(event.key, sequence++), source, now, event.isNews)
            if (typeof to === "number") expect(to).toBe(event.key)
            else expect(isKnown && (!event.hasId || port.members.get(event.key)?.prefixes.length !== 0)).toBe(false)
            if (!port.members.has(event.key)) expect(to).toBeTypeOf("string")
          }
        }
        expect(Demultiplexer.size(port.state)).toBe(port.members.size)
        expect(port.state.strangers.size).toBeLessThanOrEqual(Strangers.MAX_NETWORKS)
        const most = AddressTable.ADDRESSES_PER_SESSION * port.members.size
        expect(port.state.addresses.byAddress.size).toBeLessThanOrEqual(most)
        expect(port.state.addresses.byHost.size).toBeLessThanOrEqual(most)
        expect(port.state.prefixes.size).toBeLessThanOrEqual((1 + ConnectionId.AHEAD) * port.members.size)
      }
      for (const key of port.members.keys()) port.leave(key)
      expect([port.state.addresses.byAddress.size, port.state.addresses.byHost.size]).toEqual([0, 0])
      expect(port.state.prefixes.size).toBe(0)
      expect([port.state.waiting.first, port.state.connected.first]).toEqual([undefined, undefined])
    },
    { arbitrary: { runs: 500 } }
  )

  it("decrypts a datagram of a known address once", () => {
    const port = populated(300)
    for (let key = 0; key < 300; key++) {
      const before = port.opened()
      expect(port.receive(Port.sealed(key, 2), home(key), 0)).toBe(key)
      expect(port.opened() - before).toBe(1)
    }
  })

  it("bounds the work of a flood from ever new hosts, and delivers from known addresses all the while", () => {
    const port = populated(300)
    const start = port.opened()
    const duration = 1000
    let delivered = 0
    let i = 0
    for (let now = 1; now <= duration; now++) {
      for (let n = 0; n < 5; n++) port.receive(Port.sealed(Port.FORGED, now), stranger(i++), now)
      expect(port.receive(Port.sealed(now % 300, now), home(now % 300), now)).toBe(now % 300)
      delivered++
    }
    expect(port.opened() - start - delivered).toBeLessThanOrEqual(TrialBudget.BURST + TrialBudget.RATE * duration)
  })

  it("bounds the work of a flood with the addresses of clients, and delivers from them all the while", () => {
    const port = populated(500)
    const start = port.opened()
    const duration = 500
    const each = 60
    let delivered = 0
    for (let now = 1; now <= duration; now++) {
      for (let n = 0; n < each; n++) port.receive(Port.sealed(Port.FORGED, now), home((now * each + n) % 500), now)
      expect(port.receive(Port.sealed(now % 500, now), home(now % 500), now)).toBe(now % 500)
      delivered++
    }
    // One decryption for each forged datagram, as on a port of its own, and trials within both budgets.
    const trials = port.opened() - start - delivered - each * duration
    expect(trials).toBeLessThanOrEqual(2 * (TrialBudget.BURST + TrialBudget.RATE * duration))
  })

  it("finds a client on another port of its host at once, even while forged datagrams use up all other trials", () => {
    const port = populated(1000)
    for (let i = 0; i < 3000; i++) port.receive(Port.sealed(Port.FORGED, 1), stranger(i), 1)
    expect(port.state.counters.dropped.limited).toBeGreaterThan(0)
    const before = port.opened()
    expect(port.receive(Port.sealed(7, 2), { ...home(7), port: 6000 }, 1)).toBe(7)
    expect(port.opened() - before).toBe(1)
  })

  it("finds a client on another host, the most recently active first, and knows its address afterwards", () => {
    const port = populated(1000)
    const elsewhere = (key: number) => ({ host: `198.51.100.${key & 255}`, port: 7000 + key })
    let now = 0
    const cost = (key: number, source: Demultiplexer.Source) => {
      const before = port.opened()
      now += 1000
      expect(port.receive(Port.sealed(key, 3), source, now)).toBe(key)
      return port.opened() - before
    }
    expect(cost(999, elsewhere(999))).toBe(1)
    expect(cost(0, elsewhere(0))).toBe(1000)
    // It is the most recently active one now.
    expect(cost(0, { host: "198.51.101.1", port: 1 })).toBe(1)
    expect(cost(0, elsewhere(0))).toBe(1)
  })

  it("finds a client that connects first among the sessions that wait for one", () => {
    const port = populated(1000)
    port.join(2000)
    port.receive(Port.sealed(5, 2), home(5), 1000)
    const before = port.opened()
    expect(port.receive(Port.sealed(2000, 1), stranger(1), 1000)).toBe(2000)
    expect(port.opened() - before).toBe(1)
  })

  it("finds clients that connect in the order in which their sessions were opened, long before, by two trials at most", () => {
    const port = Port.make()
    for (let key = 0; key < 1000; key++) port.join(key)
    for (let key = 0; key < 1000; key++) {
      const before = port.opened()
      expect(port.receive(Port.sealed(key, 1), stranger(key), key)).toBe(key)
      expect(port.opened() - before).toBeLessThanOrEqual(2)
    }
  })

  it("finds the client of a new session by one trial, while the clients of older ones never come", () => {
    const port = Port.make()
    for (let key = 0; key < 1000; key++) port.join(key)
    for (let key = 1000; key < 1100; key++) {
      port.join(key)
      const before = port.opened()
      expect(port.receive(Port.sealed(key, 1), stranger(key), key)).toBe(key)
      expect(port.opened() - before).toBe(1)
    }
  })

  it("connects as many clients in 15 s as there are sessions, which all were opened before", () => {
    const port = Port.make()
    const count = 1000
    for (let key = 0; key < count; key++) port.join(key)
    const connected = new Set<number>()
    let now = 0
    // Each sends four times a second, in no order of the sessions.
    for (; now < 15_000 && connected.size < count; now++)
      for (let i = now % 250; i < count; i += 250) {
        const key = (i * 387) % count
        if (connected.has(key)) continue
        if (port.receive(Port.sealed(key, 1), stranger(key), now) === key) connected.add(key)
      }
    expect(connected.size).toBe(count)
  })

  it("does not know an address after a replay", () => {
    const port = populated(1000)
    const source = stranger(1)
    port.receive(Port.sealed(5, 1), source, 0, false)
    expect(AddressTable.sessionsAt(port.state.addresses, source)).toEqual([])
  })

  it("bounds the work of a flood that repeats an authentic datagram, and neither its session nor another one loses any", () => {
    const port = populated(500)
    const repeated = Port.sealed(5, 1)
    const member = port.members.get(5)
    if (member === undefined) throw new Error("no member")
    const known = port.state.addresses.byAddress.size
    const start = port.opened()
    const duration = 1000
    let delivered = 0
    let repetitions = 0
    for (let now = 1; now <= duration; now++) {
      for (let n = 0; n < 20; n++) {
        if (port.receive(repeated, stranger(repetitions++), now, false) !== 5) continue
        // A session recognizes a replay by its number, without reading it.
        Demultiplexer.processed(port.state, member, 0.005, now)
      }
      for (const key of [5, now % 500]) {
        expect(port.receive(Port.sealed(key, 1 + now), home(key), now)).toBe(key)
        delivered++
      }
    }
    expect(port.state.counters.found).toBeGreaterThan(500 + duration)
    expect(port.opened() - start - delivered).toBeLessThanOrEqual(TrialBudget.BURST + TrialBudget.RATE * duration)
    expect(port.state.addresses.byAddress.size).toBe(known)
    expect(AddressTable.sessionsAt(port.state.addresses, stranger(0))).toEqual([])
  })

  it("keeps the address that a session sends to, from however many others its datagrams arrive first", () => {
    const port = populated(10)
    const member = port.members.get(3)
    if (member === undefined) throw new Error("no member")
    for (let i = 0; i < 20; i++) {
      port.receive(Port.sealed(3, 10 + i), stranger(i), i)
      Demultiplexer.sending(port.state, member, home(3))
    }
    expect(AddressTable.sessionsAt(port.state.addresses, home(3))).toEqual([member])
    expect(member.addresses.length).toBe(AddressTable.ADDRESSES_PER_SESSION)
  })

  it("delivers to two sessions whose clients use one address", () => {
    const port = populated(10)
    expect(port.receive(Port.sealed(4, 2), home(3), 0)).toBe(4)
    expect(port.receive(Port.sealed(3, 2), home(3), 0)).toBe(3)
    expect(port.receive(Port.sealed(4, 3), home(3), 0)).toBe(4)
    port.leave(3)
    expect(port.receive(Port.sealed(4, 4), home(3), 0)).toBe(4)
  })

  it("suspends a network whose datagrams belong to no session, ever longer, and forgives it after a time without failures", () => {
    const port = populated(10)
    const forged = (now: number) => port.receive(Port.sealed(Port.FORGED, 1), stranger(1), now)
    expect(forged(0)).toBe("unauthentic")
    expect(forged(Strangers.SUSPENSION_MIN - 1)).toBe("suspended")
    expect(forged(Strangers.SUSPENSION_MIN)).toBe("unauthentic")
    expect(forged(3 * Strangers.SUSPENSION_MIN - 1)).toBe("suspended")
    const later = 10 * Strangers.SUSPENSION_MIN
    expect(forged(later)).toBe("unauthentic")
    expect(forged(later + Strangers.SUSPENSION_MIN)).toBe("unauthentic")
  })

  it("finds clients that move while all hosts of one network send forged datagrams", () => {
    const port = populated(500)
    let sequence = 2
    for (let now = 1; now <= 10_000; now++) {
      port.receive(Port.sealed(Port.FORGED, now), { host: `2001:db8:7:7::${now.toString(16)}`, port: 5 }, now)
      if (now % 200 > 0) continue
      const key = (now / 200) * 7
      expect(port.receive(Port.sealed(key, sequence++), stranger(now / 200), now)).toBe(key)
    }
  })

  it("drops, undecrypted, what a session sends beyond its share of time, and delivers to all others", () => {
    const port = populated(10)
    const member = port.members.get(3)
    if (member === undefined) throw new Error("no member")
    for (let key = 0; key < 10; key++) {
      const other = port.members.get(key)
      if (other !== undefined) Demultiplexer.processed(port.state, other, 1, 1000)
    }
    let delivered = 0
    const before = port.opened()
    for (let i = 0; i < 100; i++) {
      if (port.receive(Port.sealed(3, 2 + i), home(3), 1000) !== 3) continue
      delivered++
      Demultiplexer.processed(port.state, member, 1, 1000)
    }
    expect(delivered).toBe(FairShare.SHARE - 1)
    expect(port.opened() - before).toBe(delivered)
    expect(port.state.counters.dropped.overload).toBe(100 - delivered)
    // A client that was found on another address is still the same session.
    expect(port.receive(Port.sealed(3, 200), { ...home(3), port: 77 }, 1000)).toBe("overload")
    for (const key of [0, 1, 2, 4, 9]) expect(port.receive(Port.sealed(key, 2), home(key), 1000)).toBe(key)
    expect(port.receive(Port.sealed(3, 300), home(3), 1000 + FairShare.WINDOW)).toBe(3)
  })

  it("drops without decryption what no client can have sent", () => {
    const port = populated(3)
    const before = port.opened()
    const fromServer = Port.sealed(1, 2)
    fromServer[0] = 0x80
    const unreachable = Port.withId(1, 2)
    const long = new Uint8Array(65_507)
    for (const bytes of [fromServer, unreachable, long, Port.sealed(1, 2).subarray(1), new Uint8Array()])
      expect(port.receive(bytes, home(1), 0)).toBe("malformed")
    expect(port.opened()).toBe(before)
  })
})

describe("the network of an address", () => {
  it("is the address for IPv4, and its first 64 bits for IPv6", () => {
    const networks = ["192.0.2.1", "2001:db8:1:2:3:4:5:6", "2001:db8::1", "::1", "fe80::1%eth0", "1:2:3::4:5:6"].map(
      Strangers.networkOf
    )
    expect(networks).toEqual(["192.0.2.1", "2001:db8:1:2", "2001:db8:0:0", "0:0:0:0", "fe80:0:0:0", "1:2:3:0"])
  })

  it.prop("is total", [Schema.String], ([text]) => {
    expect(Strangers.networkOf(text)).toBeTypeOf("string")
  })
})
