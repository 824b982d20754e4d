/**
 * A whole session in virtual time without a runtime: two real endpoints over a link that loses, repeats and reorders.
 * Every datagram and every state is checked against the rules of SSP.
 */
import * as Result from "effect/Result"
import * as ConnectionId from "../../../src/domain/crypto/ConnectionId.ts"
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"
import type { Millis } from "../../../src/domain/Machine.ts"
import type * as Connection from "../../../src/domain/ssp/Connection.ts"
import type { EndReason } from "../../../src/domain/ssp/EndReason.ts"
import * as Endpoint from "../../../src/domain/ssp/Endpoint.ts"
import * as Receiver from "../../../src/domain/ssp/Receiver.ts"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import * as Sender from "../../../src/domain/ssp/sender/Sender.ts"
import type { SyncObject } from "../../../src/domain/ssp/SyncObject.ts"
import * as Timing from "../../../src/domain/ssp/Timing.ts"
import type * as Streams from "../../../src/domain/streams/Streams.ts"
import * as Fragment from "../../../src/domain/wire/Fragment.ts"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as StreamPacket from "../../../src/domain/wire/streams/StreamPacket.ts"
import * as Link from "../../../src/testing/Link.ts"

export interface Conditions {
  readonly seed: number
  /** Probabilities, 0 to 1. */
  readonly loss: number
  readonly duplication: number
  /** The shortest and the longest delay of a datagram, ms. */
  readonly delay: readonly [number, number]
  /** What else the network does, in either direction. */
  readonly path?: Partial<Link.Path>
  readonly toServer?: Partial<Link.Path>
  readonly toClient?: Partial<Link.Path>
}

export interface Sent {
  readonly at: Millis
  readonly instruction: Instruction.Instruction
}

export interface End<Local, Remote> {
  readonly publish: (state: Local) => void
  readonly shutdown: () => void
  readonly local: () => Local
  readonly remote: () => Receiver.Received<Remote>
  /** Every newest state in turn. */
  readonly seen: ReadonlyArray<Receiver.Received<Remote>>
  readonly sent: ReadonlyArray<Sent>
  /** Every datagram that arrived, in order: its plaintext. */
  readonly arrived: ReadonlyArray<Uint8Array>
  readonly ended: () => EndReason | undefined
  readonly sender: () => Sender.State<Local>
  readonly connection: () => Connection.State<string>
  /** Hands an input to the end's streams. */
  readonly stream: (input: Streams.ApplicationInput) => void
  /** Reports what happens to streams. */
  readonly onStream: (listener: (event: Endpoint.StreamEvent) => void) => void
  /** Every datagram that was sent: when, to which address, and its plaintext. */
  readonly datagrams: ReadonlyArray<SentDatagram>
  /** The host was suspended, or has other addresses. */
  readonly pathChanged: () => void
  /** Skips so many packet numbers, as if as many datagrams had been sent and lost. */
  readonly skip: (packets: number) => void
}

export interface SentDatagram {
  readonly at: Millis
  readonly nonce: bigint
  readonly to: string | undefined
  readonly plaintext: Uint8Array
}

export interface Session<C, S> {
  readonly client: End<C, S>
  readonly server: End<S, C>
  readonly now: () => Millis
  /** Lets time pass. */
  readonly run: (millis: Millis) => void
  /** Lets time pass until `condition`, for `limit` at most. Returns whether the condition became true. */
  readonly runUntil: (condition: () => boolean, limit: Millis) => boolean
  /** Changes the network's conditions. */
  readonly weather: (conditions: Partial<Conditions>) => void
  /** Gives the client another address. */
  readonly move: (host: string) => void
  readonly attack: (attacker: Attacker | undefined) => void
  /** Lets time pass in which neither end runs, and datagrams wait in their sockets. */
  readonly suspend: (millis: Millis) => void
  /** How many bytes the server sent to each address. */
  readonly bytesTo: ReadonlyMap<string, number>
}

/** An attacker who sees every datagram and can send any of them again, but can neither stop nor read one. */
export interface Attacker {
  /**
   * Copies of a client's datagram: their source address, and how much later than the original they arrive at the
   * server, ms.
   */
  readonly forward: (source: string) => ReadonlyArray<{ readonly source: string; readonly after: Millis }>
  /**
   * The time after which a datagram to `address` reaches the client through the attacker, ms; `undefined` if he keeps
   * it.
   */
  readonly relay?: (address: string) => Millis | undefined
}

export interface Options<C, S> {
  readonly client: { readonly object: SyncObject<C>; readonly initial: C }
  readonly server: { readonly object: SyncObject<S>; readonly initial: S }
  readonly conditions: Conditions
  readonly features?: { readonly client: number; readonly server: number }
  /** Whether the clock has whole milliseconds, as an actor's. Default: it has the times of the machine. */
  readonly isWholeMillis?: boolean
}

interface Arrival {
  readonly at: Millis
  readonly order: number
  readonly to: Role
  readonly nonce: bigint
  readonly plaintext: Uint8Array
  readonly source: string
  /** Where it was sent, when a client is to have it. */
  readonly address: string | undefined
}

type Carry = (from: Role, socket: number, nonce: bigint, plaintext: Uint8Array, address: string | undefined) => void

const expectRule = (holds: boolean, rule: string): void => {
  if (!holds) throw new Error(`broken: ${rule}`)
}

export const start = <C, S>(options: Options<C, S>): Session<C, S> => {
  let conditions = options.conditions
  const links = { Client: Link.init(conditions.seed), Server: Link.init(conditions.seed + 1) }
  let now = 1_000_000
  let host = "home"
  let attacker: Attacker | undefined
  const bytesTo = new Map<string, number>()
  let order = 0
  const wire: Array<Arrival> = []

  const carry: Carry = (from, socket, nonce, plaintext, address) => {
    if (hasId(nonce)) {
      expectRule(from === "Client", "only a client sends connection ids")
      expectRule(server.expects(nonce), "a server expects every connection id that its client sends")
    }
    const { delay, duplication, loss, path, toClient, toServer } = conditions
    const [link, arrivals] = Link.carry(
      links[from],
      {
        ...Link.PERFECT,
        loss,
        duplicate: duplication,
        delay: delay[0],
        jitter: delay[1] - delay[0],
        ...path,
        ...(from === "Client" ? toServer : toClient)
      },
      plaintext.length + 24,
      now
    )
    links[from] = link
    const source = from === "Client" ? `${host}:${socket}` : "server"
    const to = from === "Client" ? "Server" : "Client"
    const push = (after: Millis, source: string, address: string | undefined) =>
      wire.push({ at: now + Math.round(after), order: order++, to, nonce, plaintext, source, address })
    if (address !== undefined) bytesTo.set(address, (bytesTo.get(address) ?? 0) + plaintext.length + 24)
    for (const { after } of arrivals) {
      push(after, source, address)
      if (from === "Client")
        for (const copy of attacker?.forward(source) ?? [])
          push(Math.max(0, after + copy.after), copy.source, undefined)
      const relayed = address === undefined ? undefined : attacker?.relay?.(address)
      if (relayed !== undefined) push(relayed, source, `${host}:0`)
    }
    wire.sort((a, b) => a.at - b.at || a.order - b.order)
  }

  const { features = { client: 0, server: 0 }, isWholeMillis = false } = options
  const client = end("Client", options.client, options.server, features.client, isWholeMillis, () => now, carry)
  const server = end("Server", options.server, options.client, features.server, isWholeMillis, () => now, carry)

  const runUntil = (condition: () => boolean, limit: Millis): boolean => {
    const until = now + limit
    let ticks = 0
    while (!condition()) {
      const arrival = wire[0]
      const wake = Math.min(client.deadline(), server.deadline())
      const at = Math.max(now, Math.min(arrival?.at ?? Infinity, wake))
      if (at > until) {
        now = until
        return condition()
      }
      ticks = at === now ? ticks + 1 : 0
      expectRule(ticks < 1000, "a machine asks to be woken, and does nothing")
      now = at
      if (arrival !== undefined && arrival.at <= now) {
        wire.shift()
        if (arrival.to === "Server") server.arrive(arrival)
        // A datagram to the client's former address is lost.
        else if (arrival.address?.startsWith(`${host}:`)) client.arrive(arrival)
      }
      if (client.deadline() <= now) client.tick()
      if (server.deadline() <= now) server.tick()
    }
    return true
  }

  return {
    client: client.end,
    server: server.end,
    now: () => now,
    run: (millis) => void runUntil(() => false, millis),
    runUntil,
    weather: (changed) => {
      conditions = { ...conditions, ...changed }
    },
    move: (to) => {
      host = to
    },
    attack: (present) => {
      attacker = present
    },
    suspend: (millis) => {
      now += millis
    },
    bytesTo
  }
}

const end = <L, R>(
  role: Role,
  local: { readonly object: SyncObject<L>; readonly initial: L },
  remote: { readonly object: SyncObject<R>; readonly initial: R },
  features: number,
  isWholeMillis: boolean,
  now: () => Millis,
  carry: Carry
) => {
  const machine = Endpoint.machine<string, L, R>({
    role,
    addressEquals: (a, b) => a === b,
    local: local.object,
    remote: remote.object,
    cipher: PLAIN,
    compressor: UNCOMPRESSED
  })
  let state: Endpoint.State<string, L, R> = Endpoint.init({
    role,
    local: local.initial,
    remote: remote.initial,
    features,
    minDelay: role === "Client" ? Timing.MIN_DELAY_CLIENT : Timing.MIN_DELAY_SERVER,
    attached: role === "Client",
    family: "IPv4",
    now: now()
  })
  const sent: Array<Sent> = []
  const arrived: Array<Uint8Array> = []
  const seen: Array<Receiver.Received<R>> = []
  const states = new Map<bigint, L>([[0n, local.initial]])
  const sequences = new Set<bigint>()
  const datagrams: Array<SentDatagram> = []
  let expected: ReadonlyArray<number> = []
  let listener: ((event: Endpoint.StreamEvent) => void) | undefined

  const step = (input: Endpoint.Input<string, L>): void => {
    const [next, outputs] = machine.step(state, input, now())
    state = next
    expectRule(state.receiver.received.length > 0, "there is always a state")
    expectRule(state.sender.sent.length <= Timing.SENT_STATES, "the list of sent states is limited")
    for (const output of outputs) {
      switch (output._tag) {
        case "Send": {
          const { nonce, plaintext } = PLAIN.unseal(output.datagram)
          expectRule(!sequences.has(Nonce.sequence(nonce)), "no packet number comes twice")
          expectRule(Nonce.sender(nonce) === role, "a nonce says who made it")
          expectRule(output.datagram.length <= 1252, "datagrams fit")
          sequences.add(Nonce.sequence(nonce))
          datagrams.push({ at: now(), nonce, to: output.to, plaintext })
          if (!isStreamPacket(plaintext)) observe(plaintext)
          carry(role, output.socket, nonce, plaintext, output.to)
          break
        }
        case "RemoteChanged":
          seen.push({ number: output.number, state: output.state, at: output.at, weight: 0 })
          break
        case "BlockReached":
          expectRule(role === "Server", "only a server expects connection ids")
          expected = ConnectionId.expected(PLAIN.connectionId, output.block)
          break
        case "Stream":
          listener?.(output.event)
          break
        case "Dropped":
          expectRule(output.reason === "late", `an honest peer is never refused (${output.reason})`)
          break
        default:
          break
      }
    }
  }

  let fragments: ReadonlyArray<Uint8Array> = []
  let lastContents: Uint8Array | undefined
  let lastId: bigint | undefined
  /** Reassembles an instruction from its datagrams, and checks it. A second path carries copies. */
  const observe = (plaintext: Uint8Array): void => {
    const packet = Packet.decode(plaintext)
    const fragment = packet && Fragment.decode(packet.payload)
    expectRule(fragment !== undefined, "a packet carries a fragment")
    if (fragment === undefined) return
    fragments = fragment.number === 0 ? [fragment.contents] : [...fragments, fragment.contents]
    if (!fragment.isFinal) return
    const contents = Buffer.concat(fragments)
    const isAgain = fragment.id === lastId
    expectRule(!isAgain || lastContents === undefined || contents.equals(lastContents), "an id means one instruction")
    lastId = fragment.id
    lastContents = contents
    const instruction = Instruction.decode(contents)
    expectRule(Result.isSuccess(instruction), "what was sent can be read")
    if (Result.isFailure(instruction)) return
    check(instruction.success, isAgain)
    sent.push({ at: now(), instruction: instruction.success })
  }

  const check = (instruction: Instruction.Instruction, isAgain: boolean): void => {
    const last = sent.at(-1)?.instruction
    const present = Sender.newest(state.sender)
    expectRule(instruction.throwaway <= instruction.oldNumber, "throwaway never above old")
    expectRule(instruction.oldNumber < instruction.newNumber, "new is above old")
    expectRule(instruction.newNumber === present.number, "what is sent is kept")
    expectRule(instruction.oldNumber === 0n || states.has(instruction.oldNumber), "old was sent before")
    expectRule(
      last === undefined || isAgain || instruction.acknowledged >= last.acknowledged,
      "acknowledgements never go back"
    )
    expectRule(last === undefined || instruction.newNumber >= last.newNumber, "numbers never go back")
    const former = states.get(instruction.newNumber)
    expectRule(former === undefined || local.object.equals(former, present.state), "a number means one state")
    states.set(instruction.newNumber, present.state)
  }

  const handle: End<L, R> = {
    publish: (state) => step({ _tag: "Publish", state }),
    shutdown: () => step({ _tag: "Shutdown" }),
    local: () => state.sender.window.current,
    remote: () => Receiver.newest(state.receiver),
    seen,
    sent,
    arrived,
    ended: () => state.sender.ended,
    sender: () => state.sender,
    connection: () => state.connection,
    stream: (input) => step({ _tag: "Stream", input }),
    onStream: (to) => {
      listener = to
    },
    datagrams,
    pathChanged: () => step({ _tag: "PathChanged" }),
    skip: (packets) => {
      const { connection } = state
      state = { ...state, connection: { ...connection, nextSequence: connection.nextSequence + BigInt(packets) } }
    }
  }
  return {
    end: handle,
    expects: (nonce: bigint) => expected.includes(ConnectionId.prefixOf(PLAIN.seal(nonce, new Uint8Array(0)))),
    deadline: () => (isWholeMillis ? Math.ceil(machine.deadline(state)) : machine.deadline(state)),
    tick: () => step({ _tag: "Tick" }),
    arrive: ({ nonce, plaintext, source }: Arrival) => {
      arrived.push(plaintext)
      step({ _tag: "Datagram", datagram: PLAIN.seal(nonce, plaintext), source, socket: 0, congested: false })
      if (machine.deadline(state) === -Infinity) step({ _tag: "Tick" })
    }
  }
}

const isStreamPacket = (plaintext: Uint8Array): boolean =>
  StreamPacket.isStreamPacket(Packet.decode(plaintext)?.payload ?? new Uint8Array(0))

/** The layout of sealed datagrams, in the clear. */
const PLAIN = {
  seal: (nonce: bigint, plaintext: Uint8Array): Uint8Array => {
    const datagram = new Uint8Array(8 + plaintext.length + 16)
    new DataView(datagram.buffer).setBigUint64(0, nonce)
    datagram.set(plaintext, 8)
    return datagram
  },
  unseal: (datagram: Uint8Array) => ({
    nonce: new DataView(datagram.buffer, datagram.byteOffset).getBigUint64(0),
    plaintext: datagram.subarray(8, -16)
  }),
  open: (datagram: Uint8Array) => PLAIN.unseal(datagram),
  chaff: () => new Uint8Array(0),
  connectionId: (block: number): number => 1 + ((block * 40_503 + 77) % 0xffff)
}

/** Whether a nonce has a connection id. */
export const hasId = (nonce: bigint): boolean => Nonce.withId(nonce, 0) !== nonce

const UNCOMPRESSED = { deflate: (bytes: Uint8Array) => bytes, inflate: (bytes: Uint8Array) => bytes }
