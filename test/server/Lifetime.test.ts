import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Lifetime from "../../src/domain/server/Lifetime.ts"

const { deadline, step } = Lifetime.machine

const Input = Schema.Union([
  Schema.TaggedStruct("Heard", {}),
  Schema.TaggedStruct("ProgramEnded", {}),
  Schema.TaggedStruct("Terminate", { attached: Schema.Boolean }),
  Schema.TaggedStruct("HangupIdle", {}),
  Schema.TaggedStruct("TransportEnded", {}),
  Schema.TaggedStruct("Tick", {})
])
const Timed = Schema.Struct({
  after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100_000 })),
  input: Input
})

const forEver: Lifetime.Limits = { network: Infinity, signal: 0 }

/** Feeds inputs at their times, and tells the outputs. */
const live = (limits: Lifetime.Limits, ...inputs: ReadonlyArray<readonly [number, Lifetime.Input]>) => {
  let state = Lifetime.initial(limits, 0)
  const outputs: Array<Lifetime.Output> = []
  for (const [now, input] of inputs) {
    const [next, done] = step(state, input, now)
    state = next
    outputs.push(...done)
  }
  return { outputs, state }
}

const SHUTDOWN = { _tag: "Shutdown" } as const
const exit = (why: Lifetime.Why) => ({ _tag: "Exit", why }) as const
const terminate = { _tag: "Terminate", attached: true } as const

describe("Lifetime", () => {
  it.prop("shuts down at most once, exits at most once, and in that order", [Schema.Array(Timed)], ([inputs]) => {
    let now = 0
    const timed = inputs.map(({ after, input }) => [(now += after), input] as const)
    const { outputs, state } = live({ network: 50_000, signal: 20_000 }, ...timed)
    expect(["", "Shutdown", "Exit", "Shutdown,Exit"]).toContain(outputs.map(({ _tag }) => _tag).join())
    expect(state.phase === "Over").toBe(outputs.some(({ _tag }) => _tag === "Exit"))
    expect(deadline(state) === Infinity || state.phase === "Running").toBe(true)
  })

  it("leaves after a minute without any client", () => {
    expect(deadline(live(forEver).state)).toBe(60_000)
    expect(live(forEver, [59_999, { _tag: "Tick" }]).outputs).toEqual([])
    expect(live(forEver, [60_000, { _tag: "Tick" }]).outputs).toEqual([exit("NoClient")])
    expect(deadline(live(forEver, [10, { _tag: "Heard" }]).state)).toBe(Infinity)
  })

  it("shuts down when the network limit has passed since the client was heard", () => {
    const limits = { ...forEver, network: 5000 }
    const heard = [10, { _tag: "Heard" }] as const
    expect(deadline(live(limits, heard).state)).toBe(5010)
    expect(live(limits, heard, [5009, { _tag: "Tick" }]).outputs).toEqual([])
    expect(live(limits, heard, [5010, { _tag: "Tick" }]).outputs).toEqual([SHUTDOWN])
  })

  it("tells the client on the first SIGTERM, and leaves on the second", () => {
    expect(live(forEver, [1, terminate]).outputs).toEqual([SHUTDOWN])
    expect(live(forEver, [1, terminate], [2, terminate]).outputs).toEqual([SHUTDOWN, exit("Terminated")])
    expect(live(forEver, [1, { _tag: "Terminate", attached: false }]).outputs).toEqual([exit("Terminated")])
  })

  it("heeds SIGUSR1 only when no client was heard for long enough", () => {
    const limits = { ...forEver, signal: 1000 }
    const heard = [100, { _tag: "Heard" }] as const
    expect(live(limits, heard, [1099, { _tag: "HangupIdle" }]).outputs).toEqual([])
    expect(live(limits, heard, [1100, { _tag: "HangupIdle" }]).outputs).toEqual([SHUTDOWN])
    expect(live(forEver, heard, [100, { _tag: "HangupIdle" }]).outputs).toEqual([SHUTDOWN])
  })

  it("ends with its program, or with its client", () => {
    const over = { _tag: "TransportEnded" } as const
    expect(live(forEver, [1, { _tag: "ProgramEnded" }], [2, over]).outputs).toEqual([SHUTDOWN, exit("Ended")])
    expect(live(forEver, [2, over]).outputs).toEqual([exit("Ended")])
  })

  it.each([
    [undefined, { milliseconds: undefined, warning: undefined }],
    ["0", { milliseconds: undefined, warning: undefined }],
    ["60", { milliseconds: 60_000, warning: undefined }],
    ["-1", { milliseconds: undefined, warning: "X is negative, ignoring" }],
    ["1h", { milliseconds: undefined, warning: "X not a valid integer, ignoring" }]
  ])("reads the limit %s", (text, expected) => {
    expect(Lifetime.readSeconds("X", text)).toEqual(expected)
  })
})
