/**
 * The server's end of SOCKS 4, 4a and 5, from a client's first byte to the answer to its request: `CONNECT` without
 * authentication. Everything else is refused.
 *
 * A client that has not sent its whole request in 20 s, or sends what no request begins with, is dropped. At most
 * `MAX_REQUEST` bytes are held besides what a client sends ahead of the answer in its last piece.
 *
 * Law: however the bytes are cut, the outputs are the same. Sources: RFC 1928; the SOCKS 4 and 4a memos.
 */
import type { Machine, Millis } from "../Machine.ts"
import * as Endpoint from "./Endpoint.ts"
import type { ForwardingReason } from "./ForwardingCode.ts"

export interface State {
  readonly phase: "Greeting" | "Request" | "Connecting" | "Over"
  readonly version: 4 | 5
  /** Received and not yet used. After `Connect`: what the client sent ahead of the answer. */
  readonly held: Uint8Array
  readonly dropAt: Millis
}

export type Input =
  | { readonly _tag: "Received"; readonly bytes: Uint8Array }
  /** The destination answered. */
  | { readonly _tag: "Connected" }
  /** There is no connection to the destination. */
  | { readonly _tag: "Failed"; readonly reason: ForwardingReason }
  | { readonly _tag: "Tick" }

export type Output =
  | { readonly _tag: "Send"; readonly bytes: Uint8Array }
  /** Connect to a destination, and report the result. What else the client sends is for the destination. */
  | { readonly _tag: "Connect"; readonly to: Endpoint.Endpoint }
  /** Close the connection to the client, once everything is sent. */
  | { readonly _tag: "Close" }

/** How long a client may take for its request, ms. */
export const PATIENCE: Millis = 20_000

/** Bytes of the longest request that is accepted. */
export const MAX_REQUEST = 600

export const initial = (now: Millis): State => ({
  phase: "Greeting",
  version: 5,
  held: new Uint8Array(0),
  dropAt: now + PATIENCE
})

type Step = readonly [State, ReadonlyArray<Output>]

const step = (state: State, input: Input, now: Millis): Step => {
  switch (input._tag) {
    case "Received":
      return receive(state, input.bytes)
    case "Connected":
      return state.phase === "Connecting"
        ? [{ ...state, phase: "Over" }, [send(answer(state.version, SUCCEEDED))]]
        : [state, []]
    case "Failed":
      return state.phase === "Connecting" ? refuse(state, FAILURES[input.reason] ?? GENERAL_FAILURE) : [state, []]
    case "Tick":
      return now < deadline(state) ? [state, []] : drop(state)
  }
}

const deadline = ({ dropAt, phase }: State): Millis => (phase === "Greeting" || phase === "Request" ? dropAt : Infinity)

export const machine: Machine<State, Input, Output> = { step, deadline }

const receive = (before: State, bytes: Uint8Array): Step => {
  if (before.phase === "Over") return [before, []]
  const held = new Uint8Array(before.held.length + bytes.length)
  held.set(before.held)
  held.set(bytes, before.held.length)
  const state = { ...before, held }
  if (state.phase === "Connecting") return [state, []]
  if (state.phase === "Request") return request5(state)
  switch (held[0]) {
    case undefined:
      return [state, []]
    case 4:
      return request4({ ...state, version: 4 })
    case 5:
      return greeting5(state)
    default:
      return drop(state)
  }
}

const greeting5 = (state: State): Step => {
  const { held } = state
  const count = held[1]
  if (count === undefined || held.length < 2 + count) return wait(state)
  if (!held.subarray(2, 2 + count).includes(NO_AUTHENTICATION)) {
    return [{ ...state, phase: "Over", held: NOTHING }, [send(Uint8Array.of(5, NO_METHOD)), close]]
  }
  const [next, outputs] = request5({ ...state, phase: "Request", held: held.subarray(2 + count) })
  return [next, [send(Uint8Array.of(5, NO_AUTHENTICATION)), ...outputs]]
}

const request5 = (state: State): Step => {
  const { held } = state
  const [version, command, , type, first] = held
  if (version === undefined) return wait(state)
  if (version !== 5) return drop(state)
  if (command !== undefined && command !== CONNECT) return refuse(state, NO_COMMAND)
  if (type === undefined) return wait(state)
  const start = type === NAME ? 5 : 4
  const length = type === IPV4 ? 4 : type === IPV6 ? 16 : type === NAME ? first : -1
  if (length === -1) return refuse(state, NO_ADDRESS_TYPE)
  if (length === undefined || held.length < start + length + 2) return wait(state)
  const address = held.subarray(start, start + length)
  const host = type === NAME ? text(address) : type === IPV4 ? address.join(".") : ipv6(address)
  return connect(state, host, port(held, start + length), start + length + 2)
}

const request4 = (state: State): Step => {
  const { held } = state
  if (held[1] !== undefined && held[1] !== CONNECT) return refuse(state, GENERAL_FAILURE)
  const userEnd = held.indexOf(0, 8)
  if (held.length < 9 || userEnd < 0) return wait(state)
  const address = held.subarray(4, 8)
  const isNamed = address[0] === 0 && address[1] === 0 && address[2] === 0 && address[3] !== 0
  const nameEnd = isNamed ? held.indexOf(0, userEnd + 1) : userEnd
  if (nameEnd < 0) return wait(state)
  const host = isNamed ? text(held.subarray(userEnd + 1, nameEnd)) : address.join(".")
  return connect(state, host, port(held, 2), nameEnd + 1)
}

const connect = (state: State, host: string, port: number, length: number): Step => {
  if (length > MAX_REQUEST) return drop(state)
  if (port === 0 || host === Endpoint.ANY || !Endpoint.isHost(host)) return refuse(state, GENERAL_FAILURE)
  const held = state.held.subarray(length)
  return [{ ...state, phase: "Connecting", held }, [{ _tag: "Connect", to: { _tag: "Tcp", host, port } }]]
}

const wait = (state: State): Step => (state.held.length > MAX_REQUEST ? drop(state) : [state, []])

const drop = (state: State): Step => [{ ...state, phase: "Over", held: NOTHING }, [close]]

const refuse = (state: State, code: number): Step => [
  { ...state, phase: "Over", held: NOTHING },
  [send(answer(state.version, code)), close]
]

const NOTHING = new Uint8Array(0)

/** The answer to a request. The address, which clients of `CONNECT` do not need, is 0.0.0.0:0. */
const answer = (version: 4 | 5, code: number): Uint8Array =>
  version === 4
    ? Uint8Array.of(0, code === SUCCEEDED ? 90 : 91, 0, 0, 0, 0, 0, 0)
    : Uint8Array.of(5, code, 0, IPV4, 0, 0, 0, 0, 0, 0)

const NO_AUTHENTICATION = 0
const NO_METHOD = 0xff
const CONNECT = 1
const IPV4 = 1
const NAME = 3
const IPV6 = 4

const SUCCEEDED = 0
const GENERAL_FAILURE = 1
const NO_COMMAND = 7
const NO_ADDRESS_TYPE = 8
const FAILURES: { readonly [Reason in ForwardingReason]?: number } = {
  prohibited: 2,
  unreachable: 3,
  "unknown-host": 4,
  refused: 5,
  "timed-out": 6
}

const send = (bytes: Uint8Array): Output => ({ _tag: "Send", bytes })
const close: Output = { _tag: "Close" }

const port = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)

const ipv6 = (address: Uint8Array): string =>
  Array.from({ length: 8 }, (_, group) => port(address, 2 * group).toString(16)).join(":")

/** Empty, which no host is, if the bytes are no text. */
const text = (bytes: Uint8Array): string => {
  try {
    return decoder.decode(bytes)
  } catch {
    return ""
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
