/**
 * Programs of a session and the agents of its clients, over simulated networks, in virtual time.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as AgentMessage from "../../../src/domain/forwarding/AgentMessage.ts"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as AgentClients from "../../../src/services/agent/AgentClients.ts"
import { AgentMetricNames } from "../../../src/services/agent/AgentMetrics.ts"
import * as AgentOffer from "../../../src/services/agent/AgentOffer.ts"
import { type Socket, SocketError, Sockets } from "../../../src/services/forwarding/Sockets.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import * as Transport from "../../../src/services/transport/Transport.ts"
import * as SimulatedNetwork from "../../../src/testing/SimulatedNetwork.ts"
import * as Note from "../../domain/ssp/Note.ts"

const end = Effect.fnUntraced(function* (role: Role, network: SimulatedNetwork.SimulatedNetwork, features: Features) {
  const layer = Layer.mergeAll(
    role === "Client" ? network.client : network.server,
    NodeCompression.layer,
    NodePacketCipher.layer(Redacted.make(new Uint8Array(16).fill(7)))
  )
  const object = { object: Note.object, initial: "" }
  return yield* Transport.make<string, string>({ role, local: object, remote: object, features }).pipe(
    Effect.provide(yield* Layer.build(layer))
  )
})

/** A socket, and its other end. */
const pair = Effect.gen(function* () {
  const there = yield* Queue.unbounded<Uint8Array | undefined>()
  const back = yield* Queue.unbounded<Uint8Array | undefined>()
  const endOf = (from: typeof there, to: typeof there): Socket => ({
    read: () => Queue.take(from),
    write: (bytes) => Effect.asVoid(Queue.offer(to, bytes)),
    finish: Effect.asVoid(Queue.offer(to, undefined)),
    reset: Effect.asVoid(Queue.offer(to, undefined)),
    close: Effect.asVoid(Queue.offer(to, undefined))
  })
  return [endOf(back, there), endOf(there, back)] as const
})

const REQUEST = Uint8Array.of(0, 0, 0, 1, AgentMessage.REQUEST_IDENTITIES)

/** An agent that answers each request with its name: at once, or never. */
const agentOf = (name: string, isSilent = false) =>
  Layer.succeed(Sockets, {
    listen: () => Effect.succeed(0),
    connect: Effect.fnUntraced(function* () {
      if (name === "") return yield* new SocketError({ reason: "refused", detail: "refused" })
      const [near, far] = yield* pair
      const answer = Effect.flatMap(far.read(), (request) =>
        request === undefined || isSilent ? Effect.void : far.write(Buffer.from(`\0\0\0\u{0006}${name.padEnd(6)}`))
      )
      yield* Effect.forkDetach(Effect.forever(answer))
      return near
    })
  })

interface ClientOptions {
  readonly agent?: Layer.Layer<Sockets>
  readonly features?: Features
  readonly onUnsupported?: (reason: string) => void
  readonly host?: string
}

/** One more client of the session. */
const join = Effect.fnUntraced(function* (clients: AgentClients.AgentClients, options: ClientOptions = {}) {
  const scope = yield* Scope.make()
  const { agent, features = Features.streams, host = "192.0.2.1", onUnsupported } = options
  const network = yield* SimulatedNetwork.make({ seed: 3, path: { delay: 20, loss: 0.05 } })
  network.moveClient(host)
  return yield* Effect.gen(function* () {
    const server = yield* end("Server", network, features)
    yield* clients.handler(server)
    const client = yield* end("Client", network, Features.streams)
    if (agent !== undefined) {
      const handler = yield* Effect.provide(AgentOffer.handler({ path: "/agent", onUnsupported }), agent)
      yield* handler(client)
    }
    client.publish("typed")
    yield* TestClock.adjust("1 second")
    return { address: () => server.status().peer, client, network, leave: Scope.close(scope, Exit.void) }
  }).pipe(Scope.provide(scope))
})

/** A program that is served; asks, and returns the answer as text. */
const program = Effect.fnUntraced(function* (clients: AgentClients.AgentClients) {
  const [near, far] = yield* pair
  yield* Effect.forkScoped(clients.serve(far))
  const ask = Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Effect.andThen(near.write(REQUEST), near.read()))
    let waited = 0
    for (; fiber.pollUnsafe() === undefined; waited += 100) yield* TestClock.adjust("100 millis")
    const answer = Buffer.from((yield* Fiber.join(fiber)) ?? [])
    return { answer: answer[4] === AgentMessage.FAILURE ? "failure" : answer.toString("latin1", 4).trim(), waited }
  })
  return { near, ask, name: Effect.map(ask, ({ answer }) => answer) }
})

it.effect("a client learns whether the session uses agents", () =>
  Effect.gen(function* () {
    const reasons: Array<string> = []
    const options = { agent: agentOf("a"), onUnsupported: (reason: string) => void reasons.push(reason) }
    yield* join(AgentClients.make(), options)
    expect(reasons).toEqual([])
    yield* join({ ...AgentClients.make(), handler: () => Effect.void }, options)
    expect(reasons).toEqual(["Refused"])
    yield* join(AgentClients.make(), { ...options, features: Features.stock })
    expect(reasons).toEqual(["Refused", "Unsupported"])
  })
)

describe("programs of a session", () => {
  it.effect("use the agent of the most recently active client that offers one, on one connection", () =>
    Effect.gen(function* () {
      let leader: (() => string | undefined) | undefined
      const clients = AgentClients.make({ leader: () => leader?.() })
      const { ask, name } = yield* program(clients)
      expect(yield* name).toBe("failure")
      const first = yield* join(clients, { agent: agentOf("first"), host: "192.0.2.9" })
      expect(yield* name).toBe("first")
      yield* join(clients)
      expect(yield* name).toBe("first")
      const second = yield* join(clients, { agent: agentOf("second") })
      expect(yield* name).toBe("second")
      leader = first.address
      expect(yield* name).toBe("first")
      yield* first.leave
      expect((yield* ask).answer).toBe("second")
      yield* second.leave
      expect(yield* name).toBe("failure")
    })
  )

  it.effect("get a failure 15 s after their client fell silent, and wait for a user while it has not", () =>
    Effect.gen(function* () {
      const clients = AgentClients.make()
      const { ask, near } = yield* program(clients)
      const { network } = yield* join(clients, { agent: agentOf("slow", true) })
      yield* near.write(REQUEST)
      yield* TestClock.adjust("2 minutes")
      const answered = yield* Effect.forkChild(near.read())
      yield* TestClock.adjust("1 second")
      expect(answered.pollUnsafe()).toBeUndefined()
      network.filter = () => false
      yield* TestClock.adjust("31 seconds")
      expect(Buffer.from((yield* Fiber.join(answered)) ?? [])).toEqual(Buffer.from(AgentMessage.failure()))
      const { answer, waited } = yield* ask
      expect([answer, waited >= AgentClients.PATIENCE, waited < 2 * AgentClients.PATIENCE]).toEqual([
        "failure",
        true,
        true
      ])
    })
  )

  it.effect("get a failure where the client's agent is gone, and where the other end is no effect-mosh", () =>
    Effect.gen(function* () {
      const clients = AgentClients.make()
      const { name } = yield* program(clients)
      yield* join(clients, { agent: agentOf("") })
      expect(yield* name).toBe("failure")
      let isReported = false
      yield* join(AgentClients.make(), {
        agent: agentOf("unused"),
        features: Features.stock,
        onUnsupported: () => {
          isReported = true
        }
      })
      expect(isReported).toBe(true)
    })
  )

  it.effect("are cut off if they send what is no message, and wait if they are too many", () =>
    Effect.gen(function* () {
      const clients = AgentClients.make()
      const { near } = yield* program(clients)
      yield* near.write(new Uint8Array(4))
      yield* TestClock.adjust("1 second")
      expect(yield* near.read()).toBeUndefined()
      const many = yield* Effect.all(Array.from({ length: AgentClients.MOST_PROGRAMS }, () => program(clients)))
      yield* TestClock.adjust("1 second")
      const surplus = yield* program(clients)
      const answer = yield* Effect.forkChild(surplus.name)
      yield* TestClock.adjust("1 second")
      expect(answer.pollUnsafe()).toBeUndefined()
      yield* many[0]?.near.finish ?? Effect.void
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(answer)).toBe("failure")
      const metrics = yield* Metric.snapshot
      const requests = metrics.filter(({ id }) => id === AgentMetricNames.requests)
      expect(requests.some(({ attributes }) => attributes?.["how"] === "NoAgent")).toBe(true)
    })
  )
})
