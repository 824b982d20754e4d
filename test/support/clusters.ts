/**
 * Frames with grapheme clusters, as a server lays them out for a terminal that joins them.
 */
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import * as ClusterLayout from "../../src/domain/terminal/ClusterLayout.ts"
import * as ClusterRules from "../../src/domain/terminal/ClusterRules.ts"
import type * as Frame from "../../src/domain/terminal/Frame.ts"
import * as Row from "../../src/domain/terminal/Row.ts"
import { RowEditor } from "../../src/domain/terminal/RowEditor.ts"
import { type Pair, smallPairs } from "./frames.ts"

/** Texts that some terminals draw in one cell, and others in several. */
export const CLUSTERS = [
  "❤️",
  "1️⃣",
  "👍🏽",
  "☝🏽",
  "🇩🇪",
  "👩‍🚀",
  "👩🏽‍❤️‍💋‍👨🏿",
  "🏳️‍🌈",
  "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
  "का",
  "क्ष",
  "⌚️",
  "a\u0301",
  `👩‍🚀${"\u0301".repeat(16)}`
] as const

/** Any rules that a terminal may report. */
export const anyRules: Arbitrary.Arbitrary<ClusterRules.ClusterRules> = Arbitrary.schema(
  Schema.Int.check(Schema.isBetween({ minimum: ClusterRules.NONE, maximum: ClusterRules.MASK }))
)

const place = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 199 }))
const Places = Schema.Array(Schema.Tuple([place, place, Schema.Literals(CLUSTERS)])).check(Schema.isMaxLength(8))

const withClusters = (
  frame: Frame.Frame,
  places: typeof Places.Type,
  rules: ClusterRules.ClusterRules
): Frame.Frame => {
  const rows = frame.rows.slice()
  for (const [y, x, text] of places) {
    const at = y % rows.length
    const editor = new RowEditor(rows[at] as Row.Row)
    let column = x % editor.columns
    for (const cell of ClusterLayout.layOut(text, rules)) {
      if (column + cell.columns > editor.columns) break
      editor.putCluster(column, cell.text, cell.columns, Row.rendition(rows[at] as Row.Row, column))
      column += cell.columns
    }
    rows[at] = editor.row()
  }
  return { ...frame, rows }
}

const Sketch = Schema.Struct({
  rules: Schema.Int.check(Schema.isBetween({ minimum: ClusterRules.NONE, maximum: ClusterRules.MASK })),
  first: Places,
  second: Places
})

/** Two frames of one small size with clusters, laid out by any rules. */
export const clusteredPairs: Arbitrary.Arbitrary<Pair> = Arbitrary.flatMap(smallPairs, ({ after, before }) =>
  Arbitrary.map(Arbitrary.schema(Sketch), ({ first, rules, second }) => ({
    before: withClusters(before, first, rules),
    after: withClusters(after, [...first.slice(1), ...second], rules)
  }))
)
