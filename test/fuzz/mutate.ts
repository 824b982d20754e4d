/**
 * Makes inputs from inputs, by the usual mutations of bytes and with a target's tokens.
 */
import type { Random } from "../domain/wire/hostile.ts"

export interface Material {
  readonly corpus: ReadonlyArray<Uint8Array>
  readonly tokens: ReadonlyArray<Uint8Array>
  readonly maxLength: number
}

const EDGES = [0x00, 0x01, 0x0a, 0x1b, 0x7f, 0x80, 0x9b, 0xc2, 0xe0, 0xf0, 0xfe, 0xff]
const MAX_CHANGES = 8
const MAX_TOKENS = 40
const MAX_RUN = 64

/** One of the corpus, changed a little; now and then tokens or noise instead. */
export const mutate = (next: Random, material: Material): Uint8Array => {
  const below = (limit: number): number => Math.floor(next() * limit)
  const { corpus, maxLength, tokens } = material
  const chosen = corpus[below(corpus.length)]
  const kind = below(20)
  if (chosen === undefined || kind === 0) return noise(below, below(Math.min(200, maxLength)))
  if (kind <= 3 && tokens.length > 0) return tokenString(below, tokens).subarray(0, maxLength)
  let bytes: Buffer = Buffer.from(chosen)
  // Mostly few changes, so that what made an input interesting survives.
  for (let i = 1 + Math.floor(next() ** 2 * MAX_CHANGES); i > 0; i--) bytes = change(below, bytes, material)
  return bytes.subarray(0, maxLength)
}

type Below = (limit: number) => number

const noise = (below: Below, length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)))

const tokenString = (below: Below, tokens: ReadonlyArray<Uint8Array>): Buffer =>
  Buffer.concat(
    Array.from({ length: 1 + below(MAX_TOKENS) }, () =>
      below(10) === 0 ? noise(below, 1 + below(4)) : (tokens[below(tokens.length)] as Uint8Array)
    )
  )

const change = (below: Below, bytes: Buffer, { corpus, tokens }: Material): Buffer => {
  const at = below(bytes.length + 1)
  const run = 1 + below(Math.min(MAX_RUN, bytes.length + 1))
  const replace = (length: number, by: Uint8Array): Buffer =>
    Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)])
  const token = tokens.length === 0 ? noise(below, 1 + below(4)) : (tokens[below(tokens.length)] as Uint8Array)
  switch (below(12)) {
    case 0:
      return replace(1, Buffer.from([(bytes[at] ?? 0) ^ (1 << below(8))]))
    case 1:
      return replace(1, Buffer.from([EDGES[below(EDGES.length)] as number]))
    case 2:
      return replace(1, Buffer.from([((bytes[at] ?? 0) + below(33) - 16) & 0xff]))
    case 3:
      return replace(0, noise(below, 1 + below(8)))
    case 4:
      return replace(run, Buffer.alloc(0))
    case 5:
      return bytes.subarray(0, at)
    case 6: {
      const from = below(bytes.length + 1)
      return replace(below(2) * run, bytes.subarray(from, from + run))
    }
    case 7:
    case 8:
      return replace(0, token)
    case 9:
      return replace(token.length, token)
    case 10: {
      const other = corpus[below(corpus.length)] as Uint8Array
      const from = below(other.length + 1)
      return below(2) === 0
        ? Buffer.concat([bytes.subarray(0, at), other.subarray(from)])
        : replace(below(2) * run, other.subarray(from, from + run))
    }
    default:
      // A large varint.
      return replace(1, Buffer.from([...Array.from({ length: below(12) }, () => 0xff), below(128)]))
  }
}
