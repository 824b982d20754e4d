import { expect, it } from "@effect/vitest"
import * as ServerAbsence from "../../../src/domain/command/ServerAbsence.ts"

const { isGone, isSilent, LEAST_REFUSALS, PATIENCE, SILENCE } = ServerAbsence

it("ends a client by its first signal while the server is silent, and before it was heard", () => {
  expect(isSilent({ lastHeard: 1000 }, 1000 + SILENCE)).toBe(false)
  expect(isSilent({ lastHeard: 1000 }, 1001 + SILENCE)).toBe(true)
  expect(isSilent({ lastHeard: -Infinity }, 0)).toBe(true)
})

it("takes a server for gone that is silent while its host refuses datagrams, and no server that is only silent", () => {
  expect(isGone({ lastHeard: 1000, refused: LEAST_REFUSALS }, 1000 + PATIENCE)).toBe(true)
  expect(isGone({ lastHeard: 1000, refused: LEAST_REFUSALS }, 999 + PATIENCE)).toBe(false)
  expect(isGone({ lastHeard: 1000, refused: LEAST_REFUSALS - 1 }, 1000 + PATIENCE)).toBe(false)
  expect(isGone({ lastHeard: 1000, refused: 0 }, 30 * 86_400_000)).toBe(false)
  // Before the server answers, other limits apply.
  expect(isGone({ lastHeard: -Infinity, refused: 0 }, 0)).toBe(false)
})
