/**
 * Makes `src/domain/terminal/CharWidth.generated.ts` from a measured table of glibc's `wcwidth`.
 *
 *     node scripts/width-table.ts test/fixtures/wcwidth-glibc-2.36.txt
 *
 * The source has lines `START-END WIDTH` (hex, inclusive) that cover every code point in order. Stock mosh's two
 * exceptions (spec 8.3) are applied here.
 */
import { readFileSync, writeFileSync } from "node:fs"

const [source] = process.argv.slice(2)
if (source === undefined) throw new Error("usage: node scripts/width-table.ts TABLE")

const widths = new Int8Array(0x110000)
for (const line of readFileSync(source, "utf8").split("\n")) {
  const match = /^([0-9A-F]+)-([0-9A-F]+) (-?\d)$/.exec(line)
  if (match === null) continue
  widths.fill(Number(match[3]), parseInt(match[1] ?? "", 16), parseInt(match[2] ?? "", 16) + 1)
}
widths[0] = -1
widths.fill(1, 0xa0, 0x100)

const MARKS = ["!", ".", ":", "="]
let runs = ""
for (let start = 0, end = 1; end <= widths.length; end++) {
  if (end < widths.length && widths[end] === widths[start]) continue
  runs += (end - start).toString(36) + (MARKS[(widths[start] ?? 0) + 1] ?? "")
  start = end
}

const lines = runs.match(/.{1,100}/g) ?? []
writeFileSync(
  new URL("../src/domain/terminal/CharWidth.generated.ts", import.meta.url),
  `// Made by scripts/width-table.ts; do not edit.

/**
 * The width of every code point in order, as runs: a length in base 36, then \`!\` for -1, \`.\` for 0, \`:\` for 1 or
 * \`=\` for 2.
 */
export const RUNS =
${lines.map((line) => `  "${line}"`).join(" +\n")}
`
)
