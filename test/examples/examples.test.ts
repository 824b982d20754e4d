/**
 * The examples do what they say.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Http from "node:http"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import type { AddressInfo } from "node:net"
import { counter } from "../../examples/counter.ts"
import { serveShell } from "../../examples/embed-server.ts"
import { askForASum, waitFor } from "../../examples/expect.ts"
import { forward, serveForwarding } from "../../examples/forward-port.ts"
import { serveUsers } from "../../examples/many-sessions.ts"
import { observed } from "../../examples/observed-server.ts"
import { receiveFiles, sendFile } from "../../examples/send-file.ts"
import * as SharedDocument from "../../examples/shared-document.ts"
import { shareSession } from "../../examples/shared-session.ts"
import * as RemoteCommand from "../../examples/remote-command.ts"
import { transcribe } from "../../examples/transcript.ts"
import { share } from "../../examples/two-viewers.ts"
import { MoshClient } from "../../src/services/client/MoshClient.ts"
import { MoshServer } from "../../src/services/server/MoshServer.ts"
import * as NodeSockets from "../../src/services/node/forwarding/NodeSockets.ts"
import * as NodeMoshClient from "../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../src/services/node/NodeMoshServer.ts"
import * as SyncObjectLaws from "../../src/testing/SyncObjectLaws.ts"

const runtime = Layer.mergeAll(NodeMoshServer.layer, NodeMoshClient.layer)

const join = Effect.fnUntraced(function* (server: { readonly port: number; readonly key: string }) {
  const size = { columns: 40, rows: 10 }
  return yield* (yield* MoshClient).connect({ host: "127.0.0.1", port: server.port, key: server.key, size })
})

describe("the examples", () => {
  it.live("embed a server", () =>
    Effect.gen(function* () {
      const server = yield* serveShell(["sh", "-c", "echo served; exec cat"])
      const client = yield* join(server)
      expect(yield* waitFor(client, /^served$/)).toHaveLength(10)
      server.terminate()
      expect(yield* client.ended).toEqual({ _tag: "PeerShutdown" })
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("serve many users on one port", () =>
    Effect.gen(function* () {
      const { servers, sharedPort } = yield* serveUsers(["ada", "grace", "barbara"])
      for (const [i, name] of [/^hello ada$/, /^hello grace$/, /^hello barbara$/].entries()) {
        const server = servers[i]
        if (server === undefined) throw new Error("too few sessions")
        expect(server.port).toBe(sharedPort.port)
        yield* waitFor(yield* join(server), name)
      }
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("send a file to a command, and return what that prints", () =>
    Effect.gen(function* () {
      const bytes = Stream.make(Buffer.from("two\nlines\n"), Buffer.from("and more\n"))
      expect(yield* RemoteCommand.send(bytes, "sort; echo sorted >&2; exit 4")).toEqual({
        status: 4,
        printed: expect.stringMatching(/^(sorted\n)?and more\nlines\ntwo\n(sorted\n)?$/)
      })
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("wait for text, and type", () =>
    Effect.gen(function* () {
      expect(yield* askForASum).toBe("the sum is 42")
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("fail when the session ends before the text appears", () =>
    Effect.gen(function* () {
      const client = yield* join(yield* serveShell(["sh", "-c", "echo something else"]))
      const error = yield* Effect.flip(waitFor(client, /never shown/))
      expect(error).toMatchObject({ _tag: "EndedFirst", message: expect.stringContaining("never shown") })

      const { client: here, server: there } = yield* SharedDocument.connect
      yield* here.shutdown
      expect(yield* Effect.flip(SharedDocument.read(there, "title"))).toMatchObject({ _tag: "NoSuchElementError" })
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("serve an Effect", () =>
    Effect.gen(function* () {
      const server = yield* (yield* MoshServer).serve({ program: counter, address: "127.0.0.1" })
      const client = yield* join(server)
      yield* waitFor(client, /count: 0/)
      yield* client.type("++-+\x1b[A\x1b[A\x1b[B")
      const lines = yield* waitFor(client, /count: 3/)
      expect(lines.at(-1)).toBe("+ and - count, q leaves")
      yield* client.type("q")
      expect(yield* client.ended).toEqual({ _tag: "PeerShutdown" })
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("write a transcript", () =>
    Effect.gen(function* () {
      const directory = Fs.mkdtempSync(Path.join(tmpdir(), "effect-mosh-transcript-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true })))
      const file = Path.join(directory, "transcript.txt")
      const mosh = yield* MoshServer
      const long = "0123456789 ".repeat(30)
      const script = `i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "line $i"; done; echo "${long}"; printf 'the end'`
      const program = { file: "sh", arguments: ["-c", script], environment: { PATH: "/usr/bin:/bin" }, directory: "/" }
      const session = yield* mosh.open({ program, size: { columns: 40, rows: 10 } })
      session.start()
      yield* transcribe(session, file)
      const lines = Array.from({ length: 300 }, (_, i) => `line ${i + 1}`)
      expect(Fs.readFileSync(file, "utf8")).toBe([...lines, long.trimEnd(), "the end", ""].join("\n"))
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("show one session to two", () =>
    Effect.gen(function* () {
      const { viewers } = yield* share(["cat"])
      const clients = yield* Effect.forEach(viewers, (viewer) => join(viewer))
      for (const [at, client] of clients.entries()) {
        yield* client.type(`viewer ${at}\r`)
        for (const other of clients) expect(yield* waitFor(other, new RegExp(`^viewer ${at}$`))).toHaveLength(10)
      }
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("share a session with a viewer, and hand it over", () =>
    Effect.gen(function* () {
      const { admit, attachments, closeViewers, log } = yield* shareSession(["cat"])
      yield* Effect.forkScoped(log)
      const owner = yield* join(yield* admit("TakeOver"))
      const viewer = yield* join(yield* admit("View"))
      yield* owner.type("from the owner\r")
      expect(yield* waitFor(viewer, /^from the owner$/)).toHaveLength(10)
      yield* viewer.type("from the viewer\r")
      yield* closeViewers
      yield* viewer.ended
      expect(viewer.ending()).toMatchObject({ why: "Detached" })
      const next = yield* join(yield* admit("TakeOver"))
      yield* owner.ended
      expect(owner.ending()).toMatchObject({ why: "TakenOver", from: "127.0.0.1" })
      yield* next.type("from the next\r")
      const lines = yield* waitFor(next, /^from the next$/)
      expect(lines.join("\n")).not.toContain("from the viewer")
      expect(attachments.list().findLast(({ phase }) => phase === "Attached")).toMatchObject({ leads: true })
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("forward a port, and send a file", () =>
    Effect.gen(function* () {
      const target = yield* Effect.acquireRelease(
        Effect.callback<Http.Server>((resume) => {
          const server = Http.createServer((_, response) => response.end("forwarded"))
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) =>
          Effect.sync(() => server.closeAllConnections()).pipe(Effect.andThen(Effect.sync(() => server.close())))
      )
      const { key, port } = yield* serveForwarding
      const listener = yield* forward("127.0.0.1", port, key, `0:127.0.0.1:${(target.address() as AddressInfo).port}`)
      const response = yield* Effect.promise(() => fetch(`http://127.0.0.1:${listener}/`))
      expect(yield* Effect.promise(() => response.text())).toBe("forwarded")

      const saved: Array<readonly [string, number]> = []
      const save: Parameters<typeof receiveFiles>[0] = (name, bytes) =>
        Stream.runFold(
          bytes,
          () => 0,
          (sum, piece) => sum + piece.length
        ).pipe(
          Effect.map((sum) => void saved.push([name, sum])),
          Effect.ignore
        )
      const server = yield* (yield* MoshServer).serve({
        program: () => Effect.never,
        address: "127.0.0.1",
        streamHandlers: [receiveFiles(save)]
      })
      const client = yield* join(server)
      const file = Path.join(import.meta.dirname, "../../package-lock.json")
      yield* sendFile(client.streams, file)
      expect(saved).toEqual([["package-lock.json", Fs.statSync(file).size]])
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(runtime, NodeSockets.layer)))
  )

  it.live("keep a document of one's own in step", () =>
    Effect.gen(function* () {
      const { client, server } = yield* SharedDocument.connect
      SharedDocument.write(client, "title", "Shared")
      SharedDocument.write(client, "__proto__", "nothing special")
      expect(yield* SharedDocument.read(server, "title")).toBe("Shared")
      expect(yield* SharedDocument.read(server, "__proto__")).toBe("nothing special")
      SharedDocument.write(server, "answer", "seen")
      expect(yield* SharedDocument.read(client, "answer")).toBe("seen")
      expect(yield* client.shutdown).toEqual({ _tag: "Acknowledged" })
      expect((yield* Stream.runCollect(server.statuses)).at(-1)?.shuttingDown).toBe(false)
    }).pipe(Effect.scoped)
  )

  it.effect("keep one by an object that obeys the laws", () =>
    SyncObjectLaws.check({
      object: SharedDocument.object,
      histories: Schema.Array(Schema.ReadonlyMap(Schema.String, Schema.String))
    })
  )

  it.live("are observed by adding a layer", () =>
    Effect.gen(function* () {
      const told = new Map<string, string>()
      const collector = Http.createServer((request, response) => {
        let body = ""
        request.on("data", (bytes: Buffer) => (body += bytes.toString()))
        request.on("end", () => {
          told.set(request.url ?? "", body)
          response.end("{}")
        })
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => collector.close()))
      const port = yield* Effect.callback<number>((resume) => {
        collector.listen(0, "127.0.0.1", () => resume(Effect.succeed((collector.address() as AddressInfo).port)))
      })
      const server = yield* Effect.gen(function* () {
        const server = yield* serveShell(["cat"])
        const client = yield* join(server).pipe(Effect.provide(NodeMoshClient.layer))
        yield* client.type("hello\r")
        yield* waitFor(client, /^hello$/)
        return server
      }).pipe(Effect.scoped, Effect.provide(observed(`http://127.0.0.1:${port}`)))
      expect(told.get("/v1/traces")).toContain("mosh.transport")
      expect([...told.values()].join("")).not.toContain(server.key)
    }).pipe(Effect.scoped)
  )
})
