import { afterEach, beforeEach, expect, it, vi } from "@effect/vitest"
import * as NetworkWatch from "../../../../src/services/node/udp/NetworkWatch.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const start = () => {
  let disruptions = 0
  let addresses = "192.0.2.1/24"
  let looks = 0
  let slept = 0
  const watch = NetworkWatch.make({
    onDisrupted: () => disruptions++,
    monotonic: () => performance.now(),
    wall: () => performance.now() + slept,
    addresses: () => {
      looks++
      return addresses
    }
  })
  return {
    watch,
    disruptions: () => disruptions,
    looks: () => looks,
    move: (to: string) => {
      addresses = to
    },
    sleep: (ms: number) => {
      slept += ms
    }
  }
}

it("checks nothing while datagrams are answered, and has no timer", () => {
  const { disruptions, looks, watch } = start()
  for (let i = 0; i < 100; i++) {
    watch.sent()
    vi.advanceTimersByTime(1000)
    watch.received()
  }
  expect({ disruptions: disruptions(), looks: looks(), timers: vi.getTimerCount() }).toEqual({
    disruptions: 0,
    looks: 1,
    timers: 0
  })
})

it("reports changed addresses within a second if datagrams are not answered", () => {
  const { disruptions, move, watch } = start()
  move("198.51.100.7/24")
  vi.advanceTimersByTime(3500)
  watch.sent()
  expect(disruptions()).toBe(1)
  vi.advanceTimersByTime(10_000)
  expect(disruptions()).toBe(1)
  move("203.0.113.5/24")
  vi.advanceTimersByTime(1000)
  expect(disruptions()).toBe(2)
  watch.received()
  move("")
  vi.advanceTimersByTime(10_000)
  expect(disruptions()).toBe(2)
  watch.close()
  expect(vi.getTimerCount()).toBe(0)
})

it("reports a suspension when the next datagram is sent, and ignores a clock that is set back", () => {
  const { disruptions, sleep, watch } = start()
  sleep(60_000)
  watch.sent()
  watch.sent()
  expect(disruptions()).toBe(1)
  sleep(-86_400_000)
  watch.sent()
  expect(disruptions()).toBe(1)
})
