import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import * as Timing from "../../../src/domain/ssp/Timing.ts"
import * as Fragment from "../../../src/domain/wire/Fragment.ts"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as Note from "./Note.ts"
import { type Conditions, start } from "./session.ts"

const Percent = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 }))
const Delay = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 400 }))
const Weather = Schema.Struct({
  seed: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 })),
  loss: Percent,
  duplication: Percent,
  least: Delay,
  spread: Delay
})
/** What happens, and how long after the event before. */
const Event = Schema.Struct({
  after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 600 })),
  kind: Schema.Literals(["type", "resize", "print", "clear", "paste", "roam"]),
  text: Schema.String.check(Schema.isMaxLength(20))
})

const conditions = (weather: typeof Weather.Type): Conditions => ({
  seed: weather.seed,
  loss: weather.loss / 100,
  duplication: weather.duplication / 100,
  delay: [weather.least, weather.least + weather.spread]
})

/** Whether a datagram shuts down, or acknowledges a shutdown. */
const isOfShutdown = (plaintext: Uint8Array): boolean => {
  const fragment = Fragment.decode(Packet.decode(plaintext)?.payload ?? new Uint8Array(0))
  const read = fragment && Instruction.decode(fragment.contents)
  if (read === undefined || Result.isFailure(read)) return false
  return [read.success.newNumber, read.success.acknowledged].includes(Instruction.SHUTDOWN)
}

const session = (weather: Conditions) =>
  start({
    client: { object: UserStream.object, initial: UserStream.EMPTY },
    server: { object: Note.object, initial: "" },
    conditions: weather
  })

/** Everything that a server would have handed to its program; a character may come in pieces. */
const typed = (states: ReadonlyArray<UserStream.UserStream>): string => {
  let text = ""
  let earlier = UserStream.EMPTY
  for (const state of states) {
    for (const event of UserStream.since(state, earlier))
      text += event._tag === "Keys" ? Buffer.from(event.bytes).toString("latin1") : `<${event.size.columns}>`
    earlier = state
  }
  return Buffer.from(text, "latin1").toString()
}

describe("Sender and Receiver", () => {
  it.prop(
    "bring both ends to the same state over any network that lets something through",
    [Weather, Schema.Array(Event)],
    ([weather, events]) => {
      const { client, server, run, runUntil, move } = session(conditions(weather))
      let expected = ""
      for (const { after, kind, text } of events) {
        run(after)
        switch (kind) {
          case "type":
          case "paste": {
            const keys = (kind === "type" ? text : text.repeat(500)).toWellFormed()
            expected += keys
            client.publish(UserStream.push(client.local(), Buffer.from(keys)))
            break
          }
          case "resize":
            expected += `<${80 + text.length}>`
            client.publish(UserStream.resize(client.local(), { columns: 80 + text.length, rows: 24 }))
            break
          case "print":
            server.publish(server.local() + text.toWellFormed())
            break
          case "clear":
            server.publish(text.toWellFormed())
            break
          case "roam":
            move(text)
            break
        }
      }
      const isSame = () => server.remote().state.end === client.local().end && client.remote().state === server.local()
      expect(runUntil(isSame, 600_000)).toBe(true)
      expect(typed(server.seen.map(({ state }) => state))).toBe(expected)
      // And nothing changes afterwards.
      run(10_000)
      expect(isSame()).toBe(true)
    },
    { arbitrary: { runs: 150 }, timeout: 60_000 }
  )

  it.prop(
    "end a session from either side, or both, when the network lets something through",
    [Weather, Schema.Literals(["Client", "Server", "both"])],
    ([weather, side]) => {
      const calm = { ...conditions(weather), loss: 0 }
      const { client, now, server, run, runUntil } = session(calm)
      client.publish(UserStream.push(client.local(), Buffer.from("exit")))
      server.publish("bye")
      run(2000)
      if (side !== "Server") client.shutdown()
      if (side !== "Client") server.shutdown()
      const isOver = () => client.ended() !== undefined && server.ended() !== undefined
      expect(runUntil(isOver, 20_000)).toBe(true)
      // An end may time out only if nothing that the other end sends of the shutdown is in time: by chance, the round trips
      // before may have been much shorter. It must then have sent all its shutdown instructions, and waited for an answer.
      for (const { arrived, connection, ended, sent } of [client, server]) {
        if (ended() !== "TimedOut") continue
        expect(arrived.some(isOfShutdown)).toBe(false)
        const tries = sent.filter(({ instruction }) => instruction.newNumber === Instruction.SHUTDOWN)
        expect(tries.length).toBe(Timing.SHUTDOWN_RETRIES)
        expect(now() - (tries.at(-1)?.at ?? 0)).toBeGreaterThanOrEqual(connection().rtt.srtt ?? 0)
      }
      if (side === "both") return
      const [first, second] = side === "Server" ? [server, client] : [client, server]
      expect(second.ended()).toBe("PeerShutdown")
      expect(second.sent.at(-1)?.instruction.acknowledged).toBe(Instruction.SHUTDOWN)
      expect(first.ended()).toBe(first.arrived.some(isOfShutdown) ? "Acknowledged" : "TimedOut")
    },
    { arbitrary: { runs: 60 } }
  )

  it("deliver everything that was published before a shutdown, however much it is", () => {
    const { client, server, runUntil } = session({ seed: 7, loss: 0.1, duplication: 0.1, delay: [20, 60] })
    const text = "0123456789abcdef".repeat(20_000)
    client.publish(UserStream.push(client.local(), Buffer.from(text)))
    client.shutdown()
    expect(runUntil(() => client.ended() !== undefined, 600_000)).toBe(true)
    expect(typed(server.seen.map(({ state }) => state)) === text).toBe(true)
  })

  it("deliver much both ways at once over a network that loses much, because fragments add up", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { client, server, run, runUntil } = start({
        client: { object: UserStream.object, initial: UserStream.EMPTY },
        server: { object: UserStream.object, initial: UserStream.EMPTY },
        conditions: { seed, loss: 0.28, duplication: 0.1, delay: [145, 180] }
      })
      run(500)
      for (let i = 0; i < 4; i++) {
        for (const end of [client, server])
          end.publish(UserStream.push(end.local(), new Uint8Array(2000 * ((seed + i) % 6)).fill(97 + i)))
        run(100)
      }
      const isSame = () =>
        server.remote().state.end === client.local().end && client.remote().state.end === server.local().end
      expect(runUntil(isSame, 30_000)).toBe(true)
    }
  })

  it("survive a night without a network", () => {
    const { client, server, run, runUntil, weather } = session({ seed: 1, loss: 0, duplication: 0, delay: [20, 30] })
    client.publish(UserStream.push(client.local(), Buffer.from("before")))
    run(3000)
    weather({ loss: 1 })
    run(1000)
    client.publish(UserStream.push(client.local(), Buffer.from(" and after")))
    const before = server.sent.length
    run(8 * 3600 * 1000)
    // The server has forgotten its client's address, and sends nothing.
    expect(server.sent.length - before).toBeLessThan(20)
    expect(server.connection().paths.peer).toBeUndefined()
    server.publish("meanwhile")
    weather({ loss: 0 })
    expect(runUntil(() => client.remote().state === "meanwhile", 5000)).toBe(true)
    expect(typed(server.seen.map(({ state }) => state))).toBe("before and after")
  })

  it("send nothing but heartbeats when nothing happens", () => {
    const { client, server, run } = session({ seed: 1, loss: 0, duplication: 0, delay: [20, 30] })
    run(60_000)
    for (const end of [client, server]) {
      const later = end.sent.slice(2)
      expect(later.length).toBeGreaterThan(15)
      expect(later.length).toBeLessThan(22)
      expect(later.every(({ instruction }) => instruction.diff.length === 0)).toBe(true)
    }
  })

  it("announce their features before anything that depends on them", () => {
    const { client, server, run } = start({
      client: { object: UserStream.object, initial: UserStream.EMPTY },
      server: { object: Note.object, initial: "" },
      conditions: { seed: 3, loss: 0, duplication: 0, delay: [10, 20] },
      features: { client: 1, server: 3 }
    })
    server.publish("prompt$ ")
    client.publish(UserStream.push(client.local(), Buffer.from("x")))
    run(1000)
    expect(server.sender().peer.features).toBe(1)
    expect(client.sender().peer.features).toBe(3)
    expect(server.sent[0]?.instruction.acknowledged).toBe(1n)
  })
})
