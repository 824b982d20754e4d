import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as EchoAck from "../../../src/domain/objects/EchoAck.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"

const { deadline, step } = EchoAck.machine

const frame = (text: string) => FramePatch.patch(Frame.blank({ columns: 10, rows: 2 }), text)

/** Input that a client state adds, while the newest screen shows `before`. */
const delivered = (number: bigint, typed = "", before = "$ "): EchoAck.Input => ({
  _tag: "Delivered",
  number,
  typed: new TextEncoder().encode(typed),
  cursor: frame(before).cursor
})

const screen = (text: string, peer: Features = Features.frames, isLossy = false): EchoAck.Input => ({
  _tag: "Screen",
  frame: frame(text),
  peer,
  isLossy
})

/** Client states by the time since the previous one, ms; each may be followed by a tick. */
const Deliveries = Schema.Array(
  Schema.Struct({ after: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 200 })), tick: Schema.Boolean })
)

const run = (deliveries: typeof Deliveries.Type) => {
  let state = EchoAck.initial
  let now = 1000
  let number = 0n
  const told: Array<{ readonly ack: bigint; readonly now: number }> = []
  const at: Array<number> = [0]
  for (const { after, tick } of deliveries) {
    now += after
    number += 1n
    at[Number(number)] = now
    const inputs: ReadonlyArray<EchoAck.Input> = [delivered(number), ...(tick ? [{ _tag: "Tick" as const }] : [])]
    for (const input of inputs) {
      const [next, outputs] = step(state, input, now)
      state = next
      told.push(...outputs.map((ack) => ({ ack, now })))
    }
  }
  while (deadline(state) < Infinity) {
    now = Math.max(now, deadline(state))
    const [next, outputs] = step(state, { _tag: "Tick" }, now)
    state = next
    told.push(...outputs.map((ack) => ({ ack, now })))
  }
  return { at, number, state, told }
}

const start = () => {
  let state = EchoAck.initial
  const put = (now: number, input: EchoAck.Input) => {
    const [next, outputs] = step(state, input, now)
    state = next
    return outputs
  }
  return { put, state: () => state }
}

describe("EchoAck", () => {
  it.prop("acknowledges every delivery, in order, and never before its delay", [Deliveries], ([deliveries]) => {
    const { at, number, state, told } = run(deliveries)
    expect(state).toMatchObject({ acknowledged: number, delivered: [] })
    let last = 0n
    for (const { ack, now } of told) {
      expect(ack).toBeGreaterThan(last)
      expect(now).toBeGreaterThanOrEqual((at[Number(ack)] as number) + EchoAck.DELAY)
      last = ack
    }
  })

  it("wakes for the very first state", () => {
    const [state] = step(EchoAck.initial, delivered(1n), 1000)
    expect(deadline(state)).toBe(1050)
    expect(step(state, { _tag: "Tick" }, 1049)[1]).toEqual([])
    expect(step(state, { _tag: "Tick" }, 1050)[1]).toEqual([1n])
  })

  it("acknowledges a key after a pause with the screen that shows it as it was typed", () => {
    const { put, state } = start()
    put(1000, delivered(1n, "l"))
    expect(put(1003, screen("$ l"))).toEqual([])
    expect(state().acknowledged).toBe(1n)
    expect(deadline(state())).toBe(Infinity)
    put(1251, delivered(2n, "s", "$ l"))
    put(1254, screen("$ ls"))
    expect(state().acknowledged).toBe(2n)
  })

  it("acknowledges keys that follow each other with the screen after the one that shows them, and within 250 ms", () => {
    const { put, state } = start()
    put(900, delivered(1n, "l"))
    put(903, screen("$ l"))
    expect(put(1000, delivered(2n, "s", "$ l"))).toEqual([])
    expect(put(1003, screen("$ ls"))).toEqual([])
    expect(deadline(state())).toBe(1250)
    expect(put(1070, delivered(3n, " \u6f22", "$ ls"))).toEqual([])
    expect(deadline(state())).toBe(1120)
    expect(put(1073, screen("$ ls \u6f22"))).toEqual([])
    expect(state().acknowledged).toBe(2n)
    expect(deadline(state())).toBe(1320)
    expect(put(1320, { _tag: "Tick" })).toEqual([3n])
    expect(deadline(state())).toBe(Infinity)
  })

  it("acknowledges a key that no screen shows after 50 ms, and the echoed ones before it too", () => {
    const { put, state } = start()
    put(900, delivered(1n))
    put(950, { _tag: "Tick" })
    put(1000, delivered(2n, "l"))
    put(1003, screen("$ l"))
    put(1010, delivered(3n, "s", "$ l"))
    put(1020, screen("$ l*"))
    expect(deadline(state())).toBe(1060)
    expect(put(1059, { _tag: "Tick" })).toEqual([])
    expect(put(1060, { _tag: "Tick" })).toEqual([3n])
  })

  it("expects the echo of all that is outstanding", () => {
    const { put, state } = start()
    put(1000, delivered(1n, "l"))
    put(1001, delivered(2n, "s"))
    put(1003, screen("$ l"))
    expect(deadline(state())).toBe(1050)
    put(1004, screen("$ ls"))
    expect(deadline(state())).toBe(1250)
  })

  it("takes no letter that was there before for the echo of the same one", () => {
    const { put, state } = start()
    put(1000, delivered(1n, "l", "$ l"))
    put(1003, screen("$ l"))
    expect(deadline(state())).toBe(1050)
  })

  it.each([
    ["another text", delivered(1n, "l"), screen("$ *")],
    ["the text before it was typed further", delivered(1n, "l"), screen("$ l\b")],
    ["another row", delivered(1n, "l"), screen("\r\nl")],
    ["keys without an echo", delivered(1n, "\x1b[C"), screen("$ l")],
    ["more than typing", delivered(1n, ""), screen("$ ")],
    ["keys at a stock client", delivered(1n, "l"), screen("$ l", Features.stock)],
    ["keys where datagrams are lost", delivered(1n, "l"), screen("$ l", Features.frames, true)]
  ])("acknowledges %s after 50 ms", (_, input, shown) => {
    const { put, state } = start()
    put(1000, input)
    expect(put(1003, shown)).toEqual([])
    expect(deadline(state())).toBe(1050)
    expect(put(1049, { _tag: "Tick" })).toEqual([])
    expect(put(1050, { _tag: "Tick" })).toEqual([1n])
  })

  it("expects no echo of more than it keeps", () => {
    const { put, state } = start()
    put(1000, delivered(1n, "l"))
    put(1001, delivered(2n, "l".repeat(1000)))
    expect(state().expected).toBeUndefined()
    put(1002, delivered(3n, "l"))
    expect(state().expected).toBeUndefined()
  })

  it("stays small under a flood", () => {
    let state = EchoAck.initial
    let longest = 0
    for (let i = 1; i <= 100_000; i++) {
      state = step(state, delivered(BigInt(i), "x"), 1000 + i / 1000)[0]
      longest = Math.max(longest, state.delivered.length)
    }
    expect(longest).toBeLessThanOrEqual(EchoAck.DELAY + 1)
  })
})
