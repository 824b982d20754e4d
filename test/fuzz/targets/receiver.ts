/**
 * The whole receiver, fed by a hostile peer with the key: authentic instructions, some of them honest.
 *
 * An input is a sequence of instructions, whose numbers are near those that the receiver knows, and whose differences
 * are host messages, user messages or noise. It is received by a client, as screens, and by a server, as typing;
 * compressed, as on the network.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import type { DropReason } from "../../../src/domain/ssp/DropReason.ts"
import * as Receiver from "../../../src/domain/ssp/Receiver.ts"
import * as Screen from "../../../src/domain/objects/Screen.ts"
import type { SyncObject } from "../../../src/domain/ssp/SyncObject.ts"
import * as Timing from "../../../src/domain/ssp/Timing.ts"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import * as HostMessage from "../../../src/domain/wire/HostMessage.ts"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import * as UserMessage from "../../../src/domain/wire/UserMessage.ts"
import { Compression } from "../../../src/services/transport/Compression.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as Captured from "./captured.ts"
import { wellFormed } from "../frame-laws.ts"
import { piece, type Reader, reader } from "../reader.ts"
import { law, type Target, texts } from "../target.ts"

const { deflate, inflate } = Effect.runSync(Effect.provide(Compression, NodeCompression.layer))

/** Instructions of one input. */
const MOST = 64
const decoder = new TextDecoder()

/** A number near those that are known, or one at an edge. */
const numberNear = (input: Reader, known: ReadonlyArray<bigint>): bigint => {
  const base = known[input.below(known.length)] ?? 0n
  switch (input.below(8)) {
    case 0:
      return Instruction.SHUTDOWN - BigInt(input.below(3))
    case 1:
      return BigInt(input.below(4))
    case 2:
      return input.u64()
    default:
      return BigInt.asUintN(64, base + BigInt(input.below(5) - 1))
  }
}

const sizeOf = (input: Reader): { readonly columns: number; readonly rows: number } =>
  input.below(4) === 0
    ? { columns: input.below(2) === 0 ? input.below(60) - 2 : 4096, rows: input.below(20) - 1 }
    : { columns: 1 + input.below(30), rows: 1 + input.below(10) }

const diffOf = (input: Reader): Uint8Array => {
  switch (input.below(6)) {
    case 0:
      return new Uint8Array(0)
    case 1:
      return input.piece()
    case 2:
      return HostMessage.encode([{ _tag: "EchoAck", number: BigInt(input.below(10)) }])
    case 3:
      return HostMessage.encode([{ _tag: "Resize", size: sizeOf(input) }])
    case 4:
      return UserMessage.encode([
        { _tag: "Keys", bytes: input.piece() },
        { _tag: "Resize", size: sizeOf(input) }
      ])
    default:
      return HostMessage.encode([{ _tag: "HostBytes", host: decoder.decode(input.piece()) }])
  }
}

const receive = <R>(input: Reader, object: SyncObject<R>, initial: R, check: (state: R) => void): void => {
  const machine = Receiver.machine(object)
  let state = Receiver.init({ initial, now: 0 })
  let now = 0
  let newest = 0n
  for (let i = 0; i < MOST && !input.done(); i++) {
    const known = state.received.map(({ number }) => number)
    now += input.below(3) === 0 ? input.below(20_000) : 1
    const sent = Instruction.encode(
      {
        oldNumber: numberNear(input, known),
        newNumber: numberNear(input, known),
        acknowledged: numberNear(input, known),
        throwaway: numberNear(input, known),
        diff: diffOf(input),
        features: input.below(2)
      },
      new Uint8Array(0)
    )
    const inflated = inflate(deflate(sent) ?? new Uint8Array(0))
    const instruction = inflated === undefined ? undefined : Result.getOrUndefined(Instruction.decode(inflated))
    law(instruction !== undefined, "what was written cannot be read")
    const [next, outputs] = machine.step(state, instruction, now)
    const dropped = outputs.filter((output) => output._tag === "Dropped")
    law(dropped.length <= 1 && outputs.length <= 4, "more outputs than an instruction has")
    const isDropped = dropped.length === 1
    const isNewest = outputs.some((output) => output._tag === "RemoteChanged")
    law(!(isDropped && isNewest), "dropped, and yet news")
    const reasons: ReadonlyArray<DropReason> = ["late", "instruction", "limit", "diff"]
    for (const output of dropped) law(reasons.includes(output.reason), "dropped for no reason that fits")

    const numbers = next.received.map(({ number }) => number)
    law(numbers.length >= 1, "no state is left")
    law(
      numbers.every((number, i) => i === 0 || number > (numbers[i - 1] as bigint)),
      "states out of order, or twice"
    )
    const last = Receiver.newest(next)
    law(last.number >= newest, "an older state became the newest")
    law(isNewest === last.number > newest, "news is not told, or told twice")
    newest = last.number
    const weight = next.received.slice(0, -1).reduce((sum, entry) => sum + entry.weight, 0)
    law(weight <= 2 * Timing.RECEIVED_WEIGHT, "more is held than may be")
    for (const { state: held } of next.received.slice(-2)) check(held)
    state = next
  }
}

const keys = (text: string): Uint8Array => UserMessage.encode([{ _tag: "Keys", bytes: Buffer.from(text) }])

/** Four numbers, each one beyond a known state; a time; a difference. */
const step = (diff: ReadonlyArray<number>, ...pieces: ReadonlyArray<Uint8Array>): Uint8Array =>
  Buffer.concat([Uint8Array.of(1, 0, 5, 1, 0, 5, 2, 0, 1, 0, 1, 0, ...diff), ...pieces, Uint8Array.of(1)])

export const receiver: Target = {
  what: "authentic instructions that mean harm, received",
  seeds: () => [
    Buffer.concat(Captured.hostMessages.flatMap((message) => [step([1], piece(message))])),
    Buffer.concat(Captured.userMessages.flatMap((message) => [step([1], piece(message))])),
    Buffer.concat([
      step([5], piece(Buffer.from("hello"))),
      step([2, 5]),
      step([2, 3]),
      step([5], piece(Buffer.from("x")))
    ]),
    Buffer.concat([step([3, 0, 1]), step([3, 1, 5, 5]), step([3, 0, 0, 1, 1])]),
    Buffer.concat([step([1], piece(keys("ls\r"))), step([4], piece(Buffer.from("q")), Uint8Array.of(1, 7, 7))])
  ],
  tokens: [
    ...["\x1b[c", "\x1b[>c", "\x1b[5n", "\x1b[6n", "a", "\x1b[2J", "\x1b[41m"].map((host) =>
      step([5], piece(Buffer.from(host)))
    ),
    step([0]),
    step([2, 0]),
    step([2, 9]),
    step([3, 0, 0, 1, 1]),
    ...texts("\0", "\x01", "\x05")
  ],
  maxLength: 2048,
  // A screen of a million cells is resized by an instruction of a few bytes.
  budget: 3000,
  quick: 300,
  run: (bytes) => {
    const size = { columns: 20, rows: 5 }
    let checked: Screen.Screen | undefined
    receive(reader(bytes), Screen.object, Screen.blank(size), (screen) => {
      if (screen === checked) return
      checked = screen
      wellFormed(screen.frame)
      law(FramePatch.patch(screen.frame, "") === screen.frame, "an empty host string changed something")
    })
    receive(reader(bytes), UserStream.object, UserStream.EMPTY, (stream) => {
      let events = 0
      for (const event of stream.pieces) events += event._tag === "Keys" ? event.bytes.length : 1
      law(events === stream.end - stream.start, "events are counted wrong")
    })
  }
}
