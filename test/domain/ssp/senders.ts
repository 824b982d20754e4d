/**
 * A sender alone in virtual time, with the test for its peer.
 */
import type { EndReason } from "../../../src/domain/ssp/EndReason.ts"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import * as Sender from "../../../src/domain/ssp/sender/Sender.ts"
import type { SyncObject } from "../../../src/domain/ssp/SyncObject.ts"
import type { Instruction } from "../../../src/domain/wire/Instruction.ts"
import * as Note from "./Note.ts"

const START = 5000

/** A sender whose peer is this test. Times are relative to its start. */
export const fresh = (
  options: {
    readonly role?: Role
    readonly minDelay?: number
    readonly features?: number
    readonly attached?: boolean
    readonly object?: SyncObject<string>
  } = {}
) => {
  const machine = Sender.machine(options.object ?? Note.object)
  let state = Sender.init({
    role: options.role ?? "Server",
    initial: "",
    features: options.features ?? 0,
    minDelay: options.minDelay ?? 8,
    attached: options.attached ?? true,
    now: START
  })
  let now = 0
  const sent: Array<Instruction & { readonly at: number; readonly instruction: Instruction }> = []
  const ends: Array<EndReason> = []
  const input = (input: Sender.Input<string>) => {
    const [next, outputs] = machine.step(state, input, START + now)
    state = next
    for (const output of outputs) {
      if (output._tag === "Send") sent.push({ ...output.instruction, instruction: output.instruction, at: now })
      else ends.push(output.reason)
    }
  }
  /** Lets time pass up to `until`, waking the machine when it asks for it. */
  const run = (until: number) => {
    while (machine.deadline(state) - START <= until) {
      now = Math.max(now, machine.deadline(state) - START)
      input({ _tag: "Tick" })
      if (machine.deadline(state) <= START + now) throw new Error("asks to be woken, and does nothing")
    }
    now = until
  }
  /** Lets time pass without waking the machine, until it is woken at `until`, or gets another input. */
  const leap = (until: number, first: Sender.Input<string> = { _tag: "Tick" }) => {
    now = until
    input(first)
  }
  const publish = (text: string) => input({ _tag: "Publish", state: text })
  const acknowledge = (number: bigint) => input({ _tag: "PeerAcknowledged", number })
  const hear = (number: bigint, wantsAck = false) => {
    input({ _tag: "PacketReceived" })
    input({ _tag: "Received", number, wantsAck })
  }
  const roundTrip = (srtt: number, loss?: number) =>
    input({ _tag: "RoundTrip", estimate: { srtt, minRtt: srtt, rto: Math.max(50, srtt), loss } })
  return { input, run, leap, publish, acknowledge, hear, roundTrip, sent, ends, state: () => state, now: () => now }
}

export const times = (sent: ReadonlyArray<{ readonly at: number }>) => sent.map(({ at }) => at)

/** A peer that has acknowledged everything, a fast network, and nothing in flight. */
export const settled = (options?: Parameters<typeof fresh>[0]) => {
  const peer = fresh(options)
  peer.roundTrip(10)
  peer.run(0)
  peer.hear(1n)
  peer.run(1000)
  peer.acknowledge(Sender.newest(peer.state()).number)
  peer.sent.length = 0
  return peer
}
