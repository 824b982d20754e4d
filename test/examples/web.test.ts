/**
 * The web page shows the session and types into it. Other users cannot.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Http from "node:http"
import { serveShell } from "../../examples/embed-server.ts"
import * as Web from "../../examples/web/server.ts"
import * as Frame from "../../src/domain/terminal/Frame.ts"
import { MoshClient } from "../../src/services/client/MoshClient.ts"
import * as NodeMoshClient from "../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../src/services/node/NodeMoshServer.ts"
import * as Chromium from "../support/chromium.ts"
import { requirePrograms } from "../support/peers.ts"

const runtime = Layer.mergeAll(NodeMoshServer.layer, NodeMoshClient.layer)

const serve = Effect.fnUntraced(function* (command: ReadonlyArray<string>) {
  const server = yield* serveShell(command)
  const session = yield* (yield* MoshClient).connect({ host: "127.0.0.1", port: server.port, key: server.key })
  return { server, session, address: new URL(yield* Web.serve(session)) }
})

/** Evaluates an expression until its value matches. */
const until = (page: Chromium.Page, expression: string, pattern: RegExp) =>
  Effect.gen(function* () {
    let value: unknown
    for (let i = 0; i < 200; i++) {
      value = yield* Effect.promise(() => page.evaluate(expression))
      if (pattern.test(String(value))) return
      yield* Effect.sleep("50 millis")
    }
    return yield* Effect.die(new Error(`${expression} is ${JSON.stringify(value)}\n${page.log.join("\n")}`))
  })

const TEXT = `document.querySelector(".xterm-rows")?.textContent.replaceAll("\\u00a0", " ")`

describe("the web page", () => {
  it.live("shows a session, and types into it", (context) =>
    Effect.gen(function* () {
      requirePrograms(context, "chromium")
      const { address, server, session } = yield* serve(["sh", "-c", "stty -echo; echo ready; exec sed -u 's/.*/<&>/'"])
      const { open } = yield* Chromium.start
      const page = yield* Effect.promise(() => open(address.href))
      yield* until(page, TEXT, /ready/)
      // The session takes on the window's size, and the secret leaves the address bar.
      yield* until(page, `document.querySelectorAll(".xterm-rows > div").length`, /^(2[5-9]|[3-9]\d)$/)
      expect(session.screen().size.rows).toBeGreaterThan(24)
      expect(yield* Effect.promise(() => page.evaluate("location.href"))).toBe(`${address.origin}/`)
      yield* Effect.promise(() => page.type("häl-lo\r"))
      yield* until(page, TEXT, /<häl-lo>/)
      server.terminate()
      yield* until(page, `document.getElementById("status").textContent`, /^The session has ended\.$/)
      expect(page.log).toEqual([])
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("ends while a page is open, which then does not report the session's end", (context) =>
    Effect.gen(function* () {
      requirePrograms(context, "chromium")
      const { open } = yield* Chromium.start
      const scope = yield* Scope.make()
      const { address } = yield* serve(["sh", "-c", "echo ready; exec cat"]).pipe(Scope.provide(scope))
      const page = yield* Effect.promise(() => open(address.href))
      yield* until(page, TEXT, /ready/)
      yield* Scope.close(scope, Exit.void)
      yield* until(page, `document.getElementById("status").textContent`, /^No connection to the session\. Open/)
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )

  it.live("is only for users who know its address", () =>
    Effect.gen(function* () {
      const { address, session } = yield* serve(["cat"])
      const ask = (path: string, init: RequestInit = {}) =>
        Effect.map(
          Effect.promise(() => fetch(new URL(path, address), init)),
          ({ status }) => status
        )
      expect(yield* ask(address.href)).toBe(200)
      expect(yield* ask("/xterm.js")).toBe(200)
      expect(yield* ask("/")).toBe(403)
      expect(yield* ask("/?token=00")).toBe(403)
      expect(yield* ask(`/?token=${"0".repeat(32)}`)).toBe(403)
      expect(yield* ask(address.href, { method: "POST" })).toBe(403)
      expect(yield* ask(`/../package.json${address.search}`)).toBe(403)
      expect(yield* ask(address.href.replace("127.0.0.1", "localhost"))).toBe(403)
      const misdirected = yield* Effect.promise(() => fetch(address.href.replace("127.0.0.1", "localhost")))
      expect(yield* Effect.promise(() => misdirected.text())).toBe(`Open this page at ${address.origin}.\n`)
      const joins = (path: string, origin: string | undefined) =>
        Effect.callback<number | undefined>((resume) => {
          const request = Http.request(new URL(path, address), {
            headers: {
              Connection: "Upgrade",
              Upgrade: "websocket",
              "Sec-WebSocket-Version": "13",
              "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
              ...(origin === undefined ? {} : { Origin: origin })
            }
          })
          request.on("response", ({ statusCode }) => resume(Effect.succeed(statusCode)))
          request.on("upgrade", ({ statusCode }, socket) => {
            socket.destroy()
            resume(Effect.succeed(statusCode))
          })
          request.on("error", (error) => resume(Effect.die(error)))
          request.end()
        })
      expect(yield* joins(`/session${address.search}`, address.origin)).toBe(101)
      expect(yield* joins("/session", address.origin)).toBe(403)
      expect(yield* joins(`/session${address.search}`, "http://example.org")).toBe(403)
      expect(yield* joins(`/session${address.search}`, address.origin.replace("127.0.0.1", "localhost"))).toBe(403)
      expect(yield* joins(`/session${address.search}`, undefined)).toBe(403)
      expect(Frame.lines(session.screen()).join("")).toBe("")
    }).pipe(Effect.scoped, Effect.provide(runtime))
  )
})
