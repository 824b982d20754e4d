/**
 * Computes an upper bound of the memory that a frame occupies, in bytes.
 *
 * The constants were measured on Node 26, 64-bit, and rounded up (`test/security/resident.test.ts`). A row that several
 * frames share is counted in each of them, but a row that is repeated on consecutive lines is counted once.
 */
import type { Frame } from "./Frame.ts"
import type { Hyperlink } from "./Rendition.ts"
import * as Properties from "../events/Properties.ts"
import type { Row } from "./Row.ts"

/** Size of a `Row` without its words: the object, and a typed array with its buffer. */
const ROW = 512
const WORD = 4
/** Size of an entry of a map, which grows by doubling. */
const ENTRY = 80
/** Size of a cluster: at most 32 bytes of text, and as many parts as it has marks. */
const CLUSTER = 192
/** Size of a `Hyperlink` without its two texts. */
const LINK = 160
/** Size of a mark of a line. */
const MARK = 160
/** Size of a character: host strings may contain characters beyond Latin-1. */
const CHARACTER = 2
/** Size of a frame without its parts of variable size. */
const FRAME = 1024

/** The weight of a frame. */
export const of = ({
  clipboard,
  iconTitle = "",
  marks,
  notifications,
  properties,
  rows,
  title = ""
}: Frame): number => {
  let weight =
    FRAME + CHARACTER * (title.length + iconTitle.length) + Properties.weight(properties) + MARK * marks.kept.length
  for (const { body, title } of notifications.kept) weight += ENTRY + CHARACTER * (title.length + body.length)
  let before: Row | undefined
  rows.forEach((row) => {
    if (row !== before) weight += ROW + row.words.length * WORD + beside(row).all
    before = row
  })
  for (const text of clipboard.values()) weight += ENTRY + CHARACTER * text.length
  return weight
}

/** The weight of the hyperlinks of a frame. */
export const links = ({ rows }: Frame): number => {
  let weight = 0
  for (const row of rows) weight += beside(row).links
  return weight
}

/** The weight of one hyperlink. */
export const link = ({ params, uri }: Hyperlink): number => LINK + CHARACTER * (params.length + uri.length)

interface Beside {
  readonly links: number
  readonly all: number
}

const NOTHING: Beside = { links: 0, all: 0 }

/** Rows are immutable, so each is weighed once. */
const weighed = new WeakMap<Row, Beside>()

/** The weight of a row's clusters and hyperlinks. */
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
