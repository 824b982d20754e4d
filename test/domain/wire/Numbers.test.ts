import { expect, it } from "vitest"
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"
import type { FragmentId, PacketNumber, StateNumber } from "../../../src/domain/wire/Numbers.ts"

it("numbers of different kinds are not confused, and cost nothing at run time", () => {
  const state: StateNumber = 5n
  const packet: PacketNumber = Nonce.sequence(7n)
  // @ts-expect-error A state's number is no packet's.
  const confused: PacketNumber = state
  // @ts-expect-error A packet's number is no fragment id.
  const fragment: FragmentId = packet
  // @ts-expect-error A state's number makes no nonce.
  const nonce = Nonce.make("Client", state)
  const next: StateNumber = state + 1n
  expect([confused, fragment, nonce, next].map((number) => typeof number)).toEqual(Array(4).fill("bigint"))
})
