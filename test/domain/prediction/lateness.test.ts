import { describe, expect, it } from "@effect/vitest"
import * as Prediction from "../../../src/domain/prediction/Prediction.ts"
import { Stage } from "./host.ts"

describe("a program that answers after the acknowledgement", () => {
  it("waits for whole milliseconds, however late the program answers", () => {
    let isLate = false
    const stage = new Stage({ program: (key) => (isLate ? "" : key), opening: "$ " })
    stage.type("a", 300)
    isLate = true
    for (const lateness of [233, 234]) {
      stage.type("b", lateness)
      stage.print("b")
      stage.wait(200)
      // The acknowledgement arrived 150 ms after the key, and the answer 50 ms after it was printed.
      expect(stage.state.answerDelay).toBe(Math.ceil(1.5 * (lateness + 50 - 150)))
    }
    stage.type("c", 160)
    expect(Prediction.machine.deadline(stage.state) % 1).toBe(0)
  })
})
