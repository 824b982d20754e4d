/**
 * The simplest object that SSP could synchronise: a text. A difference states how much of the base to keep, so applied
 * to another base it gives another text, or none.
 */
import * as Result from "effect/Result"
import type { SyncObject } from "../../../src/domain/ssp/SyncObject.ts"

export type Note = string

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const commonPrefix = (a: string, b: string): number => {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length++
  return length
}

export const object: SyncObject<Note> = {
  equals: (a, b) => a === b,
  diff: (base, target) => {
    if (base === target) return new Uint8Array(0)
    const keep = commonPrefix(base, target)
    return encoder.encode(`${base.length}:${keep}:${target.slice(keep)}`)
  },
  patch: (base, diff) => {
    const match = /^(\d+):(\d+):(.*)$/s.exec(decoder.decode(diff))
    if (match === null) return Result.fail("no difference")
    if (Number(match[1]) !== base.length) return Result.fail("a difference to another base")
    return Result.succeed(base.slice(0, Number(match[2])) + (match[3] ?? ""))
  },
  subtract: (state) => state
}
