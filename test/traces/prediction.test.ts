/**
 * The scores that predicted echo must reach on the traces: in virtual time, so equal on any machine.
 */
import { describe, expect, it } from "vitest"
import { playVirtual } from "./player.ts"
import { summarize } from "./score-summary.ts"
import type { Score } from "./score.ts"
import { names, read } from "./trace.ts"

const play = async (traces: ReadonlyArray<string>, rtt: number, loss = 0): Promise<ReadonlyArray<Score>> => {
  const scores: Array<Score> = []
  for (const name of traces) scores.push(await playVirtual(read(name), { preference: "adaptive", rtt, loss, seed: 1 }))
  return scores
}

describe("predicted echo of real programs", () => {
  // Each link for a sixth of the traces: the benchmark plays all of them over all links.
  for (const { rtt, loss, prompt, sixth } of [
    { rtt: 100, loss: 0.05, prompt: 0.86, sixth: 0 },
    { rtt: 300, loss: 0, prompt: 0.78, sixth: 1 }
  ])
    it(
      `shows most keys at once and hardly one wrong, at ${rtt} ms and ${100 * loss} % loss`,
      { timeout: 120_000 },
      async () => {
        const scores = await play(
          names().filter((_, at) => at % 6 === sixth),
          rtt,
          loss
        )
        const all = summarize(scores)
        expect(all.prompt).toBeGreaterThan(prompt)
        expect(all.wrong).toBeLessThan(0.005)
        for (const score of scores) {
          const wrong = summarize([score]).wrong
          expect({ trace: score.trace, complete: score.complete, fine: wrong < 0.02 }).toEqual({
            trace: score.trace,
            complete: true,
            fine: true
          })
        }
      }
    )

  it("shows the median key at once beside a flood of output, at 50 ms", { timeout: 180_000 }, async () => {
    for (const score of await play(["tmux"], 50)) {
      const { median, wrong } = summarize([score])
      expect(median).toBeLessThan(16)
      expect(wrong).toBeLessThan(0.01)
    }
  })
})
