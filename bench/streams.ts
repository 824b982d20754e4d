/**
 * A transfer over a stream between two processes on UDP, alone and beside keystrokes, on loopback and through a narrow link.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as SessionKey from "../src/domain/crypto/SessionKey.ts"
import * as NodeDatagrams from "../src/services/node/udp/NodeDatagrams.ts"
import * as NodeCompression from "../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../src/services/node/wire/NodePacketCipher.ts"
import type { Path } from "../src/testing/Link.ts"
import { Relay } from "../test/support/relay.ts"
import { summary } from "./measure.ts"
import { cpuTime } from "./process.ts"
import { KIND, transport } from "./streams-end.ts"
import type { Table } from "./table.ts"

interface Case {
  readonly what: string
  /** `undefined`: loopback, without a relay. */
  readonly path: Partial<Path> | undefined
  readonly megabytes: number
}

/** Bytes that wait before the narrow link: 200 ms. */
const QUEUE = 250_000
const NARROW = { bandwidth: 10_000_000, delay: 25, queue: QUEUE }

const CASES: ReadonlyArray<Case> = [
  { what: "loopback", path: undefined, megabytes: 100 },
  { what: "10 Mbit/s, round trip 50 ms", path: NARROW, megabytes: 25 },
  { what: "the same, 5 % loss", path: { ...NARROW, loss: 0.05 }, megabytes: 20 }
]

const IDLE_KEYS = 40
/** Between keys, ms. */
const PAUSE = 60

interface Measured {
  readonly seconds: number
  readonly bytes: number
  readonly idle: ReadonlyArray<number>
  readonly busy: ReadonlyArray<number>
  readonly serverCpu: number | undefined
}

export const streams = async (): Promise<Table> => {
  const rows = []
  for (const { megabytes, path, what } of CASES) {
    const { bytes, busy, idle, seconds, serverCpu } = await measure(path, megabytes * 1e6)
    const base = summary(idle).median
    const { p95, p99 } = summary(busy)
    const link = path?.bandwidth
    rows.push([
      what,
      bytes / 1e6 / seconds,
      link === undefined ? undefined : (bytes * 8 * 100) / seconds / link,
      base,
      p95 - base,
      p99 - base,
      serverCpu === undefined ? undefined : serverCpu / (bytes / 1e6)
    ])
  }
  return {
    title: "streams",
    note: "one stream from server to client; keys every 60 ms: how much later than the idle median they are echoed, ms",
    columns: ["network", "MB/s", "% of the link", "key, idle", "added p95", "added p99", "server CPU ms/MB"],
    rows
  }
}

const measure = async (path: Partial<Path> | undefined, size: number): Promise<Measured> => {
  const key = await Effect.runPromise(NodePacketCipher.newKey)
  const server = spawn(process.execPath, [join(import.meta.dirname, "streams-end.ts"), SessionKey.format(key)], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  let relay: Relay | undefined
  try {
    const [printed] = await once(server.stdout, "data")
    const port = Number(String(printed).split(" ")[0])
    relay = path === undefined ? undefined : await Relay.start(() => port)
    if (path !== undefined) relay?.shape("both", path)
    const layer = Layer.mergeAll(
      NodeDatagrams.client({ host: "127.0.0.1", port: relay?.port ?? port }),
      NodeCompression.layer,
      NodePacketCipher.layer(key)
    )
    const pid = server.pid ?? 0
    return await Effect.runPromise(Effect.scoped(Effect.provide(transfer(size, pid), layer)))
  } finally {
    server.kill()
    await relay?.[Symbol.asyncDispose]()
  }
}

const transfer = Effect.fnUntraced(function* (size: number, serverPid: number) {
  let echoed: (value: number) => void = () => undefined
  const end = yield* transport("Client", (value) => echoed(value))
  let count = 0
  const key = Effect.callback<number>((resume) => {
    const [value, typed] = [++count, performance.now()]
    echoed = (echo) => echo === value && resume(Effect.succeed(performance.now() - typed))
    end.publish(value)
  })
  const typing = (samples: Array<number>) =>
    Effect.andThen(
      Effect.tap(key, (sample) => Effect.sync(() => samples.push(sample))),
      Effect.sleep(PAUSE)
    )
  const [idle, busy]: [Array<number>, Array<number>] = [[], []]
  yield* Effect.repeat(typing(idle), { times: IDLE_KEYS })
  yield* Effect.forkScoped(Effect.forever(typing(busy)))
  const stream = yield* end.streams.open(KIND, Buffer.from(String(size)))
  const [begun, cpu] = [performance.now(), cpuTime(serverPid)]
  yield* stream.write(new Uint8Array(0))
  yield* stream.finish
  const bytes = yield* Stream.runFold(
    stream.readable,
    () => 0,
    (sum, piece) => sum + piece.length
  )
  const after = cpuTime(serverPid)
  return {
    bytes,
    seconds: (performance.now() - begun) / 1000,
    idle,
    busy,
    serverCpu: cpu === undefined || after === undefined ? undefined : after - cpu
  }
})
