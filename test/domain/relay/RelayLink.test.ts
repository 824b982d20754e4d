import { describe, expect, it } from "@effect/vitest"
import * as RelayLink from "../../../src/domain/relay/RelayLink.ts"

/** A link in virtual time. */
const driver = () => {
  let link = RelayLink.STOPPED
  let now = 0
  const outputs: Array<readonly [number, RelayLink.Output["_tag"]]> = []
  const offer = (input: RelayLink.Input): void => {
    const [next, more] = RelayLink.machine.step(link, input, now)
    link = next
    outputs.push(...more.map(({ _tag }) => [now, _tag] as const))
  }
  return {
    offer: (...tags: ReadonlyArray<RelayLink.Input>) => tags.forEach(offer),
    /** Runs to the time, with a tick at each deadline. */
    run: (until: number): void => {
      for (let at = RelayLink.machine.deadline(link); at <= until; at = RelayLink.machine.deadline(link)) {
        now = Math.max(now, at)
        offer({ _tag: "Tick" })
        if (RelayLink.machine.deadline(link) <= at) expect.fail("the deadline stays in the past")
      }
      now = until
    },
    take: () => outputs.splice(0).filter(([, tag]) => tag !== "Unusable"),
    phase: () => link.phase._tag,
    deadline: () => RelayLink.machine.deadline(link)
  }
}

const wanted = { _tag: "Wanted", wanted: true } as const
const greeted = { _tag: "Greeted" } as const
const ended = { _tag: "Ended", isFinal: false } as const

describe("RelayLink", () => {
  it("starts one ssh, and is idle while the session is", () => {
    const link = driver()
    expect(link.deadline()).toBe(Infinity)
    link.offer(wanted, wanted, greeted)
    expect(link.take()).toEqual([
      [0, "Start"],
      [0, "Usable"]
    ])
    link.run(60_000)
    link.offer({ _tag: "Sent" }, { _tag: "Received" })
    expect(link.deadline()).toBe(Infinity)
    link.run(3_600_000)
    expect(link.take()).toEqual([])
    link.offer({ _tag: "Wanted", wanted: false })
    expect(link.take()).toEqual([[3_600_000, "Kill"]])
    link.offer(ended)
    expect([link.phase(), link.take()]).toEqual(["Stopped", []])
  })

  it("replaces an ssh that worked at once, and one that fails at growing intervals", () => {
    const link = driver()
    link.offer(wanted, greeted)
    link.run(20_000)
    link.take()
    link.offer(ended)
    expect(link.take()).toEqual([[20_000, "Start"]])
    const starts: Array<number> = []
    for (let i = 0; i < 10; i++) {
      link.offer(ended)
      const before = link.deadline()
      link.run(before)
      starts.push(...link.take().map(([at]) => at))
    }
    const gaps = starts.map((at, i) => at - (starts[i - 1] ?? 20_000))
    expect(gaps).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000])
    // The network came back.
    link.offer(ended)
    link.take()
    link.offer({ _tag: "Disrupted" })
    expect(link.take()).toHaveLength(1)
  })

  it("does not start an ssh that greets and ends without end", () => {
    const link = driver()
    link.offer(wanted)
    for (let i = 0; i < 20; i++) {
      link.offer(greeted, ended)
      if (link.phase() === "Waiting") link.run(link.deadline())
    }
    const starts = link
      .take()
      .filter(([, tag]) => tag === "Start")
      .map(([at]) => at)
    expect((starts.at(-1) ?? 0) - (starts.at(-2) ?? 0)).toBe(RelayLink.MAX_DELAY)
  })

  it("replaces an ssh that answers nothing, sooner after the network changed", () => {
    const link = driver()
    link.offer(wanted, greeted)
    link.run(1000)
    link.offer({ _tag: "Sent" })
    link.run(4000)
    link.offer({ _tag: "Sent" })
    link.take()
    link.run(1000 + RelayLink.SILENCE)
    expect(link.take()).toEqual([
      [9000, "Kill"],
      [9000, "Start"]
    ])
    link.offer(greeted, { _tag: "Sent" }, { _tag: "Disrupted" })
    link.take()
    link.run(20_000)
    expect(link.take()[0]).toEqual([9000 + RelayLink.SILENCE_DISRUPTED, "Kill"])
  })

  it("gives up a login that hangs, but not while the user is asked", () => {
    const link = driver()
    link.offer(wanted, { _tag: "Asking", asking: true })
    link.run(600_000)
    expect(link.take()).toEqual([[0, "Start"]])
    link.offer({ _tag: "Asking", asking: false })
    link.run(600_000 + RelayLink.LOGIN)
    expect(link.take()).toEqual([[630_000, "Kill"]])
  })

  it("stops where no further attempt can succeed", () => {
    const link = driver()
    link.offer(wanted, { _tag: "Ended", isFinal: true })
    link.run(1e9)
    expect([link.phase(), link.take()]).toEqual(["Stopped", [[0, "Start"]]])
  })
})
