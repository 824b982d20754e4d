/**
 * A program that asks, and a client whose terminal answers, in virtual time.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import * as ClusterRules from "../../../src/domain/terminal/ClusterRules.ts"
import * as TerminalReport from "../../../src/domain/terminal/TerminalReport.ts"
import { type ClientSession, type ConnectOptions, MoshClient } from "../../../src/services/client/MoshClient.ts"
import type { AttachmentMode } from "../../../src/index.ts"
import { MoshServer } from "../../../src/services/server/MoshServer.ts"
import * as NodeLogin from "../../../src/services/node/pty/NodeLogin.ts"
import * as NodeMoshClient from "../../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../../src/services/node/NodeMoshServer.ts"
import * as XtermEmulator from "../../../src/services/node/xterm/XtermEmulator.ts"
import { Predictor } from "../../../src/services/client/Predictor.ts"
import * as FakePty from "../../../src/testing/FakePty.ts"
import * as SimulatedNetwork from "../../../src/testing/SimulatedNetwork.ts"

const BACKGROUND = TerminalReport.DYNAMIC + 11
const reportOf = (background: number): TerminalReport.TerminalReport => ({
  ...TerminalReport.UNKNOWN,
  colors: new Map([[BACKGROUND, background]]),
  kittyKeyboard: true
})

/** The program's query for the background colour, and its reply. */
const QUERY = "\x1b]11;?\x07"
const reply = (byte: string) => `\x1b]11;rgb:${`${byte.repeat(2)}/`.repeat(3).slice(0, -1)}\x07`

const start = Effect.fnUntraced(function* () {
  const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 20 } })
  const pty = FakePty.make()
  const runtime = yield* Layer.build(
    Layer.merge(
      Layer.provide(
        NodeMoshServer.layerOver(() => network.server),
        Layer.merge(pty.layer, XtermEmulator.layer)
      ),
      Layer.provide(
        NodeMoshClient.layerOver(() => network.client),
        Predictor.layer
      )
    )
  )
  const server = yield* Effect.provideContext(MoshServer, runtime)
  const session = yield* server.open({ program: NodeLogin.program({ command: ["cat"] }) })
  const attachments = yield* server.attachments(session, { persistent: true })
  const attach = Effect.fnUntraced(function* (options: Partial<ConnectOptions>, mode: AttachmentMode = "TakeOver") {
    const { key, port } = yield* attachments.admit({ mode })
    const client = yield* Effect.provideContext(MoshClient, runtime)
    return yield* client.connect({ host: SimulatedNetwork.SERVER.host, port, key, ...options })
  })
  return { attach, network, pty }
})

describe("a client's terminal", () => {
  it.effect("answers the program's queries, from its report, at once, and while it is away", () =>
    Effect.gen(function* () {
      const { attach, network, pty } = yield* start()
      const client = yield* attach({ reportsTerminal: true })
      yield* TestClock.adjust(50)
      // The program asks before the report can have arrived.
      pty.print(`${QUERY}\x1b[c`)
      yield* TestClock.adjust(100)
      expect(pty.typed()).toBe("")
      client.reportTerminal(reportOf(0x111111))
      yield* TestClock.adjust(200)
      const first = `${reply("11")}\x1b[?62c`
      expect(pty.typed()).toBe(first)
      // The client is away.
      network.shape("both", { loss: 1 })
      yield* TestClock.adjust("1 hour")
      pty.print(QUERY)
      expect(pty.typed()).toBe(first + reply("11"))
      network.shape("both", { loss: 0 })
      client.reportTerminal(reportOf(0x222222))
      client.reportTerminal(reportOf(0x333333))
      yield* TestClock.adjust("10 seconds")
      pty.print(QUERY)
      expect(pty.typed()).toBe(first + reply("11") + reply("33"))
    }).pipe(Effect.scoped)
  )

  it.effect("determines how text is laid out", () =>
    Effect.gen(function* () {
      const { attach, pty } = yield* start()
      const columns = Effect.fnUntraced(function* (client: ClientSession) {
        pty.print("\r\x1b[K👩\u200d🚀")
        yield* TestClock.adjust(500)
        return client.picture().cursor.column
      })
      const report = { ...TerminalReport.UNKNOWN, clusters: ClusterRules.ALL }
      const client = yield* attach({ reportsTerminal: true })
      yield* TestClock.adjust(200)
      expect(yield* columns(client)).toBe(4)
      client.reportTerminal(report)
      yield* TestClock.adjust(200)
      expect(yield* columns(client)).toBe(2)
      expect(client.picture().rows[0]?.clusters?.get(0)).toBe("👩\u200d🚀")
      // A client that reports nothing.
      const other = yield* attach({})
      yield* TestClock.adjust(200)
      expect(yield* columns(other)).toBe(4)
    }).pipe(Effect.scoped)
  )

  it.effect("that does not answer delays replies for a second at most, and other clients' nothing", () =>
    Effect.gen(function* () {
      const { attach, pty } = yield* start()
      yield* attach({ reportsTerminal: true })
      yield* TestClock.adjust(50)
      pty.print(`\x1b[5n${QUERY}\x1b[c`)
      yield* TestClock.adjust(500)
      expect(pty.typed()).toBe("\x1b[0n")
      yield* TestClock.adjust(1000)
      expect(pty.typed()).toBe("\x1b[0n\x1b[?62c")
      pty.print(`${QUERY}\x1b[5n`)
      expect(pty.typed()).toBe("\x1b[0n\x1b[?62c\x1b[0n")
      // Without an announcement nothing is reported.
      const other = yield* attach({})
      other.reportTerminal(reportOf(0x444444))
      yield* TestClock.adjust("5 seconds")
      pty.print(`${QUERY}\x1b[c`)
      expect(pty.typed()).toBe("\x1b[0n\x1b[?62c\x1b[0n\x1b[?62c")
    }).pipe(Effect.scoped)
  )

  it.effect("gets the keyboard modes of the program, also when it attaches later; one that knows none, nothing", () =>
    Effect.gen(function* () {
      const { attach, pty } = yield* start()
      const plain = yield* attach({})
      yield* TestClock.adjust(500)
      pty.print("\x1b[>5u\x1b[>4;2m\x1b=")
      yield* TestClock.adjust(500)
      expect(plain.picture().modes.keyboard).toMatchObject({ kitty: 0, modifyOtherKeys: 0, applicationKeypad: false })
      const { screenCount } = plain
      const before = screenCount()
      pty.print("\x1b[=1u")
      yield* TestClock.adjust(500)
      expect(screenCount()).toBe(before)
      const modern = yield* attach({ reportsTerminal: true })
      yield* TestClock.adjust("2 seconds")
      expect(modern.picture().modes.keyboard).toMatchObject({ kitty: 1, modifyOtherKeys: 2, applicationKeypad: true })
      pty.print("\x1b[<u\x1b[>4m\x1b>")
      yield* TestClock.adjust(500)
      expect(modern.picture().modes.keyboard).toMatchObject({ kitty: 0, modifyOtherKeys: 0, applicationKeypad: false })
    }).pipe(Effect.scoped)
  )
})
