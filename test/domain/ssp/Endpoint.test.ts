import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"
import * as PathValidation from "../../../src/domain/ssp/path/PathValidation.ts"
import * as Timing from "../../../src/domain/ssp/Timing.ts"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import * as Timestamp16 from "../../../src/domain/wire/Timestamp16.ts"
import {
  cipher,
  initial,
  instructionIn,
  machine,
  play,
  read,
  Script,
  type Output,
  type State,
  type Step
} from "./endpoints.ts"

const RUNS = { arbitrary: { runs: 150 } }

const tags = (outputs: ReadonlyArray<Output>): ReadonlyArray<string> => outputs.map(({ _tag }) => _tag)

/** Checks that no output with a tag of `later` comes before one with a tag of `earlier`. */
const expectOrder = (outputs: ReadonlyArray<Output>, earlier: ReadonlyArray<string>, later: ReadonlyArray<string>) => {
  const order = tags(outputs)
  const first = order.findIndex((tag) => later.includes(tag))
  if (first >= 0) expect(order.slice(first).filter((tag) => earlier.includes(tag))).toEqual([])
}

const received = (steps: ReadonlyArray<Step>) =>
  steps.flatMap((step) => (step.input._tag === "Datagram" ? [{ ...step, datagram: step.input.datagram }] : []))

const sends = (outputs: ReadonlyArray<Output>) => outputs.flatMap((output) => (output._tag === "Send" ? [output] : []))

const isAlive = ({ before }: Step): boolean => before.ended === undefined

describe("Endpoint, for all scripts of two programs, their network and an attacker", () => {
  it.prop(
    "never throws, and always has a deadline",
    [Script],
    ([script]) => {
      for (const { after, role } of play(script)) expect(machine(role).deadline(after)).not.toBeNaN()
    },
    RUNS
  )

  it.prop(
    "gives the same outputs for the same inputs, and changes no former state",
    [Script],
    ([script]) => {
      const steps = play(script, 7)
      for (const { after, before, input, now, outputs, role } of steps)
        expect(machine(role).step(before, input, now)).toEqual([after, outputs])
      expect(play(script, 7)).toEqual(steps)
    },
    RUNS
  )

  it.prop(
    "gives the same outputs for the same inputs with streams, whose state it changes in place",
    [Script],
    ([script]) => {
      const outputs = () => play(script, 15).map(({ outputs }) => outputs)
      expect(outputs()).toEqual(outputs())
    },
    RUNS
  )

  it.prop(
    "rule 1: takes nothing from a datagram that does not authenticate",
    [Script],
    ([script]) => {
      for (const { after, before, datagram, outputs } of received(play(script).filter(isAlive))) {
        if (cipher.open(datagram) !== undefined) continue
        expect(outputs).toEqual([
          { _tag: "Dropped", direction: "receiving", reason: expect.stringMatching(/^(oversize|short|unauthentic)$/) }
        ])
        expect(after).toEqual(before)
      }
    },
    RUNS
  )

  it.prop(
    "rule 1: counts an authentic packet whatever it holds, and takes nothing from its replay",
    [Script],
    ([script]) => {
      const seen = new Set<string>()
      for (const { after, before, datagram, outputs, role } of received(play(script).filter(isAlive))) {
        const nonce = cipher.open(datagram)?.nonce
        if (nonce === undefined || Nonce.sender(nonce) === role || datagram.length < 28) continue
        expect(after.connection.window.next > Nonce.sequence(nonce)).toBe(true)
        const isReplay = seen.has(`${role} ${nonce}`)
        seen.add(`${role} ${nonce}`)
        if (!isReplay) continue
        expect(after.receiver).toBe(before.receiver)
        expect(tags(outputs).filter((tag) => !["Dropped", "Attached", "Roamed"].includes(tag))).toEqual([])
      }
    },
    RUNS
  )

  it.prop(
    "rule 2: reports a packet before what was in it",
    [Script],
    ([script]) => {
      for (const { outputs } of received(play(script))) {
        expect(tags(outputs).filter((tag) => tag === "PacketReceived").length).toBeLessThanOrEqual(1)
        if (tags(outputs).includes("PacketReceived")) expect(outputs[0]?._tag).toBe("PacketReceived")
      }
    },
    RUNS
  )

  it.prop(
    "rule 3: acknowledges before it changes the remote state",
    [Script],
    ([script]) => {
      for (const { outputs } of received(play(script))) expectOrder(outputs, ["Acknowledged"], ["RemoteChanged"])
    },
    RUNS
  )

  it.prop(
    "rule 4: acknowledges before it changes the round trip and the path",
    [Script],
    ([script]) => {
      for (const { outputs } of received(play(script))) {
        expectOrder(outputs, ["Acknowledged"], ["RoundTripChanged", "Attached", "Roamed"])
        expectOrder(outputs, ["RoundTripChanged"], ["Attached", "Roamed"])
      }
    },
    RUNS
  )

  it.prop(
    "rule 5: sends nothing on a datagram, and is due at once when its sender has something to consider",
    [Script],
    ([script]) => {
      for (const { after, before, input, outputs, role } of play(script).filter(isAlive)) {
        if (input._tag === "Datagram") {
          expect(sends(outputs)).toEqual([])
          if (after.sender !== before.sender) expect(machine(role).deadline(after)).toBe(-Infinity)
        }
        // Only a peer that is forgotten while it is sent to remains to be considered.
        const isForgotten = outputs.some((output) => output._tag === "Attached" && !output.attached)
        if (input._tag === "Publish" || input._tag === "Tick") expect(after.unsettled).toBe(isForgotten)
      }
    },
    RUNS
  )

  it.prop(
    "rule 6: seals last, with the next packet number, the newest timestamp and the present path",
    [Script],
    ([script]) => {
      for (const { after, before, now, outputs, role } of play(script).filter(isAlive)) {
        expectOrder(outputs, ["PacketReceived", "Acknowledged", "RemoteChanged", "RoundTripChanged"], ["Send"])
        let sequence = before.connection.nextSequence
        const { saved } = before.connection
        const isEchoDue = saved !== undefined && now - saved.at < Timing.TIMESTAMP_LIFE
        for (const { datagram, to } of sends(outputs)) {
          const sent = read(datagram)
          expect(sent && [Nonce.sender(sent.nonce), Nonce.sequence(sent.nonce)]).toEqual([role, sequence])
          sequence++
          const path = PathValidation.destinations(before.connection.paths).find(({ address }) => address === to)
          expect(path === undefined).toBe(role === "Client")
          expect(sent?.packet.timestamp).toBe(Timestamp16.at(now + (path?.offset ?? 0)))
          if (sent?.fragment.number === 0)
            expect(sent.packet.timestampReply).toBe(
              isEchoDue ? Timestamp16.add(saved.timestamp, now - saved.at) : Timestamp16.NONE
            )
        }
        expect(after.connection.nextSequence).toBe(sequence)
      }
    },
    RUNS
  )

  it.prop(
    "ends with its last output, and does nothing afterwards",
    [Script],
    ([script]) => {
      for (const { after, before, outputs, role } of play(script)) {
        const end = tags(outputs).indexOf("Ended")
        if (end >= 0) expect(end).toBe(outputs.length - 1)
        expect(after.ended !== undefined).toBe(end >= 0 || before.ended !== undefined)
        if (before.ended !== undefined) expect(outputs).toEqual([])
        if (after.ended !== undefined) expect(machine(role).deadline(after)).toBe(Infinity)
      }
    },
    RUNS
  )
})

describe("Endpoint", () => {
  const client = machine("Client")
  const server = machine("Server")
  const NOW = 1_000_000
  const datagram = (bytes: Uint8Array) =>
    ({ _tag: "Datagram", datagram: bytes, source: "home", socket: 0, congested: false }) as const

  const KEY = { _tag: "Publish", state: "k" } as const

  /** The first datagram that was sent. */
  const firstOf = (outputs: ReadonlyArray<Output>) => {
    const [sent] = sends(outputs)
    if (sent === undefined) throw new Error("nothing was sent")
    return datagram(sent.datagram)
  }

  /** A server that has just received a key, with the datagram that carried it. */
  const withKey = (): readonly [State, ReadonlyArray<Output>] => {
    const [, outputs] = client.step(initial("Client"), KEY, NOW)
    return server.step(initial("Server"), firstOf(outputs), NOW + 10)
  }

  it("rule 5: responds to a keystroke and acknowledges it in one instruction", () => {
    const [state, outputs] = withKey()
    expect(tags(outputs)).toEqual(["PacketReceived", "Acknowledged", "RemoteChanged", "Attached"])
    const [, answers] = server.step(state, { _tag: "Publish", state: "echo of k" }, NOW + 10)
    const instructions = sends(answers).map(
      ({ datagram }) => instructionIn(read(datagram)?.fragment.contents ?? new Uint8Array(0)).instruction
    )
    expect(
      instructions.map((read) => Result.map(read, ({ acknowledged, diff }) => [acknowledged, diff.length > 0]))
    ).toEqual([Result.succeed([1n, true])])
  })

  it("rule 4: acknowledges a keystroke before it changes the round trip", () => {
    const [waiting] = client.step(initial("Client"), KEY, NOW)
    const [, answers] = server.step(withKey()[0], { _tag: "Publish", state: "echo of k" }, NOW + 10)
    const [, outputs] = client.step(waiting, firstOf(answers), NOW + 20)
    expect(tags(outputs)).toEqual(["PacketReceived", "Acknowledged", "RemoteChanged", "RoundTripChanged"])
  })

  it("rule 5: settles at the next tick if the program does not respond", () => {
    const [state] = withKey()
    expect(server.deadline(state)).toBe(-Infinity)
    const [settled, outputs] = server.step(state, { _tag: "Tick" }, NOW + 10)
    // The first packet reveals the client's address: the server answers at once.
    expect(tags(outputs)).toEqual(["Send"])
    expect(server.deadline(settled)).toBeGreaterThan(NOW + 10)
  })

  it("rule 3: applies the acknowledgement of an instruction whose difference it refuses", () => {
    const [state] = withKey()
    const [answered] = server.step(state, { _tag: "Publish", state: "echo" }, NOW + 10)
    const refused = Instruction.encode(
      {
        oldNumber: 1n,
        newNumber: 2n,
        acknowledged: 1n,
        throwaway: 0n,
        diff: new TextEncoder().encode("?"),
        features: 0
      },
      new Uint8Array(0)
    )
    const packet = new Uint8Array([0, 1, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 9, 0x80, 0, ...refused])
    const [, outputs] = server.step(answered, datagram(cipher.seal(7n, packet)), NOW + 30)
    expect(outputs).toEqual([
      { _tag: "PacketReceived" },
      { _tag: "Acknowledged" },
      { _tag: "Dropped", direction: "receiving", reason: "diff" }
    ])
  })
})
