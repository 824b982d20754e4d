/**
 * How soon two of our ends recover their connection, and how little they send when nothing is wrong.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Timing from "../../../src/domain/ssp/Timing.ts"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import * as Note from "./Note.ts"
import { type Conditions, start } from "./session.ts"

const RTT = 100

const Phase = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3000 }))

const session = (conditions: Partial<Conditions> = {}, features = { client: 0, server: 0 }) => {
  const ends = start({
    client: { object: UserStream.object, initial: UserStream.EMPTY },
    server: { object: Note.object, initial: "" },
    features,
    conditions: { seed: 1, loss: 0, duplication: 0, delay: [RTT / 2, RTT / 2], ...conditions }
  })
  const { client, server, run } = ends
  const type = (text: string) => client.publish(UserStream.push(client.local(), Buffer.from(text)))
  const print = (text: string) => server.publish((server.local() + text).slice(-400))
  type("x")
  run(500)
  print("prompt$ ")
  run(500)
  return { ...ends, type, print }
}

/** Types a key about every 150 ms, each echoed after a millisecond. Returns the time that each took to be shown. */
const typeKeys = ({ client, now, run, server, type }: ReturnType<typeof session>, keys: number): Array<number> => {
  const typed: Array<number> = []
  const taken: Array<number> = []
  let echoed = server.remote().state.end
  const base = echoed
  const shownBefore = client.remote().state.length
  const step = () => {
    run(1)
    for (; echoed < server.remote().state.end; echoed++) server.publish(`${server.local()}k`)
    while (taken.length < client.remote().state.length - shownBefore) taken.push(now() - (typed[taken.length] ?? now()))
  }
  for (let key = 0; key < keys; key++) {
    type("k")
    typed.push(now())
    for (let ms = 0; ms < 60 + ((key * 37) % 180); ms++) step()
  }
  for (let ms = 0; ms < 5000; ms++) step()
  expect(server.remote().state.end - base).toBe(keys)
  expect(taken.length).toBe(keys)
  return taken.toSorted((a, b) => a - b)
}

const datagrams = ({ client, server }: ReturnType<typeof session>): number =>
  Number(client.connection().nextSequence + server.connection().nextSequence)

describe("On a clean link", () => {
  it.each([[1], [50], [273], [500]])("of %i ms a key takes a round trip, and nothing is said twice", (rtt) => {
    const ends = session({ delay: [rtt / 2, rtt / 2] })
    const said = () => ends.client.sender().retransmissions + ends.server.sender().retransmissions
    const [before, saidBefore] = [datagrams(ends), said()]
    const taken = typeKeys(ends, 200)
    // Whole milliseconds, each way and at either end.
    expect(taken.at(-1)).toBeLessThanOrEqual(rtt + 4)
    expect(said() - saidBefore).toBe(0)
    expect((datagrams(ends) - before) / 200).toBeLessThan(3)
  })

  it("that becomes longer, some keys are enough to learn it", () => {
    const ends = session({ delay: [1, 1] })
    typeKeys(ends, 50)
    ends.weather({ delay: [250, 250] })
    typeKeys(ends, 25)
    expect(typeKeys(ends, 100).at(-1)).toBeLessThanOrEqual(504)
  })

  it("of varying delay, less than a twentieth is sent twice", () => {
    for (const seed of [1, 2, 3]) {
      const ends = session({ seed, delay: [40, 70] })
      const before = datagrams(ends)
      typeKeys(ends, 300)
      const again = ends.client.sender().retransmissions + ends.server.sender().retransmissions
      expect(again / (datagrams(ends) - before)).toBeLessThan(0.05)
    }
  })
})

describe("Where much is lost", () => {
  it("a key is seldom late, because copies are sent early", () => {
    const taken = [1, 2, 3, 4].flatMap((seed) => typeKeys(session({ seed, loss: 0.29 }), 150))
    const sorted = taken.toSorted((a, b) => a - b)
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(RTT + 20)
    expect(sorted[Math.floor(sorted.length * 0.95)]).toBeLessThan(2.5 * RTT)
  })

  it("in one direction only, the peer reports it, and copies make up for it", () => {
    for (const way of ["toServer", "toClient"] as const) {
      const features = { client: 1, server: 1 }
      const taken = [1, 2, 3, 4].flatMap((seed) => typeKeys(session({ seed, [way]: { loss: 0.29 } }, features), 150))
      const sorted = taken.toSorted((a, b) => a - b)
      expect(sorted[Math.floor(sorted.length * 0.95)]).toBeLessThan(1.6 * RTT)
    }
  })

  it("because a queue is full, no copies are sent", () => {
    // Half of a flood is dropped, and the rest waits long.
    const ends = session({ path: { bandwidth: 64_000, queue: 16_000 } })
    const { print, run, server } = ends
    for (let i = 0; i < 600; i++) {
      print(`${Array.from({ length: 40 }, (_, j) => (i * 7919 + j * 104_729) % 1000).join(" ")}\n`)
      run(50)
    }
    expect(server.sender().path.estimate.srtt).toBeGreaterThan(0)
    expect(server.sender().retransmissions / server.sent.length).toBeLessThan(0.05)
  })
})

describe("After a blackout", () => {
  it.prop(
    "the screen is right a round trip and 300 ms after the network is back, wherever that has put the client",
    [Schema.Literals([5000, 15_000, 60_000, 75_000]), Schema.Boolean, Phase, Phase],
    ([length, moves, phase, printed]) => {
      const { client, move, print, run, runUntil, server, weather } = session()
      run(phase)
      weather({ loss: 1 })
      run(printed)
      print("news")
      run(length - printed)
      if (moves) move("elsewhere")
      weather({ loss: 0 })
      expect(runUntil(() => client.remote().state === server.local(), RTT + 300)).toBe(true)
    },
    { arbitrary: { runs: 60 } }
  )

  it.prop(
    "what was typed is there after a one-way trip and 300 ms",
    [Schema.Literals([5000, 15_000, 60_000]), Phase, Phase],
    ([length, phase, typed]) => {
      const { client, run, runUntil, server, type, weather } = session()
      run(phase)
      weather({ loss: 1 })
      run(typed)
      type("news")
      run(length - typed)
      weather({ loss: 0 })
      expect(runUntil(() => server.remote().state.end === client.local().end, RTT / 2 + 300)).toBe(true)
    },
    { arbitrary: { runs: 60 } }
  )

  it("that only the client had, it receives something from its server soon, although neither has news", () => {
    const { client, run, runUntil, now, weather } = session()
    weather({ loss: 1 })
    run(15_000)
    weather({ loss: 0 })
    const back = now()
    expect(runUntil(() => client.remote().at >= back, RTT + 300)).toBe(true)
  })

  it("the client probes four times a second, then less often, and at last with heartbeats only", () => {
    const { client, run, weather } = session()
    weather({ loss: 1 })
    const sentIn = (millis: number) => {
      const before = client.sent.length
      run(millis)
      return client.sent.length - before
    }
    expect(sentIn(60_000)).toBeLessThanOrEqual(60_000 / Timing.PROBE_INTERVAL_MIN)
    const minutes = Array.from({ length: 30 }, () => sentIn(60_000))
    expect(minutes.every((count, i) => i < 2 || count <= (minutes[i - 1] ?? 0))).toBe(true)
    expect(minutes.at(-1)).toBeLessThanOrEqual(21)
  })
})

describe("When a NAT forgets the client while only the server sends", () => {
  it.prop(
    "the screen goes on a second after it should have, or sooner where the server speaks often",
    [Schema.Int.check(Schema.isBetween({ minimum: 50, maximum: 1000 })), Phase],
    ([every, phase]) => {
      const { client, move, now, print, run } = session()
      let printed = 0
      const speak = () => {
        print(`${printed++} `)
        run(every)
      }
      while (now() < 1_020_000 + phase) speak()
      // What is on its way arrives nowhere, nor does anything that is sent to the former address.
      move("elsewhere")
      const [moved, last] = [now(), client.remote().state]
      while (now() - moved < 5000 && client.remote().state === last) speak()
      const took = client.remote().at - moved
      expect(took).toBeGreaterThan(0)
      expect(took).toBeLessThanOrEqual(Math.min(2.2 * every, 1000) + 300 + RTT)
    },
    { arbitrary: { runs: 60 } }
  )
})
