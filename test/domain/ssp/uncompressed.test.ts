import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type { Role } from "../../../src/domain/ssp/Role.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as InstructionContents from "../../../src/domain/wire/InstructionContents.ts"
import { instructionIn, play, read, Script, type Step } from "./endpoints.ts"

const RUNS = { arbitrary: { runs: 150 } }
const BOTH = Features.frames | Features.uncompressed

/** All instructions of one fragment that were sent, with the step that sent each. */
const sent = (steps: ReadonlyArray<Step>) =>
  steps.flatMap((step) =>
    step.outputs.flatMap((output) => {
      const fragment = output._tag === "Send" ? read(output.datagram)?.fragment : undefined
      return fragment?.isFinal === true && fragment.number === 0
        ? [{ step, contents: fragment.contents, ...instructionIn(fragment.contents) }]
        : []
    })
  )

/** What an end knew of its peer when it decided what to send: its features arrive before that. */
const knows = ({ after }: Step): boolean => (after.sender.peer.features & Features.uncompressed) !== 0

describe("Instructions without compression, for all scripts of two programs, their network and an attacker", () => {
  it.prop(
    "are sent only to a peer that has announced that it reads them, and only short ones",
    [Script],
    ([script]) => {
      for (const { contents, instruction, isCompressed, step } of sent(play(script, BOTH))) {
        expect(Result.isSuccess(instruction)).toBe(true)
        const isShort = contents.length - (isCompressed ? 1 : 0) <= InstructionContents.MAX_UNCOMPRESSED
        // What was sent before the peer announced it is sent again as the same bytes.
        const isAgain = step.before.encoded?.contents === step.after.encoded?.contents
        if (!isCompressed) expect(isShort && knows(step)).toBe(true)
        else if (!isAgain) expect(isShort && knows(step)).toBe(false)
      }
    },
    RUNS
  )

  for (const without of ["Client", "Server"] as const satisfies ReadonlyArray<Role>)
    it.prop(
      `are not sent if the ${without.toLowerCase()} does not announce it`,
      [Script],
      ([script]) => {
        const features = { Client: BOTH, Server: BOTH, [without]: Features.frames }
        // An attacker with the key announces whatever it likes: only what an honest peer announces counts here.
        const instructions = sent(
          play(
            script.filter(({ kind }) => kind !== "forge"),
            features
          )
        )
        expect(instructions.filter(({ isCompressed }) => !isCompressed)).toEqual([])
      },
      RUNS
    )

  it("replace compressed ones once both ends know each other", () => {
    const actions = Array.from({ length: 60 }, (_, i) => ({
      role: (["Client", "Server"] as const)[i % 2] ?? "Client",
      kind: (["publish", "wait", "wake", "deliver"] as const)[(i >> 1) % 4] ?? "wait",
      a: 3,
      b: 1
    }))
    const all = sent(play(actions, BOTH))
    expect(all[0]?.isCompressed).toBe(true)
    const last = all.slice(-4)
    expect(last).toHaveLength(4)
    expect(last.map(({ isCompressed }) => isCompressed)).toEqual([false, false, false, false])
    expect(sent(play(actions, Features.frames)).every(({ isCompressed }) => isCompressed)).toBe(true)
  })
})
