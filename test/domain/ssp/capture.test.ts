/**
 * A session of stock client and stock server, captured on the wire, through our cipher layout, codecs and machines.
 */
import { createDecipheriv } from "node:crypto"
import { inflateSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import * as Connection from "../../../src/domain/ssp/Connection.ts"
import * as Receiver from "../../../src/domain/ssp/Receiver.ts"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import * as Screen from "../../../src/domain/objects/Screen.ts"
import * as Sender from "../../../src/domain/ssp/sender/Sender.ts"
import type { SyncObject } from "../../../src/domain/ssp/SyncObject.ts"
import * as Timing from "../../../src/domain/ssp/Timing.ts"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import * as Fragment from "../../../src/domain/wire/Fragment.ts"
import * as HostMessage from "../../../src/domain/wire/HostMessage.ts"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import * as Packet from "../../../src/domain/wire/Packet.ts"
import * as UserMessage from "../../../src/domain/wire/UserMessage.ts"
import fixtures from "../../fixtures/mosh-fixtures.json" with { type: "json" }

const { key_text, packets } = fixtures.capture
const KEY = SessionKey.bytes(Result.getOrThrow(SessionKey.parse(key_text)))

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

const open = (datagram: Uint8Array): { readonly nonce: bigint; readonly plaintext: Uint8Array } => {
  const nonce = Buffer.concat([Buffer.alloc(4), datagram.subarray(0, 8)])
  const decipher = createDecipheriv("aes-128-ocb", KEY, nonce, { authTagLength: 16 })
  decipher.setAuthTag(datagram.subarray(-16))
  const plaintext = Buffer.concat([decipher.update(datagram.subarray(8, -16)), decipher.final()])
  return { nonce: Buffer.from(datagram).readBigUInt64BE(0), plaintext: new Uint8Array(plaintext) }
}

const SIZE = { columns: 40, rows: 6 }

describe("the captured session", () => {
  it.each(packets)("packet $n is read and written as stock does", (packet) => {
    const { nonce, plaintext } = open(hex(packet.datagram))
    expect(nonce).toBe(BigInt(`0x${packet.nonce64}`))
    expect(toHex(plaintext)).toBe(packet.plaintext)

    const read = Packet.decode(plaintext)
    const fragment = read === undefined ? undefined : Fragment.decode(read.payload)
    if (read === undefined || fragment === undefined) throw new Error("not a packet")
    expect([read.timestamp, read.timestampReply]).toEqual([packet.ts, packet.ts_reply])
    expect([fragment.id, fragment.number, fragment.isFinal]).toEqual([
      BigInt(packet.frag_id),
      packet.frag,
      packet.final
    ])
    expect(toHex(Packet.encode({ ...read, payload: Fragment.encode(fragment) }))).toBe(packet.plaintext)

    const bytes = new Uint8Array(inflateSync(fragment.contents))
    expect(toHex(bytes)).toBe(packet.instruction_bytes)
    const instruction = Result.getOrThrow(Instruction.decode(bytes))
    expect(instruction).toMatchObject({
      oldNumber: BigInt(packet.old),
      newNumber: BigInt(packet.new),
      acknowledged: BigInt(packet.ack),
      throwaway: BigInt(packet.throwaway),
      features: 0
    })
    expect(instruction.diff.length).toBe(packet.diff_len)
    expect(toHex(Instruction.encode(instruction, hex(packet.chaff)))).toBe(packet.instruction_bytes)

    const again =
      packet.dir === "C>S"
        ? Result.map(UserMessage.decode(instruction.diff), UserMessage.encode)
        : Result.map(HostMessage.decode(instruction.diff), HostMessage.encode)
    expect(toHex(Result.getOrThrow(again))).toBe(toHex(instruction.diff))
  })

  /** One end that receives everything its stock peer sent. */
  const listen = <R>(role: Role, object: SyncObject<R>, initial: R) => {
    const connectionMachine = Connection.machine<string>({ role, addressEquals: (a, b) => a === b })
    const receiverMachine = Receiver.machine(object)
    let connection = Connection.init<string>({ family: "IPv4", now: 0 })
    let receiver = Receiver.init({ initial, now: 0 })
    const dropped: Array<string> = []
    const arrive = (packet: (typeof packets)[number]): ReadonlyArray<Receiver.Output<R>> => {
      const [next, outputs] = connectionMachine.step(
        connection,
        { _tag: "Arrived", ...open(hex(packet.datagram)), source: "peer", socket: 0, congested: false },
        packet.t_ms
      )
      connection = next
      return outputs.flatMap((output) => {
        if (output._tag === "Dropped") dropped.push(output.reason)
        if (output._tag !== "Deliver") return []
        const instruction = Result.getOrThrow(Instruction.decode(new Uint8Array(inflateSync(output.contents))))
        const [heard, said] = receiverMachine.step(receiver, instruction, packet.t_ms)
        receiver = heard
        for (const each of said) if (each._tag === "Dropped") dropped.push(each.reason)
        return said
      })
    }
    return { arrive, dropped, newest: () => Receiver.newest(receiver) }
  }

  it("delivers what was typed to our server", () => {
    const { arrive, dropped, newest } = listen("Server", UserStream.object, UserStream.EMPTY)
    let text = ""
    let earlier = UserStream.EMPTY
    for (const packet of packets.filter(({ dir }) => dir === "C>S")) {
      arrive(packet)
      for (const event of UserStream.since(newest().state, earlier))
        text +=
          event._tag === "Keys" ? Buffer.from(event.bytes).toString() : `<${event.size.columns}x${event.size.rows}>`
      earlier = newest().state
    }
    expect(dropped).toEqual([])
    expect(text).toBe("<40x6>hi\r\x04")
    expect(newest().number).toBe(11n)
  })

  it("delivers what was shown to our client", () => {
    const { arrive, dropped, newest } = listen("Client", Screen.object, Screen.blank(SIZE))
    for (const packet of packets.filter(({ dir }) => dir === "S>C")) arrive(packet)
    expect(dropped).toEqual([])
    const { number, state } = newest()
    expect(number).toBe(Instruction.SHUTDOWN)
    expect(state.echoAck).toBe(8n)
    const line = (row: Row.Row) =>
      Array.from({ length: 40 }, (_, x) => Row.text(row, x) || " ")
        .join("")
        .trimEnd()
    expect(state.frame.rows.map(line)).toEqual(["", "hi", "hi", "", "", ""])
    expect(state.frame.cursor).toMatchObject({ row: 3, column: 0, visible: true })
  })

  it("is what our client would have sent, at the same times", () => {
    const { arrive } = listen("Client", Screen.object, Screen.blank(SIZE))
    const machine = Sender.machine(UserStream.object)
    let now = 115
    let state = Sender.init({
      role: "Client",
      initial: UserStream.EMPTY,
      features: 0,
      minDelay: Timing.MIN_DELAY_CLIENT,
      attached: true,
      now
    })
    const said: Array<{ readonly at: number; readonly instruction: Instruction.Instruction }> = []
    const input = (input: Sender.Input<UserStream.UserStream>) => {
      const [next, outputs] = machine.step(state, input, now)
      state = next
      for (const output of outputs) if (output._tag === "Send") said.push({ at: now, instruction: output.instruction })
    }
    const run = (until: number) => {
      while (machine.deadline(state) <= until) {
        now = Math.max(now, machine.deadline(state))
        input({ _tag: "Tick" })
      }
      now = until
    }
    input({ _tag: "Publish", state: UserStream.resize(state.window.current, SIZE) })
    for (const packet of packets) {
      if (packet.dir === "C>S") {
        const keys = /^keys:(".*")$/.exec(packet.diff_text)
        if (keys === null) continue
        // The key was typed a moment before the client sent it.
        run(packet.t_ms - 1)
        input({ _tag: "Publish", state: UserStream.push(state.window.current, Buffer.from(JSON.parse(keys[1] ?? ""))) })
      } else {
        run(packet.t_ms)
        for (const output of arrive(packet)) {
          if (output._tag === "PeerAcknowledged" || output._tag === "Received") input(output)
          if (packet.n === 2) input({ _tag: "RoundTrip", estimate: { srtt: 6, minRtt: 6, rto: 50, loss: undefined } })
        }
      }
    }
    run(2000)

    const stock = packets.filter(({ dir }) => dir === "C>S")
    const numbers = ({ oldNumber, newNumber, acknowledged, throwaway, diff }: Instruction.Instruction) => [
      String(oldNumber),
      String(newNumber),
      String(acknowledged),
      String(throwaway),
      diff.length
    ]
    expect(said.map(({ instruction }) => numbers(instruction))).toEqual(
      stock.map((packet) => [packet.old, packet.new, packet.ack, packet.throwaway, packet.diff_len])
    )
    said.forEach(({ at }, i) => expect(Math.abs(at - (stock[i]?.t_ms ?? 0))).toBeLessThanOrEqual(2))
    expect(state.ended).toBe("PeerShutdown")
  })
})
