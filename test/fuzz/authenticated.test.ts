/**
 * Everything that crashes or confuses a stock peer (spec 12.1), sent to ours with the right key: each is refused and
 * counted, and the session goes on.
 */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import * as Zlib from "node:zlib"
import type { DropReason } from "../../src/domain/ssp/DropReason.ts"
import * as Frame from "../../src/domain/terminal/Frame.ts"
import * as HostMessage from "../../src/domain/wire/HostMessage.ts"
import * as Instruction from "../../src/domain/wire/Instruction.ts"
import * as Protobuf from "../../src/domain/wire/Protobuf.ts"
import * as Authenticated from "./authenticated.ts"

interface Case {
  readonly name: string
  readonly victim: Authenticated.Victim
  /** How it is counted. */
  readonly reason: DropReason
  readonly send: (session: Authenticated.Session, victim: Authenticated.Victim) => void
}

const both = (name: string, reason: DropReason, send: Case["send"]): ReadonlyArray<Case> =>
  (["client", "server"] as const).map((victim) => ({ name, victim, reason, send }))

const bytes = (...all: ReadonlyArray<number>): Uint8Array => Uint8Array.from(all)
const size = (columns: number, rows: number) => ({ columns, rows })

/** A message that sets a size, the same in both directions. A negative number has 64 bits in protobuf. */
const sized = ({ columns, rows }: { readonly columns: number; readonly rows: number }): Uint8Array => {
  const [resize, inner, message] = [Protobuf.writer(), Protobuf.writer(), Protobuf.writer()]
  Protobuf.writeVarint(resize, 5, BigInt.asUintN(64, BigInt(columns)))
  Protobuf.writeVarint(resize, 6, BigInt.asUintN(64, BigInt(rows)))
  Protobuf.writeBytes(inner, 3, Protobuf.finish(resize))
  Protobuf.writeBytes(message, 1, Protobuf.finish(inner))
  return Protobuf.finish(message)
}

const CASES: ReadonlyArray<Case> = [
  {
    name: "an echo ack that goes back",
    victim: "client",
    reason: "diff",
    send: ({ instruction }) => instruction("client", { diff: HostMessage.encode([{ _tag: "EchoAck", number: 0n }]) })
  },
  ...both("no instruction", "instruction", ({ contents }, victim) =>
    contents(victim, Zlib.deflateSync(bytes(0xff, 0xff)))
  ),
  ...both("an instruction with an open group", "instruction", ({ contents }, victim) =>
    contents(victim, Zlib.deflateSync(bytes(0x08, 0x02, 0x0b)))
  ),
  ...both("no message within", "diff", ({ instruction }, victim) => instruction(victim, { diff: bytes(0x0a, 0xff) })),
  ...both("a tag beyond 2^29 - 1 within", "diff", ({ instruction }, victim) =>
    instruction(victim, { diff: bytes(0x80, 0x80, 0x80, 0x80, 0x10, 0x00) })
  ),
  ...both("a fragment too short", "fragment", ({ payload }, victim) => payload(victim, new Uint8Array(9))),
  ...both("a fragment twice, with other contents", "fragment", ({ fragment }, victim) => {
    fragment(victim, { contents: bytes(1) })
    fragment(victim, { contents: bytes(2) })
  }),
  ...both("a fragment beyond the final one", "fragment", ({ fragment }, victim) => {
    fragment(victim, { number: 3, isFinal: true })
    fragment(victim, { number: 4 })
  }),
  ...both("two final fragments", "fragment", ({ fragment }, victim) => {
    fragment(victim, { number: 3, isFinal: true })
    fragment(victim, { number: 2, isFinal: true })
  }),
  ...[size(0, 24), size(80, 0), size(-1, 24), size(80, -5), size(2 ** 31 - 1, 1), size(4096, 4096)].flatMap(
    (resize) => [
      {
        name: `a screen of ${resize.columns} by ${resize.rows}`,
        victim: "client",
        reason: "diff",
        send: ({ instruction }) => instruction("client", { diff: sized(resize) })
      } satisfies Case,
      {
        name: `a window of ${resize.columns} by ${resize.rows}`,
        victim: "server",
        reason: "diff",
        send: ({ instruction }) => instruction("server", { diff: sized(resize) })
      } satisfies Case
    ]
  ),
  ...both("a state thrown away that it builds on", "instruction", ({ instruction, number }, victim) =>
    instruction(victim, { throwaway: number(victim) + 1n })
  ),
  ...both("all states thrown away", "instruction", ({ instruction }, victim) =>
    instruction(victim, { throwaway: Instruction.SHUTDOWN })
  ),
  ...both("a state that comes before its base", "instruction", ({ instruction, number }, victim) =>
    instruction(victim, { oldNumber: number(victim) + 100n, newNumber: number(victim) + 50n })
  ),
  ...both("a number again, with other contents", "late", ({ instruction, number }, victim) =>
    instruction(victim, { newNumber: number(victim), diff: bytes(0x0a, 0x00) })
  ),
  ...both("a base that was never sent", "late", ({ instruction, number }, victim) =>
    instruction(victim, { oldNumber: number(victim) + 100n, newNumber: number(victim) + 101n })
  ),
  ...both("another protocol version", "version", ({ contents }, victim) =>
    contents(victim, Zlib.deflateSync(bytes(0x08, 0x03)))
  ),
  ...both("no zlib stream", "compression", ({ contents }, victim) => contents(victim, bytes(1, 2, 3))),
  ...both("a bomb of 16 MiB", "compression", ({ contents }, victim) =>
    contents(victim, Zlib.deflateSync(Buffer.alloc(1 << 24)))
  ),
  ...both("a datagram in the wrong direction", "misdirected", ({ reflection }, victim) =>
    reflection(victim, new Uint8Array(20))
  ),
  ...both("a datagram without timestamps", "short", ({ datagram, seal }, victim) =>
    datagram(victim, seal(victim === "client" ? 1n << 63n : 0n, bytes(1, 2, 3)))
  ),
  ...both("a datagram too short to be sealed", "short", ({ datagram }, victim) => datagram(victim, new Uint8Array(23))),
  ...both("a datagram too long", "oversize", ({ datagram }, victim) => datagram(victim, new Uint8Array(2049))),
  ...both("a datagram of another key", "unauthentic", ({ datagram }, victim) => datagram(victim, new Uint8Array(100)))
]

const total = (counts: Readonly<Record<DropReason, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

const exchange = Effect.fnUntraced(function* (session: Authenticated.Session, word: string) {
  session.type(word)
  yield* TestClock.adjust(500)
  session.print(`${word} `)
  yield* TestClock.adjust(1500)
  expect(session.typed().endsWith(word)).toBe(true)
  expect(Frame.equals(session.shown(), session.printed())).toBe(true)
})

it.effect.each(CASES)("to a $victim: $name", ({ reason, send, victim }) =>
  Effect.gen(function* () {
    const session = yield* Authenticated.make(5)
    yield* exchange(session, "before")
    const counted = { ...session.dropped(victim) }
    const number = session.number(victim)
    send(session, victim)
    const { dropped } = session
    expect(dropped(victim)[reason]).toBe(counted[reason] + 1)
    expect(total(dropped(victim))).toBe(total(counted) + 1)
    expect(session.number(victim)).toBe(number)
    yield* exchange(session, "after")
    yield* exchange(session, "and on")
  })
)

it.effect.each(["\x1b[c", "\x1b[>c", "\x1b[5n", "\x1b[6n"])("to a client: a host string that asks %j", (query) =>
  Effect.gen(function* () {
    const session = yield* Authenticated.make(5)
    yield* exchange(session, "before")
    const number = session.number("client") + 1000n
    session.instruction("client", { newNumber: number, diff: HostMessage.encode([{ _tag: "HostBytes", host: query }]) })
    yield* TestClock.adjust(2000)
    // It is accepted as a screen with a new number, and neither answered nor shown.
    expect(session.number("client")).toBe(number)
    expect(Frame.equals(session.shown(), session.printed())).toBe(true)
    session.type("after")
    yield* TestClock.adjust(2000)
    expect(session.typed()).toBe("beforeafter")
  })
)
