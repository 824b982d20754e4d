import { expect, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as LateTimers from "../../../src/services/node/LateTimers.ts"
import * as NodeTimer from "../../../src/services/node/NodeTimer.ts"
import * as UdpPort from "../../../src/services/node/udp/UdpPort.ts"
import { Timers } from "../../../src/services/runtime/Timer.ts"

/** A timer that reports when it is due. */
const alarm = Effect.gen(function* () {
  const due = yield* Queue.unbounded<string>()
  let name = ""
  const timer = yield* (yield* Timers).make(() => Queue.offerUnsafe(due, name))
  return {
    due,
    arm: (as: string, delay: number) => {
      name = as
      timer.arm(delay)
    }
  }
})

const kinds = [
  { kind: "Node's", layer: NodeTimer.layer },
  { kind: "the default", layer: undefined }
]

for (const { kind, layer } of kinds) {
  const live = <A>(effect: Effect.Effect<A, never, Scope.Scope>): Effect.Effect<A, never, Scope.Scope> =>
    TestClock.withLive(layer === undefined ? effect : Effect.provide(effect, layer))

  it.effect(`${kind} fires once for each time it is armed, after the last delay`, () =>
    live(
      Effect.gen(function* () {
        const { arm, due } = yield* alarm
        arm("never", 3_600_000)
        arm("late", 2)
        arm("first", 1)
        expect(yield* Queue.take(due)).toBe("first")
        arm("second", 1)
        expect(yield* Queue.take(due)).toBe("second")
        arm("refreshed", 1)
        arm("refreshed", 1)
        expect(yield* Queue.take(due)).toBe("refreshed")
        arm("last", 2)
        expect(yield* Queue.take(due)).toBe("last")
        expect(yield* Queue.size(due)).toBe(0)
      })
    )
  )

  it.effect(`${kind} can be armed while it fires`, () =>
    live(
      Effect.gen(function* () {
        const due = yield* Queue.unbounded<number>()
        let count = 0
        const timer = yield* (yield* Timers).make(() => {
          Queue.offerUnsafe(due, ++count)
          if (count < 3) timer.arm(1)
        })
        timer.arm(1)
        expect(yield* Queue.takeN(due, 3)).toEqual([1, 2, 3])
      })
    )
  )

  it.effect(`${kind} is cleared with its scope, and cannot be armed afterwards`, () =>
    live(
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const other = yield* alarm
        const { arm, due } = yield* alarm.pipe(Scope.provide(scope))
        arm("before", 1)
        yield* Scope.close(scope, Exit.void)
        arm("after", 1)
        // Armed later, so it fires after them.
        other.arm("other", 2)
        expect(yield* Queue.take(other.due)).toBe("other")
        expect(yield* Queue.size(due)).toBe(0)
      })
    )
  )
}

it.effect("Node's accepts a longer delay than Node's own timers", () =>
  Effect.gen(function* () {
    const { arm, due } = yield* alarm
    const other = yield* alarm
    arm("in a month", 31 * 86_400_000)
    other.arm("soon", 1)
    expect(yield* Queue.take(other.due)).toBe("soon")
    expect(yield* Queue.size(due)).toBe(0)
  }).pipe(Effect.provide(NodeTimer.layer))
)

/**
 * What happens, in order, when timers are due and a datagram has arrived. `lateness`: of the timers, ms; `work`: how long each
 * of them takes, ms.
 */
const happenings = (names: ReadonlyArray<string>, lateness: number, work: number) =>
  Effect.gen(function* () {
    const happened = yield* Queue.unbounded<string>()
    const socket = yield* Effect.acquireRelease(
      Effect.sync(() => UdpPort.createSocket("IPv4", "alone")),
      (socket) => Effect.sync(() => UdpPort.close(socket))
    )
    yield* Effect.callback<void>((resume) => {
      socket.bind(0, "127.0.0.1", () => resume(Effect.void))
    })
    socket.on("message", () => Queue.offerUnsafe(happened, "datagram"))
    let now = 0
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now)
    yield* Effect.addFinalizer(() => Effect.sync(() => clock.mockRestore()))
    const timers = yield* Effect.forEach(names, (name) =>
      Effect.flatMap(Timers, ({ make }) =>
        make(() => {
          now += work
          Queue.offerUnsafe(happened, name)
        })
      )
    )
    // In one turn of the event loop, at whose end Node finds both: the timers, and the datagram.
    for (const timer of timers) timer.arm(1)
    socket.send("x", socket.address().port, "127.0.0.1")
    now = 1 + lateness
    for (const until = Date.now() + 3; Date.now() < until;);
    return yield* Queue.takeN(happened, names.length + 1)
  }).pipe(Effect.scoped, Effect.provide(NodeTimer.layer), TestClock.withLive)

it.effect("a timer that is late fires after the datagrams that arrived meanwhile", () =>
  Effect.gen(function* () {
    expect(yield* happenings(["late"], LateTimers.LATE + 1, 0)).toEqual(["datagram", "late"])
    expect(yield* happenings(["in time"], 1, 0)).toEqual(["in time", "datagram"])
  })
)

// Its machine detects by the timer that the host was suspended, before it takes old datagrams for new.
it.effect("a timer that a suspended host delayed fires first", () =>
  Effect.gen(function* () {
    expect(yield* happenings(["woken"], LateTimers.SUSPENDED, 0)).toEqual(["woken", "datagram"])
  })
)

it.effect("timers that take long let datagrams be read in between, and all fire in order", () =>
  Effect.gen(function* () {
    const [first, ...others] = yield* happenings(["a", "b", "c", "d"], 0, LateTimers.SLICE)
    expect([first, others.filter((name) => name !== "datagram")]).toEqual(["a", ["b", "c", "d"]])
    expect(others.indexOf("datagram")).toBeLessThan(others.indexOf("b"))
  })
)
