/**
 * Two endpoints and a hostile network, driven by a script. Every step is recorded, so that laws can be checked on each.
 *
 * The cipher is not secret but authentic: a datagram that was changed or made without the key does not open. Scripts
 * also send what only a peer with the key could send, so instructions with arbitrary numbers are received, too.
 */
import * as Schema from "effect/Schema"
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"
import type { Millis } from "../../../src/domain/Machine.ts"
import * as Endpoint from "../../../src/domain/ssp/Endpoint.ts"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import type * as Streams from "../../../src/domain/streams/Streams.ts"
import * as Fragment from "../../../src/domain/wire/Fragment.ts"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as StreamPacket from "../../../src/domain/wire/streams/StreamPacket.ts"
import * as Timestamp16 from "../../../src/domain/wire/Timestamp16.ts"
import { samples } from "../../fuzz/targets/stream-packet.ts"
import * as Note from "./Note.ts"

export type State = Endpoint.State<string, string, string>
export type Input = Endpoint.Input<string, string>
export type Output = Endpoint.Output<string, string>

export interface Step {
  readonly role: Role
  readonly before: State
  readonly input: Input
  readonly now: Millis
  readonly after: State
  /** Of `after`, at that time: later steps change its streams in place. */
  readonly deadline: Millis
  readonly outputs: ReadonlyArray<Output>
}

const Below = (limit: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: limit - 1 }))

const Action = Schema.Struct({
  role: Schema.Literals(["Client", "Server"]),
  kind: Schema.Literals([
    ...(["publish", "deliver", "deliver", "deliver", "wake", "wake", "wait", "wait"] as const),
    ...(["replay", "tamper", "noise", "forge", "garbage", "move"] as const),
    ...(["stream", "stream", "frames"] as const),
    ...(["TooLarge", "Refused", "PathChanged", "Tick", "Shutdown"] as const)
  ]),
  /** Parameters of the action: which datagram, how long, how much. */
  a: Below(1000),
  b: Below(1000)
})
type Action = typeof Action.Type

/** A script: actions of both programs, of the network, and of an attacker. */
export const Script = Schema.Array(Action).check(Schema.isMinLength(30), Schema.isMaxLength(120))
export type Script = typeof Script.Type

const START = 1_000_000

export const machine = (role: Role) =>
  Endpoint.machine<string, string, string>({
    role,
    addressEquals: (a, b) => a === b,
    local: Note.object,
    remote: Note.object,
    cipher,
    compressor
  })

const COMPRESSED = 0x78

/** It begins what it "compressed" as zlib does, and saves nothing. */
const compressor: Endpoint.Compressor = {
  deflate: (bytes) => Uint8Array.of(COMPRESSED, ...bytes),
  inflate: (bytes) => (bytes[0] === COMPRESSED ? bytes.subarray(1) : undefined)
}

export const initial = (role: Role, features = 0): State =>
  Endpoint.init({
    role,
    local: "",
    remote: "",
    features,
    minDelay: role === "Client" ? 0 : 8,
    attached: role === "Client",
    family: "IPv4",
    now: START
  })

/** Runs a script and returns every step of both endpoints, in order. */
export const play = (script: Script, features: number | Readonly<Record<Role, number>> = 0): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  const of = (role: Role): State => initial(role, typeof features === "number" ? features : features[role])
  const ends = { Client: of("Client"), Server: of("Server") }
  const made = { Client: machine("Client"), Server: machine("Server") }
  const texts = { Client: "", Server: "" }
  /** Datagrams to each end: those under way, and all that were ever sent. */
  const wire: Record<Role, Array<Uint8Array>> = { Client: [], Server: [] }
  const history: Record<Role, Array<Uint8Array>> = { Client: [], Server: [] }
  let now: Millis = START
  let host = "home"

  const step = (role: Role, input: Input): void => {
    const before = ends[role]
    const [after, outputs] = made[role].step(before, input, now)
    ends[role] = after
    steps.push({ role, before, input, now, after, deadline: made[role].deadline(after), outputs })
    const to = role === "Client" ? "Server" : "Client"
    for (const output of outputs) {
      if (output._tag !== "Send") continue
      wire[to].push(output.datagram)
      history[to].push(output.datagram)
    }
  }
  const receive = (role: Role, datagram: Uint8Array, congested = false): void => {
    const source = role === "Server" ? host : "server"
    step(role, { _tag: "Datagram", datagram, source, socket: 0, congested })
  }

  const act = ({ a, b, kind, role }: Action): void => {
    switch (kind) {
      case "publish":
        texts[role] = texts[role].slice(0, texts[role].length - (a % 3)) + "abc".repeat(a % 5 === 0 ? 1 + b : 1)
        return step(role, { _tag: "Publish", state: texts[role] })
      case "deliver": {
        const [datagram] = wire[role].splice(a % Math.max(1, Math.min(3, wire[role].length)), 1)
        return datagram === undefined ? undefined : receive(role, datagram, b % 50 === 0)
      }
      case "wake":
        if (made[role].deadline(ends[role]) <= now) step(role, { _tag: "Tick" })
        return
      case "wait":
        now += a % 10 === 0 ? b * 30 : a % 60
        return
      case "replay": {
        const datagram = history[role][a % Math.max(1, history[role].length)]
        return datagram === undefined ? undefined : receive(role, datagram)
      }
      case "tamper": {
        const datagram = history[role].at(-1)?.slice()
        if (datagram === undefined) return
        datagram[a % datagram.length] = (datagram[a % datagram.length] ?? 0) ^ (1 + (b % 255))
        return receive(role, datagram)
      }
      case "noise":
        return receive(role, new Uint8Array(a % 7 === 0 ? 3000 : a % 40).fill(b))
      case "forge":
        return receive(role, forge(role, ends[role], a, b, now))
      case "garbage":
        return receive(role, cipher.seal(nonceTo(role, ends[role], a), new Uint8Array(a % 50).fill(b)))
      case "stream":
        return step(role, { _tag: "Stream", input: wish(a, b) })
      case "frames":
        return receive(role, frames(role, ends[role], a, b, now))
      case "move":
        host = `host${a % 3}`
        return
      case "Shutdown":
        // Rare, because little happens afterwards.
        return a % 4 === 0 ? step(role, { _tag: "Shutdown" }) : undefined
      case "TooLarge":
      case "Refused":
      case "PathChanged":
      case "Tick":
        return step(role, { _tag: kind })
    }
  }
  script.forEach(act)
  return steps
}

/** The nonce of a packet that is as far ahead of the newest received one. */
const nonceTo = (role: Role, state: State, ahead: number): bigint =>
  Nonce.make(role === "Client" ? "Server" : "Client", state.connection.window.next + BigInt(ahead % 3)) ?? 0n

/** An authentic packet with an instruction that an honest peer might send, or that none would. */
const forge = (role: Role, state: State, a: number, b: number, now: Millis): Uint8Array => {
  const { receiver, sender } = state
  const newest = receiver.received.at(-1)?.number ?? 0n
  const base = receiver.received[b % receiver.received.length]
  const text = base === undefined || a % 3 === 0 ? "?" : `${base.state.length}:0:forged`
  const instruction: Instruction.Instruction = {
    oldNumber: (base?.number ?? 0n) + BigInt(a % 7 === 0 ? 1 : 0),
    newNumber: a % 11 === 0 ? Instruction.SHUTDOWN : newest + BigInt((b % 5) - 1) + 1n,
    acknowledged: sender.sent[a % sender.sent.length]?.number ?? 0n,
    throwaway: BigInt(b % 4),
    diff: a % 2 === 0 ? new TextEncoder().encode(text) : new Uint8Array(0),
    features: a % 16
  }
  const contents = Instruction.encode(instruction, new Uint8Array(0))
  const [fragment] = Fragment.split(BigInt(1_000_000 + a), contents, 1 << 15)
  return cipher.seal(
    nonceTo(role, state, 0),
    Packet.encode({
      timestamp: Timestamp16.at(now),
      timestampReply: b % 2 === 0 ? Timestamp16.at(now - (a % 300)) : Timestamp16.NONE,
      payload: fragment === undefined ? new Uint8Array(0) : Fragment.encode(fragment)
    })
  )
}

/** An application's request for one of a few streams. */
const wish = (a: number, b: number): Streams.ApplicationInput => {
  const stream = b % 4
  switch (a % 6) {
    case 0:
      return { _tag: "Open", kind: b % 7, header: new Uint8Array(b % 30), urgency: b % 8 }
    case 1:
    case 2:
      return { _tag: "Write", stream, bytes: new Uint8Array(b * 40) }
    case 3:
      return { _tag: "Read", stream, max: 1 + b * 100 }
    case 4:
      return b % 3 === 0 ? { _tag: "ResetSending", stream, code: b } : { _tag: "Finish", stream }
    default:
      return b % 50 === 0 ? { _tag: "CloseAll" } : { _tag: "StopReading", stream, code: b }
  }
}

/** An authentic stream packet that an honest peer may send, or none would. */
const frames = (role: Role, state: State, a: number, b: number, now: Millis): Uint8Array => {
  const honest = [samples[a % samples.length], samples[b % samples.length]].filter((frame) => frame !== undefined)
  const payload = StreamPacket.encode(honest)
  if (a % 5 === 0) payload[b % payload.length] = a
  payload[0] = StreamPacket.TYPE | (a % 19 === 0 ? 1 : 0)
  return cipher.seal(
    nonceTo(role, state, b),
    Packet.encode({ timestamp: Timestamp16.at(now), timestampReply: Timestamp16.at(now - (b % 100)), payload })
  )
}

/** A tag of 16 bytes that depends on every bit, in the layout of sealed datagrams. */
const tag = (bytes: Uint8Array): Uint8Array => {
  const sums = new Uint32Array(4).fill(0x811c_9dc5)
  for (const [i, byte] of bytes.entries())
    for (let lane = 0; lane < 4; lane++) sums[lane] = Math.imul((sums[lane] ?? 0) ^ (byte + lane + i), 0x0100_0193)
  return new Uint8Array(sums.buffer)
}

export const cipher = {
  seal: (nonce: bigint, plaintext: Uint8Array): Uint8Array => {
    const datagram = new Uint8Array(8 + plaintext.length + 16)
    new DataView(datagram.buffer).setBigUint64(0, nonce)
    datagram.set(plaintext, 8)
    datagram.set(tag(datagram.subarray(0, -16)), 8 + plaintext.length)
    return datagram
  },
  open: (datagram: Uint8Array): { readonly nonce: bigint; readonly plaintext: Uint8Array } | undefined => {
    if (datagram.length < 24) return undefined
    if (!tag(datagram.subarray(0, -16)).every((byte, i) => byte === datagram[datagram.length - 16 + i]))
      return undefined
    const nonce = new DataView(datagram.buffer, datagram.byteOffset).getBigUint64(0)
    return { nonce, plaintext: datagram.subarray(8, -16) }
  },
  chaff: () => new Uint8Array(0),
  connectionId: (block: number) => 1 + block
}

/** The instruction in the contents of fragments, and whether it was compressed. */
export const instructionIn = (contents: Uint8Array) => {
  const isCompressed = contents[0] === COMPRESSED
  return { isCompressed, instruction: Instruction.decode(isCompressed ? contents.subarray(1) : contents) }
}

/** A sealed datagram, opened and read. */
export const read = (datagram: Uint8Array) => {
  const opened = cipher.open(datagram)
  const packet = opened && Packet.decode(opened.plaintext)
  const fragment = packet && Fragment.decode(packet.payload)
  return opened === undefined || packet === undefined || fragment === undefined
    ? undefined
    : { nonce: opened.nonce, packet, fragment }
}
