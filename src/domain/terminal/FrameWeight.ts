/**
 * An upper bound of the memory that a frame holds, in bytes.
 *
 * Measured on Node 26, 64-bit, and rounded up (`test/security/resident.test.ts`). Rows that frames share are counted in each
 * frame, except that a row repeated on consecutive lines is counted once.
 */
import type { Frame } from "./Frame.ts"
import type { Hyperlink } from "./Rendition.ts"
import type { Row } from "./Row.ts"

/** Bytes of a `Row` beside its words: itself, and a typed array with its buffer. */
const ROW = 512
const WORD = 4
/** Bytes of an entry of a map that grows by doubling. */
const ENTRY = 80
/** Bytes of a cluster: at most 32 bytes of text, and as many parts as it has marks. */
const CLUSTER = 192
/** Bytes of a `Hyperlink` beside its two texts. */
const LINK = 160
/** Bytes of a character: host strings may have characters beyond Latin-1. */
const CHARACTER = 2
/** Bytes of a frame beside all that grows. */
const FRAME = 1024

/** What a whole frame holds. */
export const of = ({ clipboard, iconTitle = "", rows, title = "" }: Frame): number => {
  let weight = FRAME + CHARACTER * (title.length + iconTitle.length)
  let before: Row | undefined
  for (const row of rows) {
    if (row !== before) weight += ROW + row.words.length * WORD + beside(row).all
    before = row
  }
  for (const text of clipboard.values()) weight += ENTRY + CHARACTER * text.length
  return weight
}

/** What the hyperlinks of a frame hold. */
export const links = ({ rows }: Frame): number => {
  let weight = 0
  for (const row of rows) weight += beside(row).links
  return weight
}

/** What one hyperlink holds. */
export const link = ({ params, uri }: Hyperlink): number => LINK + CHARACTER * (params.length + uri.length)

interface Beside {
  readonly links: number
  readonly all: number
}

const NOTHING: Beside = { links: 0, all: 0 }

/** Rows never change, so each is weighed once. */
const weighed = new WeakMap<Row, Beside>()

/** What a row holds beside its words: clusters and hyperlinks. */
const beside = (row: Row): Beside => {
  if (row.clusters === undefined && row.links === undefined) return NOTHING
  const known = weighed.get(row)
  if (known !== undefined) return known
  let weight = 0
  let before: Hyperlink | undefined
  for (const target of row.links?.values() ?? []) {
    weight += ENTRY
    if (target !== before) weight += link(target)
    before = target
  }
  const found = { links: weight, all: weight + (row.clusters?.size ?? 0) * (ENTRY + CLUSTER) }
  weighed.set(row, found)
  return found
}
