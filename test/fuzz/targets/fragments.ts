/**
 * Fragments in any order, with any contents: the result is that of a simple implementation of spec 3.3.
 */
import * as HashMap from "effect/HashMap"
import * as Fragment from "../../../src/domain/wire/Fragment.ts"
import * as FragmentAssembly from "../../../src/domain/wire/FragmentAssembly.ts"
import { MAX_BYTES } from "../../../src/domain/wire/Instruction.ts"
import * as Captured from "./captured.ts"
import { piece, reader } from "../reader.ts"
import { bytesEqual, law, type Target } from "../target.ts"

/** The pieces of one instruction, in the simplest form. */
interface Pieces {
  readonly id: bigint
  readonly held: Map<number, Uint8Array>
  total: number | undefined
}

const assemble = (fragments: ReadonlyArray<{ readonly bytes: Uint8Array; readonly late: boolean }>): void => {
  let assembly = FragmentAssembly.EMPTY
  let model: Pieces = { id: 0n, held: new Map(), total: undefined }
  for (const { bytes, late } of fragments) {
    const fragment = Fragment.decode(bytes)
    law((fragment === undefined) === bytes.length < Fragment.HEADER, "a fragment of another length")
    if (fragment === undefined) continue
    law(bytesEqual(Fragment.encode(fragment), bytes), "another fragment when written again")

    const before = assembly
    const [next, outcome] = FragmentAssembly.add(assembly, fragment, late)
    assembly = next
    law(assembly.bytes <= MAX_BYTES && assembly.count <= Fragment.MAX_NUMBER + 1, "too much is held")
    law(HashMap.size(assembly.pieces) === assembly.count, "pieces are counted wrong")
    if (fragment.id !== before.id && fragment.isFinal && fragment.number === 0) {
      law(
        outcome._tag === "Complete" && outcome.contents === fragment.contents,
        "a whole instruction is not handed over"
      )
      law(assembly === before, "a whole instruction displaced an unfinished one")
      continue
    }
    if (outcome._tag === "Dropped" && outcome.reason === "late") continue
    if (model.id !== fragment.id) model = { id: fragment.id, held: new Map(), total: undefined }
    if (outcome._tag === "Dropped") {
      law(outcome.reason === "limit" || contradicts(model, fragment), "an honest fragment was dropped")
      model = { id: 0n, held: new Map(), total: undefined }
      continue
    }
    law(!contradicts(model, fragment), "a contradiction was taken")
    model.held.set(fragment.number, fragment.contents)
    if (fragment.isFinal) model.total = fragment.number + 1
    const whole = model.held.size === model.total
    law(whole === (outcome._tag === "Complete"), "an instruction is whole, or is not")
    if (outcome._tag !== "Complete") continue
    const contents = Array.from({ length: model.held.size }, (_, i) => model.held.get(i) as Uint8Array)
    law(bytesEqual(outcome.contents, Buffer.concat(contents)), "fragments were joined wrong")
    model = { id: 0n, held: new Map(), total: undefined }
  }
}

const contradicts = ({ held, total }: Pieces, { contents, isFinal, number }: Fragment.Fragment): boolean => {
  const same = held.get(number)
  const end = isFinal ? number + 1 : total
  return (
    (same !== undefined && !bytesEqual(same, contents)) ||
    (end !== undefined && (number >= end || [...held.keys()].some((other) => other >= end))) ||
    (isFinal && total !== undefined && total !== number + 1)
  )
}

const cut = (instruction: Uint8Array, size: number): Uint8Array =>
  Buffer.concat(
    Fragment.split(7n, instruction, size).map((fragment) =>
      Buffer.concat([Uint8Array.of(0), piece(Fragment.encode(fragment))])
    )
  )

const headed = (id: bigint, place: number, contents: string): Uint8Array => {
  const head = Buffer.alloc(Fragment.HEADER)
  head.writeBigUInt64BE(id)
  head.writeUInt16BE(place, 8)
  return Buffer.concat([Uint8Array.of(0), piece(Buffer.concat([head, Buffer.from(contents)]))])
}

export const fragments: Target = {
  what: "fragments in any order, put together",
  seeds: () => Captured.instructions.flatMap((instruction) => [3, 10, 200].map((size) => cut(instruction, size))),
  tokens: [0, 1, 2, 0x7fff, 0x8000, 0x8001, 0x8002, 0xffff].flatMap((place) => [
    headed(0n, place, "a"),
    headed(7n, place, ""),
    headed(7n, place, "a")
  ]),
  maxLength: 4096,
  budget: 500,
  quick: 4000,
  run: (input) => {
    const { byte, done, piece } = reader(input)
    const all: Array<{ readonly bytes: Uint8Array; readonly late: boolean }> = []
    while (!done()) all.push({ late: byte() % 4 === 3, bytes: piece() })
    assemble(all)
  }
}
