/**
 * Public operations at the boundaries run in spans, so a tracer shows how long each step of a start takes.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"
import * as SshBootstrap from "../../src/services/bootstrap/SshBootstrap.ts"
import { MoshClient } from "../../src/services/client/MoshClient.ts"
import { MoshServer } from "../../src/services/server/MoshServer.ts"
import * as NodeMoshClient from "../../src/services/node/NodeMoshClient.ts"
import * as NodeMoshServer from "../../src/services/node/NodeMoshServer.ts"
import type { SessionRequest } from "../../src/domain/arguments/WrapperArguments.ts"

/** Records the spans' names, each below its parent's: `parent/child`. */
const recording = () => {
  const names: Array<string> = []
  const tracer = Tracer.make({
    span: (options) => {
      const above =
        options.parent._tag === "Some" && options.parent.value._tag === "Span" ? options.parent.value : undefined
      names.push(above === undefined ? options.name : `${above.name}/${options.name}`)
      return new Tracer.NativeSpan(options)
    }
  })
  return { names, tracer }
}

it.live("a session's start and a client's connection", () =>
  Effect.gen(function* () {
    const { names, tracer } = recording()
    yield* Effect.gen(function* () {
      const server = yield* (yield* MoshServer).serve({
        program: () => Effect.never,
        address: "127.0.0.1",
        ports: { low: 0, high: 0 }
      })
      yield* (yield* MoshClient).connect({ host: "127.0.0.1", port: server.port, key: server.key })
    }).pipe(
      Effect.scoped,
      Effect.provide(Layer.mergeAll(NodeMoshServer.layer, NodeMoshClient.layer)),
      Effect.withTracer(tracer)
    )
    expect(names).toEqual([
      "MoshServer.serve",
      "MoshServer.serve/MoshServer.open",
      "MoshServer.serve/MoshServer.listen",
      "MoshServer.listen/mosh.transport",
      "MoshClient.connect",
      "MoshClient.connect/mosh.transport"
    ])
  })
)

const request: SessionRequest = {
  place: {
    _tag: "Ssh",
    destination: "host.example",
    ssh: ["ssh"],
    sshPort: undefined,
    pty: true,
    addressFrom: "local"
  },
  command: [],
  server: undefined,
  client: undefined,
  ports: undefined,
  bind: { _tag: "Ssh" },
  family: "prefer-inet",
  prediction: "adaptive",
  attach: undefined,
  mode: "TakeOver",
  session: undefined,
  detachable: false,
  predictOverwrite: false,
  initTerminal: true,
  scrollback: undefined,
  forwards: [],
  verbose: undefined,
  transport: "udp",
  fallback: undefined
}

it.effect("a server's start by ssh, whose failure is typed", () =>
  Effect.gen(function* () {
    const { names, tracer } = recording()
    const error = yield* SshBootstrap.start(request, {
      environment: {},
      self: ["mosh"],
      ownServer: ["mosh-server"],
      colors: 256,
      show: () => undefined
    }).pipe(
      Effect.provideService(SshBootstrap.SshBootstrap, {
        listen: () => Effect.fail(new SshBootstrap.CommandNotStarted({ reason: "there is no program ssh" })),
        output: () => Effect.succeed(""),
        addresses: () => Effect.succeed([{ address: "192.0.2.1", family: 4 }])
      }),
      Effect.withTracer(tracer),
      Effect.flip
    )
    expect(error).toMatchObject({ reason: "SshNotStarted", detail: "there is no program ssh" })
    expect(names).toEqual(["SshBootstrap.start", "SshBootstrap.start/SshBootstrap.resolve"])
  })
)
