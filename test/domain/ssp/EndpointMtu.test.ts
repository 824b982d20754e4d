/**
 * The endpoint's rules for the path's datagram size, for all scripts of two programs, their network, and a peer that lies.
 */
import { describe, expect, it } from "@effect/vitest"
import * as PathMtu from "../../../src/domain/ssp/path/PathMtu.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as StreamPacket from "../../../src/domain/wire/streams/StreamPacket.ts"
import { cipher, initial, machine, play, Script } from "./endpoints.ts"

const RUNS = { arbitrary: { runs: 150 } }
const { mtu, streams } = Features

const isProbe = (datagram: Uint8Array): boolean => {
  const packet = Packet.decode(cipher.open(datagram)?.plaintext ?? new Uint8Array(0))
  if (packet === undefined || !StreamPacket.isStreamPacket(packet.payload)) return false
  const frames = StreamPacket.decode(packet.payload) ?? []
  return frames.length === 1 && frames[0]?._tag === "Ping"
}

const sent = (steps: ReturnType<typeof play>) =>
  steps.flatMap(({ outputs }) => outputs.flatMap((output) => (output._tag === "Send" ? [output.datagram] : [])))

it.prop(
  "datagrams have at most the limit's size, except for probes",
  [Script],
  ([script]) => {
    for (const { after, before, outputs } of play(script, streams | mtu))
      for (const output of outputs) {
        if (output._tag !== "Send" || isProbe(output.datagram)) continue
        expect(output.datagram.length).toBeLessThanOrEqual(Math.max(before.mtu.size, after.mtu.size))
      }
  },
  RUNS
)

it.prop(
  "what is due is sent within two steps that may send, so the machine never spins",
  [Script],
  ([script]) => {
    for (const { after, before, deadline, input, now } of play(script, streams | mtu)) {
      if (deadline !== -Infinity || input._tag === "Datagram" || before.ended !== undefined) continue
      const { deadline: due, step } = machine(before.sender.role)
      let [settled] = step(after, { _tag: "Tick" }, now)
      // The first step may send the stream data that makes larger datagrams worth a search.
      if (due(settled) === -Infinity) [settled] = step(settled, { _tag: "Tick" }, now)
      expect(due(settled)).not.toBe(-Infinity)
    }
  },
  RUNS
)

describe("without the feature", () => {
  it.prop(
    "no probe is sent, and no datagram above the usual size",
    [Script],
    ([script]) => {
      for (const datagram of sent(play(script, mtu))) {
        expect(isProbe(datagram)).toBe(false)
        expect(datagram.length).toBeLessThanOrEqual(PathMtu.BASE.IPv4)
      }
    },
    RUNS
  )

  it("a datagram of more than 2048 bytes is dropped before it is opened", () => {
    const dropped = (own: number, peer: number, bytes: number) => {
      const state = initial("Server", own)
      const met = { ...state, sender: { ...state.sender, peer: { ...state.sender.peer, features: peer } } }
      const input = { source: "home", socket: 0, congested: false, datagram: new Uint8Array(bytes) }
      const [, outputs] = machine("Server").step(met, { _tag: "Datagram", ...input }, 1_000_000)
      return outputs.flatMap((output) => (output._tag === "Dropped" ? [output.reason] : []))
    }
    const both = streams | mtu
    expect([dropped(0, 0, 2049), dropped(both, 0, 2049), dropped(0, both, 2049)]).toEqual(
      Array.from({ length: 3 }, () => ["oversize"])
    )
    expect([dropped(both, both, 4096), dropped(both, both, 4097)]).toEqual([["unauthentic"], ["oversize"]])
  })
})
