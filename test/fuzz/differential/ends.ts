/**
 * Two sessions that the same program prints into: our server with a stock client, and a stock server with our client.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { execFileSync } from "node:child_process"
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import type { Frame, Size } from "../../../src/domain/terminal/Frame.ts"
import { Emulator } from "../../../src/services/server/Emulator.ts"
import { MoshClient } from "../../../src/services/client/MoshClient.ts"
import { MoshServer } from "../../../src/services/server/MoshServer.ts"
import * as NodeMoshClient from "../../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../../src/services/node/NodeMoshServer.ts"
import * as NodePty from "../../../src/services/node/pty/NodePty.ts"
import * as XtermEmulator from "../../../src/services/node/xterm/XtermEmulator.ts"
import { Pty } from "../../../src/services/server/Pty.ts"
import * as FakePty from "../../../src/testing/FakePty.ts"
import { program, startServer } from "../../support/peers.ts"
import * as Tap from "./tap.ts"

const environment = { HOME: "/", PATH: process.env["PATH"] ?? "/usr/bin:/bin", LANG: "C.UTF-8" }
/** After this silence a server whose client is gone, as after Ctrl-C, ends by itself. */
const ALONE = { MOSH_SERVER_NETWORK_TMOUT: "60" }
const PROGRAM = { file: "test", arguments: [], environment: {}, directory: "/" }

/** The terminal of a stock client. */
const clientTerminal = Effect.fnUntraced(function* (size: Size, port: number, key: string) {
  const emulator = Context.get(yield* Layer.build(XtermEmulator.layer), Emulator)
  const terminal = yield* emulator.make({ size, onReply: () => undefined })
  const [file = ""] = program("stock", "mosh-client")
  yield* Context.get(yield* Layer.build(NodePty.layer), Pty).spawn({
    file,
    arguments: ["127.0.0.1", `${port}`],
    environment: {
      ...environment,
      TERM: "xterm-256color",
      MOSH_KEY: key,
      MOSH_PREDICTION_DISPLAY: "never",
      MOSH_TITLE_NOPREFIX: "1",
      MOSH_NO_TERM_INIT: "1"
    },
    directory: "/",
    size,
    onOutput: (bytes) => terminal.write(bytes),
    onExit: () => undefined
  })
  return terminal
})

/** A stock client on a terminal of ours, attached to a server of ours, whose program is us. */
export const stockClient = Effect.fnUntraced(function* (size: Size) {
  const pty = FakePty.make()
  const services = yield* Layer.build(
    NodeMoshServer.layerWith.pipe(Layer.provide(Layer.merge(XtermEmulator.layer, pty.layer)))
  )
  const options = { program: PROGRAM, address: "127.0.0.1", ports: { low: 0, high: 0 }, size }
  const server = yield* Context.get(services, MoshServer).serve(options)

  const terminal = yield* clientTerminal(size, server.port, server.key)
  const started = Effect.sync(() => pty.started() !== undefined)
  yield* Effect.sleep(10).pipe(Effect.andThen(started), Effect.repeat({ until: (is) => is }), Effect.timeout(10_000))
  return {
    print: (bytes: Uint8Array) => pty.started()?.onOutput(bytes),
    /** The server's own screen, and what the stock client made of it. */
    frame: (): Frame => server.session.frame(),
    shown: (): Frame => terminal.frame()
  }
})

/** A stock server, whose program reads from us. */
const printingServer = Effect.gen(function* () {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-mosh-differential-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  )
  const fifo = join(directory, "output")
  execFileSync("mkfifo", ["-m", "600", fifo])
  const command = ["sh", "-c", 'stty raw -echo; exec cat "$0"', fifo]
  const server = yield* Effect.acquireDisposable(
    Effect.promise(() => startServer("stock", { command, environment: { ...environment, ...ALONE } }))
  )
  // For reading, too, so that opening does not wait for a reader.
  const file = yield* Effect.acquireRelease(
    Effect.sync(() => openSync(fifo, "r+")),
    (file) => Effect.sync(() => closeSync(file))
  )
  const { key, port } = server
  return { key, port, print: (bytes: Uint8Array) => void writeSync(file, bytes) }
})

const keyOf = (text: string): SessionKey.SessionKey => Result.getOrThrow(SessionKey.parse(text))

/** Our client, attached to a stock server. */
export const stockServer = Effect.fnUntraced(function* (size: Size) {
  const { key, port, print } = yield* printingServer
  const clients = yield* Layer.build(NodeMoshClient.layer)
  const client = yield* Context.get(clients, MoshClient).connect({
    host: "127.0.0.1",
    port,
    key: keyOf(key),
    size,
    notifications: false
  })
  return { print, shown: (): Frame => client.picture() }
})

/** A stock client, attached to a stock server, and our own interpretation of what the server sends. */
export const stockPair = Effect.fnUntraced(function* (size: Size) {
  const { key, port, print } = yield* printingServer
  const tapped = yield* Effect.acquireDisposable(Effect.promise(() => Tap.start({ port, key: keyOf(key), size })))
  const terminal = yield* clientTerminal(size, tapped.port, key)
  return { print, frame: tapped.frame, shown: (): Frame => terminal.frame() }
})
