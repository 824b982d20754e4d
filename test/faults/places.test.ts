/**
 * Each deliberate mistake still has its place in the sources: checked in a second, where `faults.test.ts` takes minutes.
 */
import * as Fs from "node:fs"
import { expect, it } from "vitest"
import type { Fault } from "./Fault.ts"
import { faults } from "./faults.ts"

const places = ({ file, original }: Fault): number =>
  Fs.readFileSync(new URL(`../../src/${file}`, import.meta.url), "utf8").split(original).length - 1

it("each fault replaces exactly one place of its file", () => {
  expect(faults.filter((fault) => places(fault) !== 1).map(({ file, name }) => ({ file, name }))).toEqual([])
})
