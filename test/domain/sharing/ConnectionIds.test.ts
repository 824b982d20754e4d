import { describe, expect, it } from "@effect/vitest"
import * as ConnectionId from "../../../src/domain/crypto/ConnectionId.ts"
import * as Demultiplexer from "../../../src/domain/sharing/Demultiplexer.ts"
import * as FairShare from "../../../src/domain/sharing/FairShare.ts"
import * as TrialBudget from "../../../src/domain/sharing/TrialBudget.ts"
import * as Port from "./port.ts"

/** `count` sessions whose clients are connected, each on a host of its own, and use connection ids. */
const populated = (count: number): Port.Port => {
  const port = Port.make()
  for (let key = 0; key < count; key++) {
    port.join(key)
    port.receive(Port.sealed(key, 1), home(key), 0)
    port.reach(key, 0)
  }
  return port
}

const home = (key: number): Demultiplexer.Source => ({ host: `10.0.${key >> 8}.${key & 255}`, port: 5000 })
const elsewhere = (key: number): Demultiplexer.Source => ({ host: `198.51.${key >> 8}.${key & 255}`, port: 7000 })
const stranger = (i: number): Demultiplexer.Source => ({ host: `203.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, port: 9 })

/** What `receive` returns, and how many decryptions it took. */
const cost = (port: Port.Port, ...arguments_: Parameters<Port.Port["receive"]>) => {
  const before = port.opened()
  const to = port.receive(...arguments_)
  return [to, port.opened() - before]
}

describe("a client with connection ids", () => {
  it("is found on another host by one decryption among 1000 sessions, and its address is known afterwards", () => {
    const port = populated(1000)
    expect(cost(port, Port.withId(3, 2), elsewhere(3), 1)).toEqual([3, 1])
    expect(cost(port, Port.withId(3, 3), elsewhere(3), 1)).toEqual([3, 1])
    expect(port.state.counters).toMatchObject({ found: 1001, known: 1 })
  })

  it("is found with 999 others that move at the same time by 1000 decryptions", () => {
    const port = populated(1000)
    let opened = 0
    for (let key = 0; key < 1000; key++) {
      const [to, count = NaN] = cost(port, Port.withId(key, 2), elsewhere(key), 1)
      expect(to).toBe(key)
      opened += Number(count)
    }
    expect(opened).toBe(1000)
  })

  it("is found while a flood of forged datagrams uses up all other trials, and suspends its network", () => {
    const port = populated(1000)
    expect(port.receive(Port.sealed(Port.FORGED, 1), elsewhere(3), 1)).toBe("unauthentic")
    for (let i = 0; i < 3000; i++) port.receive(Port.sealed(Port.FORGED, 1), stranger(i), 1)
    // Other sessions' ids take the tokens that a search of all sessions leaves.
    for (let i = 0; i < 3000; i++) port.receive(Port.withId(Port.FORGED, 2, Port.idOf(5)(0)), stranger(i), 1)
    expect(port.receive(Port.sealed(Port.FORGED, 1), elsewhere(3), 1)).toBe("suspended")
    expect(TrialBudget.available(port.state.budgets.anyHost, 1)).toBe(0)
    expect(cost(port, Port.withId(3, 2), elsewhere(3), 1)).toEqual([3, 1])
  })

  it("is found beside another one with the same id by two decryptions", () => {
    const port = populated(1000)
    port.join(Port.COLLIDING)
    port.reach(Port.COLLIDING, 0)
    expect(cost(port, Port.withId(0, 2), elsewhere(0), 1)).toEqual([0, 1])
    expect(cost(port, Port.withId(Port.COLLIDING, 2), elsewhere(1), 1)).toEqual([Port.COLLIDING, 2])
    port.leave(0)
    expect(cost(port, Port.withId(Port.COLLIDING, 3), elsewhere(2), 1)).toEqual([Port.COLLIDING, 1])
  })

  it("is found in the block that its session reached and the next ones, and in no others", () => {
    const port = populated(10)
    const sequence = (block: number) => block * ConnectionId.BLOCK + 5
    port.reach(3, 7)
    const received = Array.from({ length: 20 }, (_, block) =>
      port.receive(Port.withId(3, sequence(block)), stranger(block), block, false)
    )
    expect(received).toEqual(received.map((_, block) => (block >= 7 && block <= 10 ? 3 : "malformed")))
    expect(port.state.prefixes.size).toBe((1 + ConnectionId.AHEAD) * 10)
    // The id of another block.
    const other = Port.withId(3, sequence(8), Port.idOf(3)(7))
    expect(cost(port, other, stranger(99), 99)).toEqual(["malformed", 0])
  })

  it("is found by a key that another session had before, with the ids of the new session only", () => {
    const port = populated(10)
    port.leave(3)
    expect(cost(port, Port.withId(3, 2), elsewhere(3), 1)).toEqual(["malformed", 0])
    port.join(3)
    expect(cost(port, Port.withId(3, 2), elsewhere(3), 1)).toEqual(["malformed", 0])
    port.reach(3, 0)
    expect(cost(port, Port.withId(3, 2), elsewhere(3), 1)).toEqual([3, 1])
  })

  it("is delivered from a known address with whatever id, and not to a session without ids", () => {
    const port = populated(10)
    expect(cost(port, Port.withId(3, 9 * ConnectionId.BLOCK), home(3), 1)).toEqual([3, 1])
    port.join(20)
    port.receive(Port.sealed(20, 1), home(20), 0)
    expect(cost(port, Port.withId(20, 2), home(20), 1)).toEqual(["malformed", 0])
    expect(cost(port, Port.sealed(20, 2), home(20), 1)).toEqual([20, 1])
  })

  it("is found without an id as before", () => {
    const port = populated(1000)
    expect(cost(port, Port.sealed(0, 2), elsewhere(0), 100)).toEqual([0, 1000])
  })

  it("is found with a large datagram, but not one that no client sends before its address is known", () => {
    const port = populated(10)
    const large = (id: number, length: number) => {
      const datagram = new Uint8Array(length)
      datagram.set(Port.withId(3, 2, id))
      return datagram
    }
    const id = Port.idOf(3)(0)
    expect(cost(port, large(id, 4096), home(3), 1)).toEqual([3, 1])
    expect(cost(port, large(id, 4097), home(3), 1)).toEqual(["malformed", 0])
    for (const some of [0, id]) {
      expect(cost(port, large(some, Demultiplexer.MAX_UNKNOWN + 1), elsewhere(3), 1)).toEqual(["malformed", 0])
    }
    expect(cost(port, large(id, Demultiplexer.MAX_UNKNOWN), elsewhere(3), 1)).toEqual([3, 1])
  })

  it("loses, undecrypted, what exceeds its share of time", () => {
    const port = populated(10)
    for (const key of [3, 4]) {
      const member = port.members.get(key)
      if (member !== undefined) Demultiplexer.processed(port.state, member, FairShare.SHARE, 1000)
    }
    for (let i = 0; i < 100; i++) expect(cost(port, Port.withId(3, 2 + i), elsewhere(3), 1000)).toEqual(["overload", 0])
    expect(cost(port, Port.withId(3, 200), elsewhere(3), 1000 + FairShare.WINDOW)).toEqual([3, 1])
  })

  it("takes a shared token if an attacker repeats its id; other sessions use their own", () => {
    const port = populated(1000)
    const forged = (i: number) => port.receive(Port.withId(Port.FORGED, 2, Port.idOf(3)(0)), stranger(i), 1)
    for (let i = 0; i < TrialBudget.BURST_BY_ID; i++) expect(forged(i)).toBe("unauthentic")
    expect(cost(port, Port.withId(4, 2), elsewhere(4), 1)).toEqual([4, 1])
    const left = TrialBudget.available(port.state.budgets.anyHost, 1)
    expect(cost(port, Port.withId(3, 2), elsewhere(3), 1)).toEqual([3, 1])
    expect(TrialBudget.available(port.state.budgets.anyHost, 1)).toBe(left - 1)
    const later = 1 + 1 / TrialBudget.RATE_BY_ID
    expect(cost(port, Port.withId(3, 3), stranger(3), later)).toEqual([3, 1])
  })
})

describe("a flood of forged datagrams", () => {
  it("with random ids costs no decryption but for chance, and suspends no network", () => {
    const port = populated(1000)
    const before = port.opened()
    for (let i = 0; i < 100_000; i++) {
      const datagram = Port.withId(Port.FORGED, (i * 7919) % 2 ** 40, 1 + ((i * 31) % 0xffff))
      expect(port.receive(datagram, elsewhere(i % 7), i)).toBeTypeOf("string")
    }
    expect(port.opened() - before).toBeLessThanOrEqual(1)
    expect(port.state.strangers.size).toBe(0)
  })

  it("with the id of a client hides neither that client nor those that connect, up to the rate of trials", () => {
    const port = populated(1000)
    const perMillisecond = 10
    for (let now = 1, i = 0; now <= 3000; now++) {
      for (let n = 0; n < perMillisecond; n++, i++) {
        const forged = Port.withId(Port.FORGED, 2, Port.idOf(3)(0))
        expect(port.receive(forged, stranger(i % 60_000), now)).toBe("unauthentic")
      }
      if (now % 500 !== 0) continue
      expect(cost(port, Port.withId(3, now), elsewhere(now), now)).toEqual([3, 1])
      port.join(1000 + now)
      expect(port.receive(Port.sealed(1000 + now, 1), elsewhere(40_000 + now), now)).toBe(1000 + now)
    }
  })

  it("with the ids of all sessions costs a bounded number of decryptions", () => {
    const port = populated(300)
    const start = port.opened()
    const duration = 1000
    const each = 50
    let i = 0
    for (let now = 1; now <= duration; now++)
      for (let n = 0; n < each; n++, i++) {
        const datagram = Port.withId(Port.FORGED, 2, Port.idOf(i % 300)(0))
        expect(port.receive(datagram, stranger(i), now)).toBeTypeOf("string")
      }
    const byId = 300 * (TrialBudget.BURST_BY_ID + TrialBudget.RATE_BY_ID * duration)
    const other = TrialBudget.BURST + TrialBudget.RATE * duration
    expect(port.opened() - start).toBeLessThanOrEqual(byId + other)
    expect(port.receive(Port.sealed(3, 2), home(3), duration)).toBe(3)
  })
})
