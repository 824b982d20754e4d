/**
 * The gateway's web page: it lists a user's sessions, and shows one of them live.
 *
 * `ssh GATEWAY web` prints the address of the page for the user who logged in. The address is valid for a day. The page listens on
 * loopback only. For browsers elsewhere, a reverse proxy with TLS passes requests on, with their `Host`, to the port `FLEET_WEB_PORT`;
 * `FLEET_WEB_ORIGIN` is how browsers reach the proxy, such as `https://fleet.example.org`.
 */
import { Clock, Config, Effect, Redacted, Schema } from "effect"
import { HttpServerResponse } from "effect/http"
import { MoshClient } from "effect-mosh"
import { MoshCluster } from "effect-mosh/cluster"
import * as Fs from "node:fs"
import * as Bridge from "../web/bridge.ts"

/** How long an address is valid, ms. */
const VALIDITY = 86_400_000

/** How many addresses are valid at a time: the oldest ends first. */
const MAX_INVITATIONS = 10_000

/** The origin of an address, without a path: the pages' links begin at the root. */
const Origin = Schema.String.check(
  Schema.isPattern(/^https?:\/\/[^/?#]+\/?$/, { expected: "an origin such as https://gateway-1.example.org" })
)

interface Invitation {
  readonly owner: string
  readonly until: number
}

const here = (path: string) => Fs.readFileSync(new URL(path, import.meta.url), "utf8")

/** Serves the page until the scope closes. */
export const serve = Effect.gen(function* () {
  const cluster = yield* MoshCluster
  const client = yield* MoshClient
  const clock = yield* Clock.Clock
  const settings = {
    port: yield* Config.Port("FLEET_WEB_PORT").pipe(Config.withDefault(0)),
    origin: yield* Config.schema(Origin, "FLEET_WEB_ORIGIN").pipe(Config.withDefault(undefined))
  }
  const invitations = new Map<string, Invitation>()
  const { "/": view, ...others } = Bridge.files
  const page = Bridge.file("text/html", here("list.html"))
  const files = new Map(Object.entries({ ...others, "/list.js": Bridge.file("text/javascript", here("list.js")) }))

  /** A live view of a session, beside the user's other clients. */
  const connect = Effect.fnUntraced(function* (owner: string, name: string) {
    const { address, key, port } = yield* cluster.attach({ owner, name }, { mode: "Share" })
    return yield* client.connect({ host: address, port, key: Redacted.value(key) })
  })

  const list = (owner: string) =>
    cluster.list(owner).pipe(
      Effect.map((sessions) =>
        Bridge.file(
          "application/json",
          JSON.stringify(sessions.map(({ machine, name, state }) => ({ machine, name, state })))
        )
      ),
      Effect.catch(({ message }) => Effect.succeed(HttpServerResponse.text(message, { status: 503 })))
    )

  const origin = yield* Bridge.serve((request) => {
    const { pathname, searchParams } = request.url
    const file = files.get(pathname)
    if (file !== undefined) return Effect.succeed(file)
    const invitation = invitations.get(searchParams.get("token") ?? "")
    if (invitation === undefined || invitation.until < clock.currentTimeMillisUnsafe())
      return Effect.succeed(Bridge.refused)
    const { owner } = invitation
    if (pathname === "/") return Effect.succeed(page)
    if (pathname === "/view") return Effect.succeed(view)
    if (pathname === "/sessions") return list(owner)
    const name = searchParams.get("name") ?? ""
    return pathname === "/session" ? request.connect(connect(owner, name)) : Effect.succeed(Bridge.refused)
  }, settings)

  /** The address of a page for a user. */
  const invite = (owner: string) => {
    const { text } = Bridge.makeToken()
    invitations.set(text, { owner, until: clock.currentTimeMillisUnsafe() + VALIDITY })
    for (const oldest of invitations.keys()) {
      if (invitations.size <= MAX_INVITATIONS) break
      invitations.delete(oldest)
    }
    return `${origin}/?token=${text}`
  }
  return { invite }
})
