import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Socks from "../../../src/domain/forwarding/Socks.ts"

const { machine } = Socks

/** Runs the machine over pieces of a size. */
const run = (bytes: Uint8Array, size: number, now = 0) => {
  let state = Socks.initial(now)
  const outputs: Array<Socks.Output> = []
  for (let at = 0; at < bytes.length; at += size) {
    const [next, more] = machine.step(state, { _tag: "Received", bytes: bytes.subarray(at, at + size) }, now)
    state = next
    outputs.push(...more)
  }
  return { state, outputs }
}

const bytes = (...parts: ReadonlyArray<number | string>): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === "number" ? Uint8Array.of(part) : Buffer.from(part))))

const connect = (host: string, port: number): Socks.Output => ({ _tag: "Connect", to: { _tag: "Tcp", host, port } })
const send = (...numbers: ReadonlyArray<number>): Socks.Output => ({ _tag: "Send", bytes: Uint8Array.from(numbers) })
const close: Socks.Output = { _tag: "Close" }
const refused5 = (code: number) => send(5, code, 0, 1, 0, 0, 0, 0, 0, 0)

const GREETING = [5, 2, 0, 2]

/** Requests, and what they give. */
const REQUESTS: ReadonlyArray<readonly [string, Uint8Array, ReadonlyArray<Socks.Output>]> = [
  ["4", bytes(4, 1, 0, 80, 10, 0, 0, 7, "me", 0), [connect("10.0.0.7", 80)]],
  ["4a", bytes(4, 1, 1, 187, 0, 0, 0, 9, 0, "example.org", 0), [connect("example.org", 443)]],
  ["5 by name", bytes(...GREETING, 5, 1, 0, 3, 4, "host", 0, 22), [send(5, 0), connect("host", 22)]],
  ["5 by IPv4", bytes(...GREETING, 5, 1, 0, 1, 192, 0, 2, 1, 0, 22), [send(5, 0), connect("192.0.2.1", 22)]],
  [
    "5 by IPv6",
    bytes(...GREETING, 5, 1, 0, 4, 0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 7, 0, 22),
    [send(5, 0), connect("2001:db8:0:0:0:0:0:7", 22)]
  ],
  ["5 with a password only", bytes(5, 1, 2), [send(5, 255), close]],
  ["5, to listen", bytes(5, 1, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0), [send(5, 0), refused5(7), close]],
  ["5, with an unknown address", bytes(5, 1, 0, 5, 1, 0, 9), [send(5, 0), refused5(8), close]],
  ["5, to port 0", bytes(5, 1, 0, 5, 1, 0, 1, 1, 2, 3, 4, 0, 0), [send(5, 0), refused5(1), close]],
  ["5, to a name with a space", bytes(5, 1, 0, 5, 1, 0, 3, 3, "a b", 0, 22), [send(5, 0), refused5(1), close]],
  ["5, to bytes that are no text", bytes(5, 1, 0, 5, 1, 0, 3, 1, 0xff, 0, 22), [send(5, 0), refused5(1), close]],
  ["4, to listen", bytes(4, 2), [send(0, 91, 0, 0, 0, 0, 0, 0), close]],
  ["4, without an end", bytes(4, 1, 0, 80, 10, 0, 0, 7, "x".repeat(700)), [close]],
  ["HTTP", bytes("GET / HTTP/1.1\r\n\r\n"), [close]],
  ["another version within 5", bytes(5, 1, 0, 4, 1), [send(5, 0), close]]
]

describe("SOCKS", () => {
  it("gives the same for a request in one piece and byte by byte", () => {
    for (const [name, request, expected] of REQUESTS) {
      for (const size of [request.length, 1, 3]) {
        expect([name, size, run(request, size).outputs]).toEqual([name, size, expected])
      }
    }
  })

  it("keeps what a client sends ahead of the answer, and answers as its version has it", () => {
    const five = run(bytes(5, 1, 0, 5, 1, 0, 3, 4, "host", 0, 22, "early"), 100).state
    expect(Buffer.from(five.held).toString()).toBe("early")
    expect(machine.step(five, { _tag: "Connected" }, 0)[1]).toEqual([refused5(0)])
    expect(machine.step(five, { _tag: "Failed", reason: "refused" }, 0)[1]).toEqual([refused5(5), close])
    expect(machine.step(five, { _tag: "Failed", reason: "prohibited" }, 0)[1]).toEqual([refused5(2), close])
    const four = run(bytes(4, 1, 0, 80, 10, 0, 0, 7, 0), 100).state
    expect(machine.step(four, { _tag: "Connected" }, 0)[1]).toEqual([send(0, 90, 0, 0, 0, 0, 0, 0)])
    expect(machine.step(four, { _tag: "Failed", reason: "failed" }, 0)[1]).toEqual([
      send(0, 91, 0, 0, 0, 0, 0, 0),
      close
    ])
  })

  it("drops a client that has not sent its request in 20 s, and none that waits for its destination", () => {
    const slow = run(bytes(5, 1, 0, 5), 1).state
    expect(machine.deadline(slow)).toBe(20_000)
    expect(machine.step(slow, { _tag: "Tick" }, 19_999)[1]).toEqual([])
    expect(machine.step(slow, { _tag: "Tick" }, 20_000)[1]).toEqual([close])
    const waiting = run(bytes(5, 1, 0, 5, 1, 0, 3, 4, "host", 0, 22), 100).state
    expect(machine.deadline(waiting)).toBe(Infinity)
    expect(machine.step(waiting, { _tag: "Tick" }, 1e9)[1]).toEqual([])
  })

  it.prop(
    "holds no more than a request until it knows the destination, whatever it receives",
    [Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 6 })))],
    ([numbers]) => {
      const { outputs, state } = run(Uint8Array.from([...numbers, ...numbers, ...numbers]), 2)
      expect(state.held.length).toBeLessThanOrEqual(state.phase === "Connecting" ? Infinity : Socks.MAX_REQUEST)
      expect(outputs.filter(({ _tag }) => _tag !== "Send").length).toBeLessThanOrEqual(1)
    }
  )
})
