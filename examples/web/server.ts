/**
 * A live session on a web page: a WebSocket carries pictures to the page, and keys from it.
 *
 *     npm run build && node examples/web/server.ts
 *
 * Anyone who can type into the page has a shell. So the server listens on this machine only, the page's address contains
 * a secret, and requests from another origin, or under another host name, are rejected.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer, Schema, Stream } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { Socket } from "effect/socket"
import { Capabilities, type ClientSession, type Frame, FrameDiff, MoshClient } from "effect-mosh"
import { NodeMoshClient, NodeMoshServer } from "effect-mosh/node"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Http from "node:http"
import { serveShell } from "../embed-server.ts"

/** A message of the page. */
const Message = Schema.fromJsonString(
  Schema.Union([
    Schema.TaggedStruct("Type", { text: Schema.String }),
    Schema.TaggedStruct("Resize", {
      columns: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 500 })),
      rows: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 }))
    })
  ])
)

const xterm = Capabilities.fromTerm({ term: "xterm-256color" })

/** Sends the session's pictures to a page until either ends. A slow page receives fewer pictures, not older ones. */
const show = Effect.fnUntraced(function* (session: ClientSession, socket: Socket.Socket) {
  const { write } = yield* socket.writer
  const pull = yield* Socket.readerString(socket)
  let shown: Frame.Frame | undefined
  const draw = (picture: Frame.Frame) => {
    const output = shown === undefined ? FrameDiff.repaint(picture, xterm) : FrameDiff.diff(shown, picture, xterm)
    shown = picture
    return write(JSON.stringify({ ...picture.size, output }))
  }
  const obey = Effect.fnUntraced(function* (text: string) {
    const message = yield* Schema.decodeEffect(Message)(text)
    if (message._tag === "Type") yield* session.type(message.text)
    else session.resize(message)
  })
  const listen = Effect.forever(Effect.flatMap(pull, (texts) => Effect.forEach(texts, obey, { discard: true })))
  yield* Effect.raceFirst(Stream.runForEach(session.pictures, draw), listen)
  yield* write(new Socket.CloseEvent(1000))
}, Effect.scoped)

const here = (path: string) => Fs.readFileSync(new URL(path, import.meta.url), "utf8")
const there = (path: string) => Fs.readFileSync(new URL(import.meta.resolve(`@xterm/xterm/${path}`)), "utf8")

const headers = {
  "Cache-Control": "no-store",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src data:; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff"
}
const file = (contentType: string, body: string) => HttpServerResponse.text(body, { contentType, headers })

/** Serves the page until the scope closes. Returns the address to open. */
export const serve = Effect.fnUntraced(function* (session: ClientSession) {
  const http = yield* NodeHttpServer.make(() => Http.createServer(), {
    host: "127.0.0.1",
    port: 0,
    websocket: { maxPayload: 65_536 }
  })
  const host = http.address._tag === "InetAddressV4" ? `127.0.0.1:${http.address.port}` : ""
  const origin = `http://${host}`
  const token = Crypto.randomBytes(16)
  const isToken = (text: string | null) => {
    const given = Buffer.from(text ?? "", "hex")
    return given.length === token.length && Crypto.timingSafeEqual(given, token)
  }
  const files = new Map([
    ["/page.js", file("text/javascript", here("page.js"))],
    ["/page.css", file("text/css", here("page.css"))],
    ["/xterm.js", file("text/javascript", there("lib/xterm.mjs"))],
    ["/xterm.css", file("text/css", there("css/xterm.css"))]
  ])
  const page = file("text/html", here("page.html"))
  const refused = HttpServerResponse.text("This page is not for you.\n", { status: 403, headers })

  const answer = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    if (request.headers["host"] !== host || request.method !== "GET") return refused
    const { pathname, searchParams } = new URL(request.url, origin)
    const asked = files.get(pathname)
    if (asked !== undefined) return asked
    if (!isToken(searchParams.get("token"))) return refused
    if (pathname === "/") return page
    if (pathname !== "/session" || request.headers["origin"] !== origin) return refused
    yield* show(session, yield* request.upgrade).pipe(Effect.ignore)
    return HttpServerResponse.empty()
  })
  yield* http.serve(answer)
  return `${origin}/?token=${token.toString("hex")}`
})

if (import.meta.main) {
  const program = Effect.gen(function* () {
    const server = yield* serveShell([])
    const client = yield* MoshClient
    const session = yield* client.connect({ host: "127.0.0.1", port: server.port, key: server.key })
    yield* Console.log(`Open ${yield* serve(session)}`)
    yield* session.ended
  })
  const runtime = Layer.merge(NodeMoshServer.layer, NodeMoshClient.layer)
  NodeRuntime.runMain(program.pipe(Effect.scoped, Effect.provide(runtime)))
}
