import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as EchoAck from "../../../src/domain/objects/EchoAck.ts"

const { deadline, step } = EchoAck.machine

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
    const inputs: ReadonlyArray<EchoAck.Input> = [
      { _tag: "Delivered", number },
      ...(tick ? [{ _tag: "Tick" as const }] : [])
    ]
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

const screen = (isEchoed: boolean, peer: Features = Features.frames, isLossy = false): EchoAck.Input => ({
  _tag: "Screen",
  isEchoed,
  peer,
  isLossy
})

const start = () => {
  let state = EchoAck.initial
  const put = (now: number, input: EchoAck.Input) => {
    const [next, outputs] = step(state, input, now)
    state = next
    return outputs
  }
  return { put, state: () => state }
}

/** Another key precedes, 100 ms before 1000. */
const startTyping = () => {
  const started = start()
  started.put(900, { _tag: "Delivered", number: 0n })
  started.put(950, { _tag: "Tick" })
  return started
}

describe("EchoAck", () => {
  it.prop("acknowledges every delivery, in order, and never before its delay", [Deliveries], ([deliveries]) => {
    const { at, number, state, told } = run(deliveries)
    expect(state).toMatchObject({ acknowledged: number, delivered: [], echoed: 0n })
    let last = 0n
    for (const { ack, now } of told) {
      expect(ack).toBeGreaterThan(last)
      expect(now).toBeGreaterThanOrEqual((at[Number(ack)] as number) + EchoAck.DELAY)
      last = ack
    }
  })

  it("wakes for the very first state", () => {
    const [state] = step(EchoAck.initial, { _tag: "Delivered", number: 1n }, 1000)
    expect(deadline(state)).toBe(1050)
    expect(step(state, { _tag: "Tick" }, 1049)[1]).toEqual([])
    expect(step(state, { _tag: "Tick" }, 1050)[1]).toEqual([1n])
  })

  it("acknowledges a key that the screen shows as typed after 50 ms if it follows none closely", () => {
    const { put, state } = start()
    put(1000, { _tag: "Delivered", number: 1n })
    put(1003, screen(true))
    expect(deadline(state())).toBe(1050)
    expect(put(1050, { _tag: "Tick" })).toEqual([1n])
    put(1251, { _tag: "Delivered", number: 2n })
    put(1254, screen(true))
    expect(deadline(state())).toBe(1301)
  })

  it("acknowledges keys that the screen shows as typed with the next screen, and within 250 ms", () => {
    const { put, state } = startTyping()
    expect(put(1000, { _tag: "Delivered", number: 1n })).toEqual([])
    expect(put(1003, screen(true))).toEqual([])
    expect(deadline(state())).toBe(1250)
    expect(put(1070, { _tag: "Delivered", number: 2n })).toEqual([])
    expect(deadline(state())).toBe(1120)
    expect(put(1073, screen(true))).toEqual([])
    expect(state().acknowledged).toBe(1n)
    expect(deadline(state())).toBe(1320)
    expect(put(1320, { _tag: "Tick" })).toEqual([2n])
    expect(deadline(state())).toBe(Infinity)
  })

  it("acknowledges a key that no screen shows after 50 ms, and the echoed ones before it too", () => {
    const { put, state } = startTyping()
    put(1000, { _tag: "Delivered", number: 1n })
    put(1003, screen(true))
    put(1010, { _tag: "Delivered", number: 2n })
    put(1020, screen(false))
    expect(deadline(state())).toBe(1060)
    expect(put(1059, { _tag: "Tick" })).toEqual([])
    expect(put(1060, { _tag: "Tick" })).toEqual([2n])
  })

  it.each([screen(true, Features.stock), screen(true, Features.frames, true)])(
    "acknowledges each key after 50 ms at a stock client, and where datagrams are lost",
    (shown) => {
      const { put, state } = startTyping()
      put(1000, { _tag: "Delivered", number: 1n })
      put(1003, shown)
      expect(deadline(state())).toBe(1050)
    }
  )

  it("stays small under a flood", () => {
    let state = EchoAck.initial
    let longest = 0
    for (let i = 1; i <= 100_000; i++) {
      state = step(state, { _tag: "Delivered", number: BigInt(i) }, 1000 + i / 1000)[0]
      longest = Math.max(longest, state.delivered.length)
    }
    expect(longest).toBeLessThanOrEqual(EchoAck.DELAY + 1)
  })
})
