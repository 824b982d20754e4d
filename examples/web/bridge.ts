/**
 * What connects a web page to a session: a WebSocket carries pictures to the page, and keys from it.
 *
 * Anyone who can type into a page has a shell. So the server listens on this machine only, and requests under another host name,
 * or from a page of another origin, are rejected.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Deferred, Effect, Schema, Scope, Stream } from "effect"
import { HttpServerRequest, HttpServerResponse, UrlParams } from "effect/http"
import { Socket } from "effect/socket"
import { Capabilities, type ClientSession, type Frame, FrameDiff } from "effect-mosh"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Http from "node:http"

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

/** The status codes with which a WebSocket closes (RFC 6455): the session ended, or this server does. */
const NORMAL = 1000
const GOING_AWAY = 1001

/** Sends the session's pictures to a page until one of them, or this server, ends. A slow page receives fewer pictures, not older ones. */
const show = Effect.fnUntraced(function* (session: ClientSession, socket: Socket.Socket, ending: Effect.Effect<void>) {
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
  const code = yield* Effect.raceAllFirst([
    Effect.as(Stream.runForEach(session.pictures, draw), NORMAL),
    listen,
    Effect.as(ending, GOING_AWAY)
  ])
  yield* write(new Socket.CloseEvent(code))
}, Effect.scoped)

const headers = {
  "Cache-Control": "no-store",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src data:; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff"
}

/** A response that no cache keeps and no other page may embed. */
export const file = (contentType: string, body: string) => HttpServerResponse.text(body, { contentType, headers })

export const refused = HttpServerResponse.text("This page is not for you.\n", { status: 403, headers })

const here = (path: string) => Fs.readFileSync(new URL(path, import.meta.url), "utf8")
const there = (path: string) => Fs.readFileSync(new URL(import.meta.resolve(`@xterm/xterm/${path}`)), "utf8")

/** The files of a page that shows a session. */
export const files = {
  "/": file("text/html", here("page.html")),
  "/page.js": file("text/javascript", here("page.js")),
  "/page.css": file("text/css", here("page.css")),
  "/xterm.js": file("text/javascript", there("lib/xterm.mjs")),
  "/xterm.css": file("text/css", there("css/xterm.css"))
}

/** A secret for a page's address, and the comparison with what a request has, whose duration reveals nothing. */
export const makeToken = () => {
  const token = Crypto.randomBytes(16)
  const matches = (text: string | null) => {
    const given = Buffer.from(text ?? "", "hex")
    return given.length === token.length && Crypto.timingSafeEqual(given, token)
  }
  return { text: token.toString("hex"), matches }
}

/** The rest of a request that a page may make, after its host and method were checked. */
export interface PageRequest {
  readonly url: URL
  /** Connects the page's WebSocket to a session until either ends. */
  readonly connect: <E, R>(
    session: Effect.Effect<ClientSession, E, R>
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | HttpServerRequest.HttpServerRequest>
}

/** For pages behind a reverse proxy. */
export interface ServeOptions {
  /** The local port. Default: one that the kernel chooses. */
  readonly port?: number | undefined
  /** How browsers reach the pages, such as `https://fleet.example.org`. Default: the local port. */
  readonly origin?: string | undefined
}

/** Serves pages until the scope closes. Returns their origin. `answer` gets the requests, unless another page makes them. */
export const serve = Effect.fnUntraced(function* <R>(
  answer: (request: PageRequest) => Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>,
  options: ServeOptions = {}
) {
  const server = Http.createServer()
  // The server adds finalizers as it runs, and these wait for its connections. In a scope of its own they come after `ending`.
  const within = Scope.provide(yield* Scope.fork(yield* Effect.scope))
  const http = yield* within(
    NodeHttpServer.make(() => server, {
      host: "127.0.0.1",
      port: options.port ?? 0,
      websocket: { maxPayload: 65_536 }
    })
  )
  const local = http.address._tag === "InetAddressV4" ? `http://127.0.0.1:${http.address.port}` : "http://localhost"
  const { host, origin } = new URL(options.origin ?? local)
  // The answer names the origin: whose `Host` a reverse proxy has to pass on.
  const misdirected = HttpServerResponse.text(`Open this page at ${origin}.\n`, { status: 403, headers })
  const ending = yield* Deferred.make<void>()
  const respond = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    if (request.headers["host"] !== host) return misdirected
    if (request.method !== "GET") return refused
    const connect: PageRequest["connect"] = (session) =>
      request.headers["origin"] === origin
        ? Effect.matchCauseEffect(session, {
            onFailure: () => Effect.succeed(refused),
            onSuccess: (one) =>
              Effect.flatMap(request.upgrade, (socket) => show(one, socket, Deferred.await(ending))).pipe(
                Effect.ignore,
                Effect.as(HttpServerResponse.empty())
              )
          })
        : Effect.succeed(misdirected)
    return yield* answer({ url: new URL(request.url, origin), connect })
  })
  // Spans contain the addresses of requests, and the token is a secret.
  yield* http.serve(respond).pipe(Effect.provideService(UrlParams.CurrentRedactedNames, ["token"]), within)
  // A page's connections last as long as the page, and a browser opens some before it has a request for them.
  yield* Effect.addFinalizer(() =>
    Effect.andThen(
      Deferred.succeed(ending, undefined),
      Effect.sync(() => server.closeAllConnections())
    )
  )
  return origin
})
