/**
 * Reassembles the fragments of instructions, one instruction at a time, in any order (spec 3.3).
 *
 * It holds at most `Instruction.MAX_BYTES`. Contradictory fragments discard the whole instruction, which the peer will
 * retransmit: a fragment that differs from its first copy, or that follows the final one.
 */
import * as Bytes from "effect/Bytes"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import type { Fragment } from "./Fragment.ts"
import { MAX_BYTES } from "./Instruction.ts"
import type { FragmentId } from "./Numbers.ts"

export interface FragmentAssembly {
  /** The id of the incomplete instruction. */
  readonly id: FragmentId
  readonly pieces: HashMap.HashMap<number, Uint8Array>
  readonly count: number
  readonly bytes: number
  /** The highest received fragment index; -1 if there is none. */
  readonly highest: number
  /** The number of fragments; `undefined` until the final one has arrived. */
  readonly total: number | undefined
}

export const EMPTY: FragmentAssembly = {
  id: 0n,
  pieces: HashMap.empty(),
  count: 0,
  bytes: 0,
  highest: -1,
  total: undefined
}

export type Outcome =
  | { readonly _tag: "Incomplete" }
  /** The complete contents of an instruction. */
  | { readonly _tag: "Complete"; readonly contents: Uint8Array }
  | { readonly _tag: "Dropped"; readonly reason: "fragment" | "late" | "limit" }

const INCOMPLETE: Outcome = { _tag: "Incomplete" }

/**
 * Adds a fragment. A fragment of another instruction replaces an incomplete one, unless it is a complete instruction by
 * itself, or its datagram arrived out of order (`isLate`), because it is then delayed or replayed. (Stock always drops
 * the incomplete one.)
 */
export const add = (
  assembly: FragmentAssembly,
  fragment: Fragment,
  isLate: boolean
): readonly [FragmentAssembly, Outcome] => {
  if (fragment.id !== assembly.id && fragment.isFinal && fragment.number === 0)
    return [assembly, { _tag: "Complete", contents: fragment.contents }]
  if (isLate && assembly.count > 0 && fragment.id !== assembly.id)
    return [assembly, { _tag: "Dropped", reason: "late" }]
  const current = fragment.id === assembly.id ? assembly : { ...EMPTY, id: fragment.id }

  const held = Option.getOrUndefined(HashMap.get(current.pieces, fragment.number))
  const isConflict = held !== undefined && !Bytes.Equivalence(held, fragment.contents)
  const total = fragment.isFinal ? fragment.number + 1 : current.total
  if (isConflict || (total !== undefined && isBeyond(current, fragment, total)))
    return [EMPTY, { _tag: "Dropped", reason: "fragment" }]
  if (held !== undefined) return settled(total === current.total ? current : { ...current, total })

  const bytes = current.bytes + fragment.contents.length
  if (bytes > MAX_BYTES) return [EMPTY, { _tag: "Dropped", reason: "limit" }]
  if (total === 1) return [EMPTY, { _tag: "Complete", contents: fragment.contents }]
  return settled({
    id: current.id,
    // A copy: the fragment is part of a larger datagram.
    pieces: HashMap.set(current.pieces, fragment.number, new Uint8Array(fragment.contents)),
    count: current.count + 1,
    bytes,
    highest: Math.max(current.highest, fragment.number),
    total
  })
}

/**
 * Outputs the instruction if it is complete. A copy of the last fragment may be the one that marks it as the final one.
 */
const settled = (assembly: FragmentAssembly): readonly [FragmentAssembly, Outcome] =>
  assembly.count === assembly.total ? [EMPTY, { _tag: "Complete", contents: join(assembly) }] : [assembly, INCOMPLETE]

/** Whether any fragment follows the final one, or two different ones are final. */
const isBeyond = (current: FragmentAssembly, fragment: Fragment, total: number): boolean =>
  (current.total !== undefined && current.total !== total) || fragment.number >= total || current.highest >= total

const join = (assembly: FragmentAssembly): Uint8Array => {
  const contents = new Uint8Array(assembly.bytes)
  let at = 0
  for (let number = 0; number < assembly.count; number++) {
    const piece = Option.getOrUndefined(HashMap.get(assembly.pieces, number))
    if (piece === undefined) continue
    contents.set(piece, at)
    at += piece.length
  }
  return contents
}
