import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Lifetime from "../../../src/domain/session/Lifetime.ts"

const { deadline, step } = Lifetime.machine

const Input = Schema.Union([
  Schema.TaggedStruct("ClientStateReceived", {}),
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

/** Wakes a session when it wants to be, but not before `from`, until `end`. */
const wakeUntil = (state: Lifetime.State, end: number, from = 0) => {
  const outputs: Array<Lifetime.Output> = []
  let wakes = 0
  for (let now = from; ; wakes++) {
    now = Math.max(now, deadline(state))
    if (now > end) return { outputs, state, wakes }
    const [next, done] = step(state, { _tag: "Tick" }, now)
    state = next
    outputs.push(...done)
  }
}

const Limit = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 * 86_400_000 }))
const Nap = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 80 * 86_400_000 }))

const SHUTDOWN = { _tag: "Shutdown" } as const
const exit = (reason: Lifetime.EndReason) => ({ _tag: "Exit", reason }) as const
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
    expect(wakeUntil(live(forEver).state, 59_999).outputs).toEqual([])
    expect(wakeUntil(live(forEver).state, 60_000).outputs).toEqual([exit("NoClient")])
    const impatient = live({ network: 5000, signal: 0 }).state
    expect(wakeUntil(impatient, 4999).outputs).toEqual([])
    expect(wakeUntil(impatient, 5000).outputs).toEqual([exit("NoClient")])
    expect(deadline(live(forEver, [10, { _tag: "ClientStateReceived" }]).state)).toBe(Infinity)
  })

  it.prop("shuts down when the network limit has passed since the client's last state", [Limit], ([network]) => {
    const { state } = live({ ...forEver, network }, [10, { _tag: "ClientStateReceived" }])
    expect(wakeUntil(state, 9 + network).outputs).toEqual([])
    const { outputs, wakes } = wakeUntil(state, 10 + network)
    expect(outputs).toEqual([SHUTDOWN])
    expect(wakes).toBe(2)
  })

  it.prop("never gives up because the machine slept", [Limit, Nap, Schema.Array(Nap)], ([limit, first, naps]) => {
    // The clock counts the sleep. A client is heard every 3 s while both are awake, and a second after waking.
    const network = Math.max(limit, 8000)
    let { state } = live({ ...forEver, network }, [0, { _tag: "ClientStateReceived" }])
    let now = 0
    const silent = (span: number, asleep: number) => {
      const dozing = wakeUntil(state, now + span, now)
      const woken = now + span + asleep
      const awake = wakeUntil(dozing.state, woken + 1000, woken)
      expect([...dozing.outputs, ...awake.outputs]).toEqual([])
      now = woken + 1000
      state = step(awake.state, { _tag: "ClientStateReceived" }, now)[0]
    }
    for (const nap of [first, ...naps]) {
      // For any time; for as long as the limit, more or less; nearly too long, and awake; and so before a sleep, too.
      silent(3000, nap)
      silent(3000, network - 4000 + (nap % 8000))
      silent(network - 1001, 0)
      silent(network - 1001, 60_000 + nap)
    }
  })

  it("reads how long to wait", () => {
    expect(Lifetime.networkLimit(undefined)).toBe(30 * 24 * 3600 * 1000)
    expect(Lifetime.networkLimit(0)).toBe(Infinity)
    expect(Lifetime.networkLimit(5000)).toBe(5000)
  })

  it("explains each reason in different words", () => {
    const ends: ReadonlyArray<Lifetime.EndReason> = [
      "NoClient",
      "ClientSilent",
      "ClientLeft",
      "ProgramEnded",
      "Terminated",
      "HungUp"
    ]
    expect(new Set(ends.map(Lifetime.explain)).size).toBe(ends.length)
  })

  it("notifies the client on the first SIGTERM, and exits on the second", () => {
    expect(live(forEver, [1, terminate]).outputs).toEqual([SHUTDOWN])
    expect(live(forEver, [1, terminate], [2, terminate]).outputs).toEqual([SHUTDOWN, exit("Terminated")])
    expect(live(forEver, [1, { _tag: "Terminate", attached: false }]).outputs).toEqual([exit("Terminated")])
  })

  it("obeys SIGUSR1 only if no client was received for long enough", () => {
    const limits = { ...forEver, signal: 1000 }
    const heard = [100, { _tag: "ClientStateReceived" }] as const
    expect(live(limits, heard, [1099, { _tag: "HangupIdle" }]).outputs).toEqual([])
    expect(live(limits, heard, [1100, { _tag: "HangupIdle" }]).outputs).toEqual([SHUTDOWN])
    expect(live(forEver, heard, [100, { _tag: "HangupIdle" }]).outputs).toEqual([SHUTDOWN])
  })

  it("ends with its program, or with its client", () => {
    const over = { _tag: "TransportEnded" } as const
    expect(live(forEver, [1, { _tag: "ProgramEnded" }], [2, over]).outputs).toEqual([SHUTDOWN, exit("ProgramEnded")])
    expect(live(forEver, [2, over]).outputs).toEqual([exit("ClientLeft")])
  })

  it.each([
    [undefined, { milliseconds: undefined, warning: undefined }],
    ["0", { milliseconds: 0, warning: undefined }],
    ["60", { milliseconds: 60_000, warning: undefined }],
    ["-1", { milliseconds: undefined, warning: "X is negative, ignoring" }],
    ["1h", { milliseconds: undefined, warning: "X not a valid integer, ignoring" }]
  ])("reads the limit %s", (text, expected) => {
    expect(Lifetime.readSeconds("X", text)).toEqual(expected)
  })
})
