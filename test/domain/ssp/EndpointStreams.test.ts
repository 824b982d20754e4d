/**
 * Rule 7 of the endpoint, for all scripts of two programs with streams, their network, and a peer that lies.
 */
import { describe, expect, it } from "@effect/vitest"
import type { Millis } from "../../../src/domain/Machine.ts"
import * as Connection from "../../../src/domain/ssp/Connection.ts"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as Sender from "../../../src/domain/ssp/sender/Sender.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as StreamPacket from "../../../src/domain/wire/streams/StreamPacket.ts"
import { cipher, initial, type Input, machine, play, Script, type State, type Step } from "./endpoints.ts"
import * as Note from "./Note.ts"

const RUNS = { arbitrary: { runs: 150 } }
const { streams } = Features
const OURS = 15 | Features.mtu

const carriesStreams = (datagram: Uint8Array): boolean => {
  const packet = Packet.decode(cipher.open(datagram)?.plaintext ?? new Uint8Array(0))
  return packet !== undefined && StreamPacket.isStreamPacket(packet.payload)
}

/** Of the datagrams of a step, which are stream packets. */
const kinds = ({ outputs }: Step): ReadonlyArray<boolean> =>
  outputs.flatMap((output) => (output._tag === "Send" ? [carriesStreams(output.datagram)] : []))

const alive = (steps: ReadonlyArray<Step>) => steps.filter(({ before }) => before.ended === undefined)

const OPEN = { _tag: "Open", kind: 1, header: new Uint8Array(0) } as const
const WRITE = { _tag: "Write", stream: 0, bytes: new Uint8Array(9) } as const

/** A client that knows its server, and has nothing due. */
const introduced = (change: (connection: State["connection"]) => State["connection"] = (same) => same) => {
  const ends = { Client: initial("Client", OURS), Server: initial("Server", OURS) }
  let now = 1_000_000
  const step = (role: Role, input: Input): ReadonlyArray<Uint8Array> => {
    const [after, outputs] = machine(role).step(ends[role], input, now)
    ends[role] = after
    return outputs.flatMap((output) => (output._tag === "Send" ? [output.datagram] : []))
  }
  const deliver = (role: Role, datagrams: ReadonlyArray<Uint8Array>): ReadonlyArray<Uint8Array> => {
    for (const datagram of datagrams)
      step(role, { _tag: "Datagram", datagram, source: "home", socket: 0, congested: false })
    return step(role, { _tag: "Tick" })
  }
  const answer = deliver("Server", step("Client", { _tag: "Publish", state: "k" }))
  now += 50
  deliver("Client", answer)
  ends.Client = { ...ends.Client, connection: change(ends.Client.connection) }
  return {
    client: () => ends.Client,
    step: (input: Input) => step("Client", input),
    /** The time, which may be set. */
    at: (time = now): Millis => (now = time)
  }
}

describe("Rule 7", () => {
  it("a stream that is written to while a heartbeat is due waits for the heartbeat", () => {
    const { at, client, step } = introduced()
    const due = machine("Client").deadline(client())
    expect([due > at(), due < Infinity]).toEqual([true, true])
    at(due)
    step({ _tag: "Stream", input: OPEN })
    expect(step({ _tag: "Stream", input: WRITE })).toEqual([])
    expect(step({ _tag: "Tick" }).map(carriesStreams)).toEqual([false, true])
  })

  it("a stream packet that the key no longer allows is not sent, and ends the session", () => {
    const { client, step } = introduced((connection) => ({ ...connection, blocks: Connection.MAX_BLOCKS - 1 }))
    step({ _tag: "Stream", input: OPEN })
    expect(step({ _tag: "Stream", input: WRITE })).toEqual([])
    expect([client().ended, machine("Client").deadline(client())]).toEqual(["KeyExhausted", Infinity])
  })

  it.prop(
    "stream packets come after states, once nothing is due and the program has reacted",
    [Script],
    ([script]) => {
      for (const step of alive(play(script, OURS))) {
        const sent = kinds(step)
        const first = sent.indexOf(true)
        if (first < 0) continue
        expect(sent.slice(first)).not.toContain(false)
        expect(step.input._tag).not.toBe("Datagram")
        expect(step.before.unsettled && step.input._tag === "Stream").toBe(false)
        expect(Sender.machine(Note.object).deadline(step.after.sender)).toBeGreaterThan(step.now)
      }
    },
    RUNS
  )

  it.prop(
    "stream packets are sent only to a peer that announced them, and their timers are set only for one",
    [Script],
    ([script]) => {
      for (const step of alive(play(script, OURS))) {
        const isAnnounced = (step.after.sender.peer.features & streams) !== 0
        if (!isAnnounced) {
          expect(kinds(step)).not.toContain(true)
          const deadline = Sender.machine(Note.object).deadline(step.after.sender)
          if (!step.after.unsettled && step.after.ended === undefined) expect(step.deadline).toBe(deadline)
        }
      }
    },
    RUNS
  )

  it.prop(
    "what a stream packet holds ends no session, is never due without being sent, and counts as contact",
    [Script],
    ([script]) => {
      for (const { after, before, deadline, input, now, outputs } of alive(play(script, OURS))) {
        // A sender may have more to send at once, and a stream that filled a packet asks for larger ones.
        const isDone = !after.unsettled && after.mtu.due === undefined
        const isSettled = isDone && Sender.machine(Note.object).deadline(after.sender) > now
        if (input._tag === "Tick" && after.ended === undefined && isSettled) expect(deadline).toBeGreaterThan(now)
        if (input._tag !== "Datagram" || !carriesStreams(input.datagram)) continue
        expect(outputs.map(({ _tag }) => _tag)).not.toContain("Ended")
        expect(after.receiver).toBe(before.receiver)
        if (outputs[0]?._tag === "PacketReceived") expect(after.connection.receivedAt).toBe(now)
      }
    },
    RUNS
  )
})
