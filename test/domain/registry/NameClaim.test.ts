import { describe, expect, it } from "@effect/vitest"
import * as NameClaim from "../../../src/domain/registry/NameClaim.ts"

/** A session that starts, between two accesses to the directory of claims. */
interface Starting {
  readonly pid: number
  readonly isPublished: boolean
  readonly isHeld: boolean
  /** Which claims its current reading found: whether each is held is read one step later. */
  readonly found: ReadonlyArray<number> | undefined
  /** The decision that it has not carried out. */
  readonly verdict: NameClaim.Verdict | undefined
  readonly outcome: "Holder" | "Ended" | number | undefined
}

type World = ReadonlyArray<Starting>

const fresh = (pid: number): Starting => ({
  pid,
  isPublished: false,
  isHeld: false,
  found: undefined,
  verdict: undefined,
  outcome: undefined
})

const isAlive = ({ outcome }: Starting): boolean => outcome !== "Ended"

/** The session after its next access. */
const proceed = (one: Starting, world: World): Starting => {
  const others = world.filter((other) => other !== one && isAlive(other) && other.isPublished)
  if (one.verdict !== undefined) {
    const done = { ...one, verdict: undefined }
    switch (one.verdict._tag) {
      case "Take":
        return { ...done, isHeld: true, outcome: "Holder" }
      case "Taken":
        return { ...done, isPublished: false, outcome: one.verdict.pid }
      case "Publish":
        return { ...done, isPublished: true }
      case "Withdraw":
        return { ...done, isPublished: false }
      case "Wait":
        return done
    }
  }
  if (one.found === undefined) return { ...one, found: others.map(({ pid }) => pid) }
  const read = others.filter(({ pid }) => one.found?.includes(pid))
  return { ...one, found: undefined, verdict: NameClaim.decide(one, read) }
}

/** All worlds that can follow from one, by any order of accesses; with `deaths`, any session that is not the holder may die. */
const reachable = (start: World, deaths: boolean): ReadonlyArray<World> => {
  const seen = new Map<string, World>()
  const pending: Array<World> = [start]
  for (let world = pending.pop(); world !== undefined; world = pending.pop()) {
    const key = JSON.stringify(world)
    if (seen.has(key)) continue
    seen.set(key, world)
    for (const [at, one] of world.entries()) {
      if (one.outcome !== undefined) continue
      pending.push(world.with(at, proceed(one, world)))
      if (deaths) pending.push(world.with(at, { ...one, outcome: "Ended" }))
    }
  }
  return [...seen.values()]
}

const START: World = [fresh(3), fresh(7), fresh(9)]

describe("NameClaim", () => {
  it("of sessions that start at once, at most one gets the name, in every order of their accesses", () => {
    const worlds = reachable(START, true)
    expect(worlds.length).toBeGreaterThan(1000)
    for (const world of worlds) expect(world.filter(({ isHeld }) => isHeld).length).toBeLessThanOrEqual(1)
  })

  it("the others learn which session has it", () => {
    const over = reachable(START, false).filter((world) => world.every(({ outcome }) => outcome !== undefined))
    expect(over.length).toBeGreaterThan(0)
    for (const world of over) {
      const holder = world.find(({ isHeld }) => isHeld)
      expect(holder).toBeDefined()
      for (const one of world) expect(one.outcome).toBe(one === holder ? "Holder" : holder?.pid)
    }
  })

  it("the name is always taken in the end, also after deaths: whoever is left needs no other's step", () => {
    // Every session that waits has its turn after turn.
    const rested = (world: World): World => {
      let now = world
      for (let turn = 0; turn < 40; turn++) now = now.map((one, at) => advance(now, at) ?? one)
      return now
    }
    const left = reachable(START, true)
      .map((world) => rested(world).filter(isAlive))
      .filter((alive) => alive.length > 0)
    expect(left.length).toBeGreaterThan(1000)
    expect(left.filter((alive) => alive.filter(({ isHeld }) => isHeld).length !== 1)).toEqual([])
  })
})

const advance = (world: World, at: number): Starting | undefined => {
  const one = world[at]
  return one === undefined || one.outcome !== undefined ? undefined : proceed(one, world)
}
