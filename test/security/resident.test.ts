/**
 * No end holds more memory than it counts, whatever a peer with the key sends.
 */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { execPath } from "node:process"
import { promisify } from "node:util"
import { describe, expect, test } from "vitest"

/** Bytes of garbage, and of memory that V8 and malloc keep for later. */
const SLACK = 160 * 1024 * 1024

interface Measured {
  readonly name: string
  readonly grown: number
  readonly weight: number
}

const measure = async (scenarios: ReadonlyArray<string>): Promise<ReadonlyArray<Measured>> => {
  const script = join(import.meta.dirname, "resident.ts")
  const { stdout } = await promisify(execFile)(execPath, ["--expose-gc", script, ...scenarios])
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
}

describe("a receiver's resident memory stays near what its states weigh, when a peer sends", () => {
  // Scenarios that share a process grow little each. After a large one, memory that it left would hide the growth of
  // the next.
  for (const scenarios of [
    [
      "links",
      "link parameters",
      "titles",
      "icons",
      "clipboard",
      "notifications",
      "properties",
      "a link in each of many differences",
      "marks",
      "keystrokes in a chain"
    ],
    ["links of every cell"],
    ["rows"],
    ["keystrokes"]
  ])
    test(`${scenarios.join(", ")}`, { timeout: 120_000 }, async () => {
      const measured = await measure(scenarios)
      expect(measured.map(({ name }) => name)).toEqual(scenarios)
      expect(measured.filter(({ grown, weight }) => grown > 1.5 * weight + SLACK)).toEqual([])
    })
})

/** Four times the bytes that may wait. */
const UNREAD = 64 * 1024 * 1024

describe("16 MiB typed byte by byte take at most 64 MiB until they are read by", () => {
  for (const reader of ["a program", "an application", "a program that has not started"])
    test(`${reader}`, { timeout: 120_000 }, async () => {
      const script = join(import.meta.dirname, "unread.ts")
      const { stdout } = await promisify(execFile)(execPath, ["--expose-gc", script, reader])
      const { grown, waiting } = JSON.parse(stdout)
      expect(waiting).toBeGreaterThan(16_000_000)
      expect(grown).toBeLessThan(UNREAD)
    })
})
