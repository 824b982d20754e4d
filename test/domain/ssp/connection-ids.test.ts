import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ConnectionId from "../../../src/domain/crypto/ConnectionId.ts"
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import * as EndpointIds from "../../../src/domain/ssp/EndpointIds.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import { cipher, initial, machine, type State } from "./endpoints.ts"
import * as Note from "./Note.ts"
import { type Conditions, hasId, start } from "./session.ts"
import { OURS, transfer } from "./stream-session.ts"

const OWN = OURS | Features.connectionIds
const GOOD: Conditions = { seed: 1, loss: 0, duplication: 0, delay: [20, 20] }

const session = (conditions: Conditions, client: number, server: number) =>
  start({
    client: { object: UserStream.object, initial: UserStream.EMPTY },
    server: { object: Note.object, initial: "" },
    conditions,
    features: { client, server },
    isWholeMillis: true
  })

const below = (limit: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: limit - 1 }))
const Events = Schema.Array(
  Schema.Struct({
    after: below(3000),
    kind: Schema.Literals(["type", "type", "print", "roam", "outage", "recovery"]),
    /** How many packet numbers are skipped before: as if as many datagrams had been lost. */
    skipped: Schema.Literals([0, 0, 0, 1000, 4096, 20_000])
  })
).check(Schema.isMaxLength(30))
const Weather = Schema.Struct({ seed: below(2 ** 31), loss: below(50), duplication: below(50), delay: below(400) })

describe("connection ids", () => {
  // The session checks each: that its server expects it, and that no packet number comes twice.
  it.prop(
    "are sent only if the server expects them, whatever is lost, and only after both ends announced them",
    [Weather, Events, below(4)],
    ([weather, events, ends]) => {
      const conditions = {
        seed: weather.seed,
        loss: weather.loss / 100,
        duplication: weather.duplication / 100,
        delay: [weather.delay, 2 * weather.delay] as const
      }
      const features = [ends % 2 === 0 ? OWN : OURS, ends < 2 ? OWN : OURS] as const
      const { client, move, run, server, weather: change } = session(conditions, ...features)
      let text = ""
      for (const { after, kind, skipped } of events) {
        run(after)
        client.skip(skipped)
        if (kind === "type") client.publish(UserStream.push(client.local(), Buffer.from("a")))
        if (kind === "print") server.publish((text += "b"))
        if (kind === "roam") move(`host${after}`)
        if (kind === "outage") change({ toServer: { loss: 1 } })
        if (kind === "recovery") change({ toServer: { loss: conditions.loss } })
      }
      change({ toServer: { loss: 0 }, toClient: { loss: 0 } })
      run(20_000)
      client.publish(UserStream.push(client.local(), Buffer.from("z")))
      run(20_000)
      const last = client.datagrams.at(-1)
      expect(hasId(last?.nonce ?? 0n)).toBe(ends === 0)
      if (ends !== 0) expect(client.datagrams.some(({ nonce }) => hasId(nonce))).toBe(false)
    },
    { arbitrary: { runs: 100 } }
  )

  it("are in none of the client's datagrams before the server announced ids, in all afterwards, in none of the server's", () => {
    const { client, run, server } = session(GOOD, OWN, OWN)
    client.publish(UserStream.push(client.local(), Buffer.from("a")))
    run(10)
    expect(client.datagrams.map(({ nonce }) => hasId(nonce))).toEqual([false])
    run(2000)
    const sent = client.datagrams.length
    for (let i = 0; i < 10; i++) {
      client.publish(UserStream.push(client.local(), Buffer.from("a")))
      run(100)
    }
    expect(client.datagrams.slice(sent).every(({ nonce }) => hasId(nonce))).toBe(true)
    expect(server.datagrams.some(({ nonce }) => hasId(nonce))).toBe(false)
  })

  it("are in no packet whose block the server does not expect yet", () => {
    const { client, run } = session(GOOD, OWN, OWN)
    const type = () => {
      const sent = client.datagrams.length
      client.publish(UserStream.push(client.local(), Buffer.from("a")))
      run(1000)
      return client.datagrams.slice(sent).map(({ nonce }) => hasId(nonce))
    }
    run(1000)
    type()
    client.skip((ConnectionId.AHEAD + 1) * ConnectionId.BLOCK)
    expect(type()[0]).toBe(false)
    // An acknowledged state that was sent after the first packet of that block shows that the server has received one.
    type()
    expect(type()[0]).toBe(true)
    client.skip(ConnectionId.AHEAD * ConnectionId.BLOCK)
    expect(type()[0]).toBe(true)
  })

  it("are expected by the server in one block after the other", () => {
    const { client, run } = session(GOOD, OWN, OWN)
    run(1000)
    for (let block = 1; block <= 2 * ConnectionId.AHEAD; block++) {
      client.skip(ConnectionId.BLOCK)
      client.publish(UserStream.push(client.local(), Buffer.from("a")))
      // Fails if the server does not expect an id.
      run(1000)
    }
    const { nonce } = client.datagrams.at(-1) ?? { nonce: 0n }
    expect(hasId(nonce)).toBe(true)
    expect(ConnectionId.blockOf(Nonce.sequence(nonce))).toBe(2 * ConnectionId.AHEAD)
  })

  it("change with the blocks of a transfer", () => {
    const { client, run, runUntil, server } = session(GOOD, OWN, OWN)
    run(1000)
    const upload = transfer(client, server, 16_000_000)
    expect(runUntil(upload.isComplete, 600_000)).toBe(true)
    expect(upload.failures).toEqual([])
    const ids = new Map<number, Set<bigint>>()
    for (const { nonce } of client.datagrams.filter(({ at }) => at > 1_001_000)) {
      const block = ConnectionId.blockOf(Nonce.sequence(nonce))
      ids.set(block, (ids.get(block) ?? new Set()).add(nonce >> 47n))
    }
    expect(ids.size).toBeGreaterThan(2)
    for (const prefixes of ids.values()) expect(prefixes.size).toBe(1)
    expect(new Set([...ids.values()].flatMap((of) => [...of])).size).toBe(ids.size)
  })

  it("cost nothing that others can see: packets, their times and their sizes are the same", () => {
    const traffic = (features: number) => {
      const { client, move, run, server } = session({ ...GOOD, loss: 0.1, seed: 5 }, features, features)
      for (let i = 0; i < 50; i++) {
        client.publish(UserStream.push(client.local(), Buffer.from("a")))
        server.publish(`${server.local()}b`)
        if (i % 20 === 0) move(`host${i}`)
        run(70)
      }
      return [client, server].map(({ datagrams }) =>
        datagrams.map(({ at, nonce, plaintext, to }) => [at, Nonce.withId(nonce, 0), plaintext.length, to])
      )
    }
    // Another feature, so that the field in the first instructions is equally long.
    expect(traffic(OWN)).toEqual(traffic(OURS | Features.erasures))
  })
})

describe("an end that announces connection ids", () => {
  const traffic = (own: "client" | "server", features: number) => {
    const of = (end: "client" | "server") => (own === end ? features : Features.stock)
    const { client, run, server, move } = session({ ...GOOD, loss: 0.1, seed: 8 }, of("client"), of("server"))
    for (let i = 0; i < 50; i++) {
      client.publish(UserStream.push(client.local(), Buffer.from("a")))
      server.publish(`${server.local()}b`)
      if (i === 30) move("elsewhere")
      run(70)
    }
    return { client, server }[own].datagrams
  }

  it.for(["client", "server"] as const)("sends a stock peer what it would send without: as a %s", (own) => {
    const [sent, without] = [traffic(own, OWN), traffic(own, OURS | Features.erasures)]
    expect(sent.map(({ at, nonce, to }) => [at, nonce, to])).toEqual(
      without.map(({ at, nonce, to }) => [at, nonce, to])
    )
    // The features are in each instruction until one is acknowledged.
    expect(sent.slice(10)).toEqual(without.slice(10))
    expect(sent.length).toBeGreaterThan(50)
  })
})

describe("an endpoint", () => {
  const receive = (state: State, role: "Client" | "Server", features: number, id: number) => {
    const nonce = Nonce.withId(Nonce.make(role === "Server" ? "Client" : "Server", 7n) ?? 0n, id)
    const known = { ...state, sender: { ...state.sender, peer: { ...state.sender.peer, features } } }
    const datagram = cipher.seal(nonce, new Uint8Array(10))
    const input = { _tag: "Datagram", datagram, source: "x", socket: 0, congested: false } as const
    return machine(role)
      .step(known, input, 1_000_000)[1]
      .map(({ _tag }) => _tag)
  }

  it("does not decrypt a datagram with an id unless it is a server, and both ends announced ids", () => {
    const ids = Features.connectionIds
    expect(receive(initial("Server", ids), "Server", ids, 5)).toContain("PacketReceived")
    expect(receive(initial("Server", ids), "Server", 1, 5)).toEqual(["Dropped"])
    expect(receive(initial("Server", 1), "Server", ids, 5)).toEqual(["Dropped"])
    expect(receive(initial("Client", ids), "Client", ids, 5)).toEqual(["Dropped"])
    expect(receive(initial("Client", ids), "Client", ids, 0)).toContain("PacketReceived")
  })

  it("announces ids only with a cipher that makes them, and as a server only on a shared port", () => {
    const announced = (role: "Client" | "Server", hasIds: boolean, isShared: boolean) =>
      EndpointIds.announced(role, OWN, { hasIds, isShared }) === OWN
    expect([announced("Client", true, false), announced("Client", false, false)]).toEqual([true, false])
    expect([announced("Server", true, true), announced("Server", true, false)]).toEqual([true, false])
    expect(announced("Server", false, true)).toBe(false)
    expect(EndpointIds.announced("Client", OWN, { hasIds: false, isShared: false })).toBe(OURS)
  })
})
