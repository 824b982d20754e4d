import { expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import { type Address, Datagrams } from "../../../src/services/transport/Datagrams.ts"
import { PacketCipher } from "../../../src/services/transport/PacketCipher.ts"
import * as SharedPort from "../../../src/services/transport/SharedPort.ts"
import { SharedPortMetricNames } from "../../../src/services/transport/SharedPortMetrics.ts"
import type { SharedSocket } from "../../../src/services/transport/SharedSocket.ts"
import * as Port from "../../domain/sharing/port.ts"

/** A socket of the test, which delivers by `arrive`. */
const socket = () => {
  let handler: Parameters<SharedSocket["receive"]>[0] = () => undefined
  const sent: Array<Address> = []
  const shared: SharedSocket = {
    family: "IPv4",
    port: 60_001,
    receive: (onDatagram) =>
      Effect.sync(() => {
        handler = onDatagram
      }),
    send: (_, to, __, sender) => {
      sent.push(to)
      sender.onSent(to)
    }
  }
  return { shared, sent, arrive: (bytes: Uint8Array, source: Address) => handler(bytes, source, 0) }
}

/** A cipher that counts, and opens what is sealed with its key. */
const cipherOf = (key: number) => {
  let opened = 0
  const cipher = PacketCipher.of({
    seal: () => new Uint8Array(),
    chaff: () => new Uint8Array(),
    open: (datagram) => {
      opened++
      const view = new DataView(datagram.buffer, datagram.byteOffset)
      return view.getUint32(8) === key ? { nonce: view.getBigUint64(0), plaintext: datagram } : undefined
    }
  })
  return { cipher, opened: () => opened }
}

/** A session that takes each packet number once, as an endpoint does. */
const join = Effect.fnUntraced(function* (port: SharedPort.SharedPort, key: number) {
  const { cipher, opened } = cipherOf(key)
  const network = yield* port.join(cipher)
  const datagrams = Context.get(network, Datagrams)
  const { open } = Context.get(network, PacketCipher)
  const received: Array<bigint> = []
  let sent = 0
  yield* datagrams.receive({
    onDatagram: (datagram) => {
      const packet = open(datagram)
      if (packet === undefined || received.includes(packet.nonce)) return false
      received.push(packet.nonce)
      return true
    },
    onSent: () => sent++,
    onTrouble: () => undefined
  })
  return { datagrams, received, opened, sent: () => sent }
})

const at = (port: number): Address => ({ host: "192.0.2.1", port })

it.effect("decrypts each datagram once, and delivers it to its session only", () =>
  Effect.gen(function* () {
    const { arrive, shared } = socket()
    const port = yield* SharedPort.make(shared)
    const one = yield* join(port, 1)
    const two = yield* join(port, 2)
    arrive(Port.sealed(1, 1), at(1))
    arrive(Port.sealed(2, 1), at(2))
    const before = [one.opened(), two.opened()]
    for (let sequence = 2; sequence < 12; sequence++) {
      arrive(Port.sealed(1, sequence), at(1))
      arrive(Port.sealed(2, sequence), at(2))
    }
    expect([one.opened(), two.opened()].map((count, i) => count - (before[i] ?? 0))).toEqual([10, 10])
    expect([one.received.length, two.received.length]).toEqual([11, 11])
    expect(port.counters()).toMatchObject({ known: 20, found: 2 })
  }).pipe(Effect.scoped)
)

it.effect("reports its sessions and counters as metrics, which the documentation explains", () =>
  Effect.gen(function* () {
    const { arrive, shared } = socket()
    const port = yield* SharedPort.make(shared)
    const values = Effect.map(Metric.snapshot, (metrics) =>
      metrics.map(({ attributes, id, state }) => {
        expect(attributes?.["port"]).toBe("60001")
        const reason = attributes?.["reason"]
        const value = "count" in state ? state.count : "value" in state ? state.value : undefined
        return [reason === undefined ? id : `${reason}`, value] as const
      })
    )
    const scope = yield* Scope.make()
    yield* Scope.provide(join(port, 1), scope)
    yield* join(port, 2)
    for (let sequence = 1; sequence <= 3; sequence++) arrive(Port.sealed(1, sequence), at(1))
    arrive(Port.sealed(3, 1), at(2))
    arrive(Port.sealed(3, 2), at(2))
    arrive(new Uint8Array(3), at(3))
    const { dropped, found, known, trials } = port.counters()
    const counted = Object.entries({ known, found, trials }).map(
      ([name, count]) => [`mosh_shared_port_${name}`, count] as const
    )
    expect(new Map(yield* values)).toEqual(
      new Map([
        ...counted,
        ...Object.entries(dropped).filter(([, count]) => count > 0),
        ["mosh_shared_port_sessions", 2]
      ])
    )
    expect(dropped).toMatchObject({ malformed: 1, unauthentic: 1, suspended: 1 })
    yield* Scope.close(scope, Exit.void)
    expect(new Map(yield* values).get("mosh_shared_port_sessions")).toBe(1)

    const documented = Fs.readFileSync("docs/extending.md", "utf8") + Fs.readFileSync("docs/operating.md", "utf8")
    const names = [...Object.values(SharedPortMetricNames), ...Object.keys(dropped)]
    expect(names.filter((name) => !documented.includes(`| \`${name}\``))).toEqual([])
  }).pipe(
    Effect.scoped,
    Effect.provideServiceEffect(
      Metric.MetricRegistry,
      Effect.sync(() => new Map())
    )
  )
)

it.effect("knows no address from which only a replay arrived", () =>
  Effect.gen(function* () {
    const { arrive, shared } = socket()
    const port = yield* SharedPort.make(shared)
    const one = yield* join(port, 1)
    arrive(Port.sealed(1, 1), at(1))
    arrive(Port.sealed(1, 1), at(7))
    arrive(Port.sealed(1, 2), at(7))
    expect(one.received).toEqual([1n, 2n])
    // The replay and the first new datagram were searched for.
    expect(port.counters()).toMatchObject({ known: 0, found: 3 })
  }).pipe(Effect.scoped)
)

it.effect("charges a session for the time that its datagrams take", () =>
  Effect.gen(function* () {
    const { arrive, shared } = socket()
    const system = yield* Clock.clockWith(Effect.succeed)
    let nanos = 0n
    const clock: Clock.Clock = Object.assign(Object.create(system), { monotonicTimeNanosUnsafe: () => nanos })
    const port = yield* Effect.provideService(SharedPort.make(shared), Clock.Clock, clock)
    const two = yield* join(port, 2)
    const { cipher } = cipherOf(1)
    const datagrams = Context.get(yield* port.join(cipher), Datagrams)
    let received = 0
    yield* datagrams.receive({
      onDatagram: () => {
        received++
        nanos += 10_000_000n
        return true
      },
      onSent: () => undefined,
      onTrouble: () => undefined
    })
    arrive(Port.sealed(2, 1), at(2))
    for (let sequence = 1; sequence <= 9; sequence++) {
      arrive(Port.sealed(1, sequence), at(1))
      arrive(Port.sealed(2, 1 + sequence), at(2))
    }
    expect([received, two.received.length]).toEqual([3, 10])
    expect(port.counters().dropped.overload).toBe(6)
  }).pipe(Effect.scoped)
)

it.effect("reports a send to its session, and delivers nothing to one that has left", () =>
  Effect.gen(function* () {
    const { arrive, sent, shared } = socket()
    const port = yield* SharedPort.make(shared)
    const scope = yield* Scope.make()
    const one = yield* Scope.provide(join(port, 1), scope)
    const two = yield* join(port, 2)
    one.datagrams.send(0, at(1), new Uint8Array(1))
    expect([sent, one.sent(), two.sent()]).toEqual([[at(1)], 1, 0])
    yield* Scope.close(scope, Exit.void)
    arrive(Port.sealed(1, 1), at(1))
    expect([one.received, port.sessions(), port.counters().dropped.unauthentic]).toEqual([[], 1, 1])
  }).pipe(Effect.scoped)
)
