/**
 * The messages in instructions: each is refused, or is the same when written and read again.
 */
import * as Result from "effect/Result"
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import * as HostMessage from "../../../src/domain/wire/HostMessage.ts"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import * as ResizeMessage from "../../../src/domain/wire/ResizeMessage.ts"
import * as UserMessage from "../../../src/domain/wire/UserMessage.ts"
import * as Captured from "./captured.ts"
import { bytesEqual, law, type Target } from "../target.ts"

/** Tags of every wire type, numbers at the edges, groups. */
const TOKENS = [
  "0802",
  "1000",
  "18ffffffffffffffffff01",
  "2000",
  "2800",
  "3200",
  "3a00",
  "80048080808010",
  "0a00",
  "0a0612042202",
  "1205220361",
  "1a042864301e",
  "1a0428003000",
  "0a0c1a0a28ffffffffffffffffff01",
  "3a0340ac02",
  "0b",
  "0c",
  "13",
  "14",
  "0d00000000",
  "0900000000",
  "1b1c",
  "ffffffff0f",
  "8080808080808080808001",
  "0f"
].map((hex) => Uint8Array.from(Buffer.from(hex, "hex")))

const same = <Event>(
  events: ReadonlyArray<Event>,
  again: Result.Result<ReadonlyArray<Event>, string>,
  equals: (a: Event, b: Event) => boolean
): boolean =>
  Result.isSuccess(again) &&
  again.success.length === events.length &&
  events.every((event, i) => equals(event, again.success[i] as Event))

const plain = (event: unknown): string =>
  JSON.stringify(event, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))

export const instruction: Target = {
  what: "transport instructions",
  seeds: () => Captured.instructions,
  tokens: TOKENS,
  maxLength: 2048,
  budget: 500,
  quick: 8000,
  run: (input) => {
    const decoded = Instruction.decode(input)
    if (Result.isFailure(decoded)) return
    const { diff, ...numbers } = decoded.success
    law(diff.length <= input.length, "a difference longer than its instruction")
    for (const value of [numbers.oldNumber, numbers.newNumber, numbers.acknowledged, numbers.throwaway])
      law(value >= 0n && value <= Instruction.SHUTDOWN, "a number beyond 64 bits")
    const again = Instruction.decode(Instruction.encode(decoded.success, Uint8Array.of(1, 2, 3)))
    law(Result.isSuccess(again), "refused when written again")
    const { diff: sameDiff, ...sameNumbers } = again.success
    law(bytesEqual(sameDiff, diff) && plain(sameNumbers) === plain(numbers), "another instruction when written again")
  }
}

const userEquals = (a: UserMessage.UserEvent, b: UserMessage.UserEvent): boolean =>
  a._tag === "Keys" ? b._tag === "Keys" && bytesEqual(a.bytes, b.bytes) : plain(a) === plain(b)

export const userMessage: Target = {
  what: "keys and sizes that a client sends",
  seeds: () => Captured.userMessages,
  tokens: TOKENS,
  maxLength: 2048,
  budget: 500,
  quick: 8000,
  run: (input) => {
    const decoded = UserMessage.decode(input)
    const stream = UserStream.object.patch(UserStream.EMPTY, input)
    law(Result.isSuccess(decoded) === Result.isSuccess(stream), "a message is taken by one and refused by the other")
    if (Result.isFailure(decoded) || Result.isFailure(stream)) return
    const events = decoded.success
    law(2 * events.length <= input.length, "more events than bytes can say")
    law(same(events, UserMessage.decode(UserMessage.encode(events)), userEquals), "other events when written again")
    for (const event of events)
      law(event._tag === "Keys" || ResizeMessage.isAdmitted(event.size), "a size not admitted")

    const { end } = stream.success
    law(end <= input.length, "more typed than was said")
    const told = UserStream.object.patch(UserStream.EMPTY, UserStream.object.diff(UserStream.EMPTY, stream.success, 0))
    law(Result.isSuccess(told) && told.success.end === end, "another stream when told again")
    const rest = UserStream.object.subtract(stream.success, stream.success)
    law(rest.end === end && rest.pieces.length === 0, "something is left of what was acknowledged")
  }
}

export const hostMessage: Target = {
  what: "updates that a server sends",
  seeds: () => Captured.hostMessages,
  tokens: TOKENS,
  maxLength: 2048,
  budget: 500,
  quick: 8000,
  run: (input) => {
    const decoded = HostMessage.decode(input)
    if (Result.isFailure(decoded)) return
    const events = decoded.success
    law(events.length <= HostMessage.MAX_INSTRUCTIONS, "too many events")
    let text = 0
    for (const event of events) {
      if (event._tag === "HostBytes") text += event.host.length
      if (event._tag === "Resize") law(ResizeMessage.isAdmitted(event.size), "a size not admitted")
    }
    law(text <= input.length, "more text than bytes")
    const again = HostMessage.decode(HostMessage.encode(events))
    law(
      same(events, again, (a, b) => plain(a) === plain(b)),
      "other events when written again"
    )
  }
}
