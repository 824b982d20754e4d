/**
 * What forwardings read: headers of the peer's streams, SOCKS requests, options and ssh's configuration.
 */
import * as Result from "effect/Result"
import * as ConnectionHeader from "../../../src/domain/forwarding/ConnectionHeader.ts"
import * as Endpoint from "../../../src/domain/forwarding/Endpoint.ts"
import * as ForwardSpec from "../../../src/domain/forwarding/ForwardSpec.ts"
import * as Socks from "../../../src/domain/forwarding/Socks.ts"
import * as SshForwards from "../../../src/domain/forwarding/SshForwards.ts"
import { bytesEqual, law, type Target, texts } from "../target.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const headers = [
  ConnectionHeader.encode({ _tag: "Connect", to: { _tag: "Tcp", host: "localhost", port: 443 } }),
  ConnectionHeader.encode({ _tag: "Connect", to: { _tag: "Unix", path: "/run/docker.sock" } }),
  ConnectionHeader.encode({ _tag: "Accepted", listener: 70_000 }),
  ConnectionHeader.encodeListener({ _tag: "Tcp", host: undefined, port: 0 }),
  ConnectionHeader.encodeListener({ _tag: "Tcp", host: "*", port: 8080 })
]

const endpointValid = (endpoint: Endpoint.Endpoint | Endpoint.ListenEndpoint): void => {
  if (endpoint._tag === "Unix") law(Endpoint.isPath(endpoint.path), "a path that is none")
  else law(endpoint.host === undefined || Endpoint.isHost(endpoint.host), "a host that is none")
  if (endpoint._tag === "Tcp") law(endpoint.port >= 0 && endpoint.port <= 65_535, "a port that is none")
}

export const connectionHeader: Target = {
  what: "headers of forwarded connections and of listeners",
  seeds: () => headers,
  tokens: [...headers, Uint8Array.of(0xc0, 0x1f), ...texts("*", "::1", "/")],
  maxLength: 1024,
  budget: 50,
  quick: 5000,
  run: (input) => {
    const header = ConnectionHeader.decode(input)
    if (header !== undefined) {
      if (header._tag === "Connect") endpointValid(header.to)
      const again = ConnectionHeader.encode(header)
      law(again.length <= input.length, "longer when written again")
      law(bytesEqual(ConnectionHeader.encode(ConnectionHeader.decode(again) ?? header), again), "another header")
    }
    const listen = ConnectionHeader.decodeListener(input)
    if (listen !== undefined) endpointValid(listen)
  }
}

const requests = [
  Uint8Array.of(4, 1, 0, 80, 10, 0, 0, 7, 0),
  Uint8Array.of(4, 1, 0, 80, 0, 0, 0, 7, 0, 0x61, 0),
  Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 10, 0, 0, 7, 0, 80),
  Uint8Array.of(5, 2, 0, 2, 5, 1, 0, 3, 1, 0x61, 0, 80, 0x65)
]

/** The outputs for the input in pieces of a size, and the final state. */
const negotiate = (input: Uint8Array, size: number) => {
  let state = Socks.initial(0)
  let sent: ReadonlyArray<Socks.Output> = []
  for (let at = 0; at < input.length; at += size) {
    const [next, outputs] = Socks.machine.step(state, { _tag: "Received", bytes: input.subarray(at, at + size) }, 1)
    state = next
    sent = [...sent, ...outputs]
    law(state.phase === "Connecting" || state.held.length <= Socks.MAX_REQUEST, "more held than a request has")
  }
  return { state, sent }
}

export const socks: Target = {
  what: "SOCKS requests",
  seeds: () => requests,
  tokens: requests,
  maxLength: 1024,
  budget: 100,
  quick: 5000,
  run: (input) => {
    const whole = negotiate(input, Math.max(1, input.length))
    const pieces = negotiate(input, 3)
    law(JSON.stringify(whole.sent) === JSON.stringify(pieces.sent), "other outputs in pieces")
    law(bytesEqual(whole.state.held, pieces.state.held), "another rest in pieces")
    for (const output of whole.sent) if (output._tag === "Connect") endpointValid(output.to)
  }
}

export const forwardSpec: Target = {
  what: "forwardings, as options and as ssh prints them",
  seeds: () =>
    texts(
      "8080:localhost:80",
      "[::1]:8080:[2001:db8::7]:80",
      "/tmp/a\\:b:/tmp/b",
      "*:1080",
      "localforward 8080 [localhost]:80\nremoteforward [*]:1081 [socks]:0\ngatewayports yes"
    ),
  tokens: texts(":", "[", "]", "/", "\\", "*", "80", "localforward ", "dynamicforward ", "\n", " yes"),
  maxLength: 400,
  budget: 50,
  quick: 5000,
  run: (input) => {
    const text = decoder.decode(input)
    for (const flag of ForwardSpec.FLAGS) {
      const spec = ForwardSpec.parse(flag, text)
      if (Result.isFailure(spec)) {
        law(!/\p{Cc}/u.test(spec.failure), "a message with control characters")
        continue
      }
      endpointValid(spec.success.listen)
      if (spec.success.target !== undefined) endpointValid(spec.success.target)
      const again = ForwardSpec.parse(flag, ForwardSpec.format(spec.success))
      law(Result.isSuccess(again), "refused when written again")
      law(JSON.stringify(again.success) === JSON.stringify(spec.success), "another forwarding when written again")
    }
    law(SshForwards.parse(text).specs.length <= encoder.encode(text).length, "more forwardings than bytes")
  }
}
