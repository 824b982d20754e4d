import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as ForwardSpec from "../../../src/domain/forwarding/ForwardSpec.ts"
import * as Forwardings from "../../../src/programs/mosh-client/forwardings.ts"
import * as NodeSockets from "../../../src/services/node/forwarding/NodeSockets.ts"

it.effect("a client that only watches is silent about what ssh's configuration forwards, and refuses more", () =>
  Effect.gen(function* () {
    const notices: Array<string> = []
    const forwardings = yield* Forwardings.make({
      asked: { specs: [Result.getOrThrow(ForwardSpec.parse("D", "0"))], gatewayPorts: false, exitOnFailure: true },
      agent: { _tag: "Offer", path: "/nonexistent/agent" },
      agentQuiet: false,
      viewOnly: true,
      notice: (text) => notices.push(text),
      onFailure: (why) => notices.push(why)
    })
    yield* forwardings.openLocal
    yield* forwardings.openRemote
    forwardings.list()
    expect(notices).toEqual(["nothing is forwarded"])
    forwardings.obey("-D 0")
    expect(notices.slice(1)).toEqual(["a client that only watches forwards nothing"])
  }).pipe(Effect.scoped, Effect.provide(NodeSockets.layer))
)
