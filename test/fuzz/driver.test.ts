/**
 * The fuzzer itself: it finds a planted fault, minimises the input, and does the same for the same seed.
 */
import { describe, expect, it } from "@effect/vitest"
import { type Finding, fuzz } from "./driver.ts"
import { minimise } from "./minimise.ts"
import { piece, reader } from "./reader.ts"
import { law, type Target, texts } from "./target.ts"

const target = (run: Target["run"]): Target => ({
  what: "planted",
  seeds: () => texts("an honest beginning"),
  tokens: texts("<", ">", "key"),
  maxLength: 100,
  budget: 200,
  quick: 0,
  run
})

const find = async (planted: Target, seed: number, runs = 4000) => {
  const findings: Array<Finding> = []
  const inputs: Array<string> = []
  await fuzz(planted, {
    seed,
    corpus: [],
    goesOn: (now) => now < runs && findings.length === 0,
    onInput: (input) => inputs.push(Buffer.from(input).toString("latin1")),
    onFinding: (finding) => findings.push(finding)
  })
  return { findings, inputs }
}

const text = (input: Uint8Array | undefined): string => Buffer.from(input ?? []).toString("latin1")

describe("the fuzzer", () => {
  const broken = target((input) => law(!text(input).includes("<key>"), "the key is out"))

  it("finds a broken law, and minimises the input", async () => {
    const [finding] = (await find(broken, 1)).findings
    expect(finding?.problem).toBe("the key is out")
    expect(text(finding?.input)).toBe("<key>")
  })

  it("tries the same inputs from the same seed", async () => {
    const sound = target(() => {})
    const inputs = async (seed: number) => (await find(sound, seed, 1000)).inputs
    expect(await inputs(5)).toEqual(await inputs(5))
    expect(await inputs(5)).not.toEqual(await inputs(6))
  })

  it("lets Node finish deferred work", async () => {
    let put = 0
    let most = 0
    const putting = target(() => {
      most = Math.max(most, ++put)
      process.nextTick(() => put--)
    })
    await find(putting, 1)
    expect(most).toBeLessThan(300)
  })

  it("finds inputs that take too long", async () => {
    const slow = target((input) => {
      const end = performance.now() + (text(input).includes("<") ? 8 : 0)
      while (performance.now() < end) continue
    })
    expect((await find({ ...slow, budget: 4 }, 1)).findings[0]?.problem).toMatch(/^takes \d+ ms of 4$/)
  })

  it("removes everything that a finding does not need", () => {
    const holds = (input: Uint8Array) => /x.*y/s.test(text(input))
    expect(text(minimise(Buffer.from("1234x5678\n9y0"), holds))).toBe("xy")
    expect(text(minimise(Buffer.from("q".repeat(50)), () => true))).toBe("")
  })

  it("reads pieces as they were encoded", () => {
    for (const length of [0, 1, 0xef, 0xf0, 0x1ff, 4095]) {
      const { piece: read, rest } = reader(Buffer.concat([piece(Buffer.alloc(length, 7)), Buffer.of(9)]))
      expect(read()).toEqual(Buffer.alloc(length, 7))
      expect(rest()).toEqual(Buffer.of(9))
    }
  })
})
