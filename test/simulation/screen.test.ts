import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/testing/TestClock"
import * as FramePatch from "../../src/domain/display/FramePatch.ts"
import type { Role } from "../../src/domain/ssp/Role.ts"
import * as Screen from "../../src/domain/objects/Screen.ts"
import type { SyncObject } from "../../src/domain/ssp/SyncObject.ts"
import { Features } from "../../src/domain/ssp/SyncObject.ts"
import * as Timing from "../../src/domain/ssp/Timing.ts"
import * as UserStream from "../../src/domain/objects/UserStream.ts"
import * as Frame from "../../src/domain/terminal/Frame.ts"
import * as NodeCompression from "../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../src/services/node/wire/NodePacketCipher.ts"
import * as Transport from "../../src/services/transport/Transport.ts"
import * as SimulatedNetwork from "../../src/testing/SimulatedNetwork.ts"
import { random, seedOr } from "../support/seed.ts"

const end = <Local, Remote>(
  role: Role,
  network: SimulatedNetwork.SimulatedNetwork,
  local: Transport.Synchronised<Local>,
  remote: Transport.Synchronised<Remote>
) =>
  Effect.gen(function* () {
    const layer = Layer.mergeAll(
      role === "Client" ? network.client : network.server,
      NodeCompression.layer,
      NodePacketCipher.layer(Redacted.make(new Uint8Array(16).fill(9)))
    )
    return yield* Transport.make<Local, Remote>({
      role,
      local,
      remote,
      features: Features.frames | Features.copies,
      minDelay: role === "Client" ? Timing.MIN_DELAY_CLIENT : Timing.MIN_DELAY_SERVER,
      events: { onRemote: () => {}, onStatus: () => {} }
    }).pipe(Effect.provide(yield* Layer.build(layer)))
  })

const SIZE = { columns: 80, rows: 24 }
const keys = { object: UserStream.object, initial: UserStream.EMPTY }
const screen: { object: SyncObject<Screen.Screen>; initial: Screen.Screen } = {
  object: Screen.object,
  initial: Screen.blank(SIZE)
}

/** Random output of a busy program. */
const output = (next: () => number): string => {
  const pick = (limit: number) => Math.floor(next() * limit)
  switch (pick(8)) {
    case 0:
      return "\r\n"
    case 1:
      return `\x1b[${1 + pick(24)};${1 + pick(80)}H`
    case 2:
      return `\x1b[0;${30 + pick(8)};${40 + pick(8)}m`
    case 3:
      return `\x1b[1;3;38;2;${pick(256)};${pick(256)};${pick(256)}m`
    case 4:
      return next() < 0.1 ? "\x1b[2J" : "\x1b[K"
    case 5:
      return "漢字 "
    case 6:
      return `\x1b]2;title ${pick(100)}\x07`
    default:
      return `word${pick(1000)} `
  }
}

const seed = seedOr(81)

for (const [name, path] of [
  ["a good network", { delay: 20 }],
  ["a bad network", { delay: 60, jitter: 100, loss: 0.25, duplicate: 0.1 }]
] as const) {
  it.effect(`the client's screen becomes equal to the server's, over ${name} (seed ${seed})`, () =>
    Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make({ seed, path })
      const server = yield* end("Server", network, screen, keys)
      const client = yield* end("Client", network, keys, screen)
      const next = random(seed)
      client.publish(UserStream.resize(client.local(), SIZE))
      let { frame } = screen.initial
      let echoAck = 0n
      for (let i = 0; i < 400; i++) {
        let text = ""
        for (let j = 0; j < 5; j++) text += output(next)
        frame = FramePatch.patch(frame, text)
        if (i % 100 === 50) frame = FramePatch.resize(frame, { columns: 60 + (i % 80), rows: 20 + (i % 13) })
        echoAck = server.remote().number
        server.publish({ frame, echoAck })
        yield* TestClock.adjust(25)
      }
      yield* TestClock.adjust(5000)
      expect(Frame.equals(client.remote().state.frame, frame)).toBe(true)
      expect(client.remote().state.echoAck).toBe(echoAck)
      expect(client.status().counters.dropped.diff).toBe(0)
      expect(server.status().peerFeatures).toBe(Features.frames | Features.copies)
      expect(server.status().held.local).toBeLessThanOrEqual(32)
    })
  )
}
