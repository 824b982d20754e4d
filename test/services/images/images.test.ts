/**
 * How the images of a session reach its clients, in virtual time.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { createHash } from "node:crypto"
import { deflateSync } from "node:zlib"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import type { Image } from "../../../src/domain/images/Image.ts"
import * as ImageCells from "../../../src/domain/images/ImageCells.ts"
import * as ImageStore from "../../../src/domain/images/ImageStore.ts"
import * as Png from "../../../src/domain/images/Png.ts"
import { StreamKind } from "../../../src/domain/streams/StreamKind.ts"
import * as TerminalReport from "../../../src/domain/terminal/TerminalReport.ts"
import * as ImageMessage from "../../../src/domain/wire/streams/ImageMessage.ts"
import * as ClientSession from "../../../src/services/client/ClientSession.ts"
import { Predictor } from "../../../src/services/client/Predictor.ts"
import * as ImageReceiver from "../../../src/services/images/ImageReceiver.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as NodePacketCipher from "../../../src/services/node/wire/NodePacketCipher.ts"
import * as XtermEmulator from "../../../src/services/node/xterm/XtermEmulator.ts"
import * as Session from "../../../src/services/server/Session.ts"
import * as SessionTransport from "../../../src/services/server/SessionTransport.ts"
import type { Peer } from "../../../src/services/transport/StreamHandler.ts"
import * as FakePty from "../../../src/testing/FakePty.ts"
import * as SimulatedNetwork from "../../../src/testing/SimulatedNetwork.ts"
import type { Datagrams } from "../../../src/services/transport/Datagrams.ts"

const PROGRAM = { file: "echo", arguments: [], environment: {}, directory: "/" }
const SIZE = { columns: 80, rows: 24 }
const KITTY: TerminalReport.TerminalReport = {
  ...TerminalReport.UNKNOWN,
  images: "kitty",
  cell: { width: 10, height: 20 }
}

/** A PNG file of noise, of about `bytes`. */
const noise = (bytes: number, seed = "noise"): Uint8Array => {
  const side = Math.max(1, Math.round(Math.sqrt(bytes / 4)))
  const rgba = new Uint8Array(side * side * 4)
  for (let at = 0, digest = createHash("sha256").update(seed).digest(); at < rgba.length; at += digest.length) {
    digest = createHash("sha256").update(digest).digest()
    rgba.set(digest.subarray(0, rgba.length - at), at)
  }
  return Png.encode({ width: side, height: side, rgba }, (scanlines) => deflateSync(scanlines, { level: 0 }))
}
const kitty = (png: Uint8Array, keys = "c=20,r=6") =>
  `\x1b_Ga=T,f=100,${keys};${Buffer.from(png).toString("base64")}\x1b\\`

const end = (datagrams: Layer.Layer<Datagrams>) => {
  const key = SessionKey.fromBytes(new Uint8Array(SessionKey.BYTES).fill(7)) as SessionKey.SessionKey
  return Layer.build(Layer.mergeAll(datagrams, NodeCompression.layer, NodePacketCipher.layer(key)))
}

const serve = Effect.gen(function* () {
  const pty = FakePty.make({ onTyped: (text, { print }) => print(text) })
  const session = yield* Session.make({ program: PROGRAM, size: SIZE }).pipe(
    Effect.provide(Layer.merge(XtermEmulator.layer, pty.layer))
  )
  return { pty, session }
})

/** A client of the session over a network of its own. */
const connect = Effect.fnUntraced(function* (
  session: Session.Session,
  path: Partial<SimulatedNetwork.Path>,
  terminal: TerminalReport.TerminalReport | undefined,
  onPicture = () => {}
) {
  const network = yield* SimulatedNetwork.make({ seed: 5, path })
  yield* Effect.provide(SessionTransport.attach(session, { network: Infinity, signal: 0 }), yield* end(network.server))
  const store = ImageStore.make()
  const client = yield* ClientSession.make({
    size: SIZE,
    notifications: false,
    scrollback: 0,
    reportsTerminal: terminal !== undefined,
    streamHandlers: [ImageReceiver.receive(store, () => undefined)],
    onPicture
  }).pipe(Effect.provide(yield* end(network.client)), Effect.provide(yield* Layer.build(Predictor.layer)))
  if (terminal !== undefined) client.reportTerminal(terminal)
  yield* TestClock.adjust(3000)
  return { network, client, store, pieces: () => ImageCells.pieces(client.screen().rows) }
})

describe("images of a session", () => {
  it.effect("reach a client whose terminal shows images, each once, and again the next client", () =>
    Effect.gen(function* () {
      const { pty, session } = yield* serve
      const first = yield* connect(session, { delay: 50 }, KITTY)
      const png = noise(30_000)
      pty.print(`text ${kitty(png)}`)
      yield* TestClock.adjust(3000)
      const [piece] = first.pieces()
      expect(piece).toEqual({ id: 1, row: 0, column: 0, y: 0, x: 5, height: 6, width: 20 })
      expect(first.store.images.get(1)?.picture.png).toEqual(png)
      expect(first.client.screen().cursor).toMatchObject({ row: 5, column: 25 })

      // The same image at another place is not sent again.
      const before = first.network.sent.length
      pty.print(`\x1b[10;1H${kitty(png)}`)
      yield* TestClock.adjust(3000)
      expect(first.pieces().length).toBe(2)
      const bytes = first.network.sent.slice(before).reduce((sum, { datagram }) => sum + datagram.length, 0)
      expect(bytes).toBeLessThan(5000)

      const later = noise(30_000, "later")
      pty.print(`\x1b[17;1H${kitty(later)}`)
      yield* TestClock.adjust(3000)
      expect(first.store.images.get(2)?.picture.png).toEqual(later)

      const second = yield* connect(session, { delay: 50 }, KITTY)
      yield* TestClock.adjust(3000)
      expect(second.pieces()).toEqual(first.pieces())
      expect(second.store.images.get(1)?.picture.png).toEqual(png)
    })
  )

  it.effect("are grey cells for clients whose terminal shows none, and nothing else is sent", () =>
    Effect.gen(function* () {
      for (const terminal of [TerminalReport.UNKNOWN, undefined]) {
        const { pty, session } = yield* serve
        const { client, network, pieces, store } = yield* connect(session, { delay: 50 }, terminal)
        network.sent.length = 0
        pty.print(kitty(noise(100_000)))
        yield* TestClock.adjust(3000)
        expect(pieces()).toEqual([])
        expect(store.images.size).toBe(0)
        expect(client.screen()).toEqual(ImageCells.withoutImages(session.frame()))
        expect(network.sent.reduce((sum, { datagram }) => sum + datagram.length, 0)).toBeLessThan(3000)
      }
    })
  )

  it.effect("are abandoned if they leave the screen before they have arrived", () =>
    Effect.gen(function* () {
      const { pty, session } = yield* serve
      const { store } = yield* connect(session, { delay: 50, bandwidth: 1_000_000, queue: 100_000 }, KITTY)
      pty.print(kitty(noise(1_000_000)))
      yield* TestClock.adjust(1000)
      const last = noise(20_000, "last")
      pty.print(`\x1b[2J\x1b[H${kitty(last)}`)
      yield* TestClock.adjust(4000)
      expect([...store.images.values()].map(({ picture }) => picture.png)).toEqual([last])
    })
  )

  it.effect("do not delay keystrokes", () =>
    Effect.gen(function* () {
      const clock = yield* Clock.clockWith(Effect.succeed)
      const now = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
      const { pty, session } = yield* serve
      const pressed: Array<number> = []
      const samples: Array<number> = []
      let shown = 0
      const path = { delay: 50, bandwidth: 4_000_000, queue: 100_000 }
      const { client, store } = yield* connect(session, path, KITTY, () => {
        const { column, row } = client.picture().cursor
        const reached = row === 20 ? Math.min(column, pressed.length) : 0
        for (; shown < reached; shown++) samples.push(now() - (pressed[shown] ?? 0))
      })
      const png = noise(1_000_000)
      pty.print(`\x1b[H${kitty(png)}\x1b[21;1H`)
      while (pressed.length < 40) {
        pressed.push(now())
        client.typeUnsafe("x")
        yield* TestClock.adjust(60)
      }
      // The image was on its way all the time, and arrives.
      expect(store.images.size).toBe(0)
      yield* TestClock.adjust(10_000)
      expect(store.images.get(1)?.picture.png.length).toBe(png.length)
      expect(samples.length).toBe(40)
      expect(Math.max(...samples)).toBeLessThanOrEqual(100 + 60)
    })
  )
})

describe("ImageReceiver", () => {
  const picture = noise(100)
  const size = Png.sizeOf(picture) ?? { width: 0, height: 0 }
  const header = (change: Partial<ImageMessage.Message> = {}) =>
    ImageMessage.encode({
      id: 3,
      length: picture.length,
      size,
      source: { x: 0, y: 0, ...size },
      columns: 2,
      rows: 1,
      cell: undefined,
      ...change
    })

  it.effect("refuses what is no image, and keeps the others", () =>
    Effect.gen(function* () {
      const outcomes: Array<string> = []
      const streamOf = (header: Uint8Array, content: ReadonlyArray<Uint8Array>) => {
        const rest = [...content]
        return {
          header,
          read: () => Effect.sync(() => rest.shift()),
          reset: (code: number) => Effect.sync(() => void outcomes.push(`reset ${code}`)),
          finish: Effect.sync(() => void outcomes.push("kept")),
          release: Effect.void
        }
      }
      const wrong = picture.slice()
      wrong[1] = 0
      const streams = [
        streamOf(Uint8Array.of(1, 2), []),
        streamOf(header({ columns: 241 }), [picture]),
        streamOf(header({ length: picture.length - 1 }), [picture]),
        streamOf(header(), [picture.subarray(1)]),
        streamOf(header(), [picture, picture]),
        streamOf(header(), [wrong]),
        streamOf(header({ size: { width: 1, height: 1 }, source: { x: 0, y: 0, width: 1, height: 1 } }), [picture]),
        streamOf(header(), [picture.subarray(0, 10), picture.subarray(10)])
      ]
      const store = ImageStore.make()
      const peer = {
        streams: {
          accept: (kind: number) => {
            expect(kind).toBe(StreamKind.images)
            return Stream.fromIterable(streams)
          }
        }
      } as unknown as Peer
      yield* ImageReceiver.receive(store, () => undefined)(peer)
      while (outcomes.length < streams.length) yield* Effect.yieldNow
      expect(outcomes).toEqual([...Array.from({ length: streams.length - 1 }, () => "reset 2"), "kept"])
      expect([...store.images]).toMatchObject([[3, { columns: 2, rows: 1 } satisfies Partial<Image>]])
    }).pipe(Effect.scoped)
  )
})
