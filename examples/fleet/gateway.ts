/**
 * A gateway: it opens and attaches the sessions of users who logged in by ssh, and shows them on a web page.
 *
 *     FLEET_SOCKET=/run/fleet/gateway node examples/fleet/gateway.ts
 *
 * Any number of gateways may run, each beside an sshd (`login.ts`). A gateway holds nothing that cannot be lost.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Config, Console, Data, Effect, Layer, Redacted, Schema } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { GatewayCommand, MoshCluster, NodeMoshCluster, type SessionMessages } from "effect-mosh/cluster"
import { NodeMoshClient } from "effect-mosh/node"
import * as Dns from "node:dns/promises"
import * as Fs from "node:fs"
import * as Http from "node:http"
import { database, secrets, telemetry } from "./settings.ts"
import * as Website from "./website.ts"

/** A user's login: who they are according to sshd, and what they typed. */
const Request = Schema.Struct({ owner: Schema.String, command: Schema.String })
export type Request = typeof Request.Type

/** What the login prints on standard output and error, and its exit status. */
export interface Answer {
  readonly lines: ReadonlyArray<string>
  readonly errors: ReadonlyArray<string>
  readonly status: number
}

const printed = (...lines: ReadonlyArray<string>): Answer => ({ lines, errors: [], status: 0 })
const failed = (...errors: ReadonlyArray<string>): Answer => ({ lines: [], errors, status: 1 })

/** A worker's `FLEET_ADDRESS` is a name that the gateway cannot resolve. */
class AddressError extends Data.TaggedError("AddressError")<{ readonly message: string }> {}

/** The lines by which a wrapper learns where the session is. */
const connection = Effect.fnUntraced(function* (ticket: SessionMessages.Ticket, expectsAddress: boolean) {
  const connect = `MOSH CONNECT ${ticket.port} ${Redacted.value(ticket.key)}`
  if (!expectsAddress) return [connect]
  const { address } = yield* Effect.tryPromise({
    try: () => Dns.lookup(ticket.address),
    catch: () =>
      new AddressError({ message: `The address ${ticket.address} of the session's machine cannot be resolved.` })
  })
  return [`MOSH IP ${address}`, connect]
})

const time = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace("T", " ")

const row = ({ ending, machine, name, openedAt, state }: SessionMessages.Session) =>
  `${name.padEnd(16)} ${machine.padEnd(12)} ${time(openedAt)}  ${state === "Running" ? "running" : ending}`

/** Does what the user requests, in the user's own name only. */
const obey = Effect.fnUntraced(function* (owner: string, command: GatewayCommand.GatewayCommand) {
  const cluster = yield* MoshCluster
  switch (command._tag) {
    case "Open": {
      const { expectsAddress, name, request } = command
      const { lost, ticket } = yield* cluster.open({ owner, name }, request)
      const notice =
        lost && `The session ${name} before was lost with ${lost.machine}, last seen at ${time(lost.at)} UTC.`
      return printed(...(notice === undefined ? [] : [notice]), ...(yield* connection(ticket, expectsAddress)))
    }
    case "Attach": {
      const ticket = yield* cluster.attach({ owner, name: command.name }, { mode: command.mode })
      return printed(...(yield* connection(ticket, command.expectsAddress)))
    }
    case "List": {
      const sessions = yield* cluster.list(owner)
      return sessions.length === 0 ? printed("You have no sessions.") : printed(...sessions.map(row))
    }
    case "End":
      yield* cluster.end({ owner, name: command.name })
      return printed(`The session ${command.name} ends.`)
    case "Refused":
      return failed(command.message)
  }
})

const apologise = ({ message }: { readonly message: string }) => failed(`mosh-fleet: ${message}`)

const serve = Effect.gen(function* () {
  const socket = yield* Config.String("FLEET_SOCKET")
  const website = yield* Website.serve
  const answer = Effect.gen(function* () {
    const { command, owner } = yield* HttpServerRequest.schemaBodyJson(Request)
    const reply =
      command === "web"
        ? printed(website.invite(owner))
        : yield* obey(owner, GatewayCommand.parse(command)).pipe(
            Effect.catch((failure) => Effect.succeed(apologise(failure)))
          )
    return HttpServerResponse.jsonUnsafe(reply)
  }).pipe(Effect.orElseSucceed(() => HttpServerResponse.empty({ status: 400 })))
  // Only this account may connect: who can names any owner.
  process.umask(0o077)
  yield* Effect.sync(() => Fs.rmSync(socket, { force: true }))
  const http = yield* NodeHttpServer.make(() => Http.createServer(), { path: socket })
  yield* http.serve(answer)
  yield* Console.log("ready")
  return yield* Effect.never
})

const gateway = Layer.unwrap(Effect.map(secrets, (secrets) => NodeMoshCluster.layerGateway({ secrets }))).pipe(
  Layer.provide(database),
  Layer.merge(NodeMoshClient.layer),
  Layer.provideMerge(telemetry("mosh-gateway"))
)

NodeRuntime.runMain(serve.pipe(Effect.scoped, Effect.provide(gateway)))
