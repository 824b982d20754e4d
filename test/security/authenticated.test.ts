/**
 * A hostile client with the key, and a whole session in virtual time: what the client sends causes bounded work.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as Zlib from "node:zlib"
import * as Nonce from "../../src/domain/crypto/Nonce.ts"
import * as Timing from "../../src/domain/ssp/Timing.ts"
import * as Fragment from "../../src/domain/wire/Fragment.ts"
import * as Instruction from "../../src/domain/wire/Instruction.ts"
import * as Packet from "../../src/domain/wire/Packet.ts"
import * as UserMessage from "../../src/domain/wire/UserMessage.ts"
import * as NodeCompression from "../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../src/services/node/wire/NodePacketCipher.ts"
import * as XtermEmulator from "../../src/services/node/xterm/XtermEmulator.ts"
import { PacketCipher } from "../../src/services/transport/PacketCipher.ts"
import * as Session from "../../src/services/server/Session.ts"
import * as SessionTransport from "../../src/services/server/SessionTransport.ts"
import * as FakePty from "../../src/testing/FakePty.ts"
import * as SimulatedNetwork from "../../src/testing/SimulatedNetwork.ts"

const cipher = Layer.suspend(() => NodePacketCipher.layer(Redacted.make(new Uint8Array(16).fill(5))))

/** A server's session, whose client is the test. */
const attacked = Effect.gen(function* () {
  const pty = FakePty.make()
  const network = yield* SimulatedNetwork.make({ seed: 4, path: { delay: 5 } })
  const session = yield* Session.make({
    program: { file: "sh", arguments: [], environment: {}, directory: "/" },
    size: { columns: 80, rows: 24 }
  }).pipe(Effect.provide(Layer.mergeAll(pty.layer, XtermEmulator.layer)))
  const server = yield* SessionTransport.attach(session, { network: Infinity, signal: 0 }).pipe(
    Effect.provide(yield* Layer.build(Layer.mergeAll(network.server, NodeCompression.layer, cipher)))
  )
  const { seal } = yield* Effect.provide(PacketCipher, yield* Layer.build(Layer.fresh(cipher)))
  let sequence = 0n
  let id = 1n
  let number = 0n
  const send = (fragment: Fragment.Fragment): void => {
    const nonce = Nonce.make("Client", sequence++) ?? 0n
    const packet = { timestamp: 0, timestampReply: 0xffff, payload: Fragment.encode(fragment) }
    network.inject("toServer", seal(nonce, Packet.encode(packet)))
  }
  const tell = (events: ReadonlyArray<UserMessage.UserEvent>, fields: Partial<Instruction.Instruction> = {}): void => {
    const instruction = {
      oldNumber: number,
      newNumber: number + 1n,
      acknowledged: 0n,
      throwaway: number,
      diff: UserMessage.encode(events),
      features: 0,
      ...fields
    }
    number = instruction.newNumber
    const contents = Zlib.deflateSync(Instruction.encode(instruction, new Uint8Array(0)))
    Fragment.split(id++, contents, 1200).forEach(send)
  }
  tell([{ _tag: "Resize", size: { columns: 80, rows: 24 } }])
  yield* TestClock.adjust(1000)
  expect(pty.started()).toBeDefined()
  return { pty, session, server, send, tell }
})

const keys = (text: string): UserMessage.UserEvent => ({ _tag: "Keys", bytes: Buffer.from(text) })
const size = (columns: number, rows: number): UserMessage.UserEvent => ({ _tag: "Resize", size: { columns, rows } })

it.effect("of giant window sizes, one after each key, not all are applied", () =>
  Effect.gen(function* () {
    const { pty, session, tell } = yield* attacked
    const events = Array.from({ length: 2000 }, (_, i) => [keys("k"), i % 2 === 0 ? size(2000, 500) : size(10, 5)])
    tell([...events.flat(), size(100, 30), keys("end")])
    yield* TestClock.adjust(1000)
    expect(pty.typed()).toBe(`${"k".repeat(2000)}end`)
    expect(pty.sizes.length).toBeLessThan(50)
    expect(pty.sizes.at(-1)).toEqual({ columns: 100, rows: 30 })
    expect(session.frame().size).toEqual({ columns: 100, rows: 30 })
  })
)

/** Bytes in use after a garbage collection. */
const inUse = (): number => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

it.effect("states full of windows hold bounded memory", () =>
  Effect.gen(function* () {
    const { server, tell } = yield* attacked
    const events = Array.from({ length: 30_000 }, (_, i) => size(10 + (i % 50), 5))
    const diff = UserMessage.encode(events)
    const before = inUse()
    for (let i = 0; i < 24; i++) tell([], { diff, throwaway: 0n })
    yield* TestClock.adjust(1000)
    expect(server.status().counters.dropped.limit).toBeGreaterThan(0)
    expect(inUse() - before).toBeLessThan(Timing.RECEIVED_WEIGHT)
  })
)

it.effect("an endless series of fragments holds no more than one instruction may, and is dropped", () =>
  Effect.gen(function* () {
    const { pty, send, server, tell } = yield* attacked
    const before = inUse()
    for (let i = 0; i < 34_000; i++)
      send({ id: 1n << 40n, number: i & Fragment.MAX_NUMBER, isFinal: false, contents: Uint8Array.of(i & 1) })
    expect(inUse() - before).toBeLessThan(32_000_000)
    expect(server.status().counters.received).toBeGreaterThan(34_000)
    tell([keys("on")])
    yield* TestClock.adjust(1000)
    expect(pty.typed()).toBe("on")
  })
)
