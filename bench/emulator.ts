import { microseconds, summary } from "./measure.ts"
import { makeScreen } from "./screen.ts"
import type { Table } from "./table.ts"

const CHUNK = 16_384
const PASSES = 7
const SIZE = 4_000_000

const fill = (line: (index: number) => string): Uint8Array => {
  let text = ""
  for (let index = 0; text.length < SIZE; index++) text += line(index)
  return new TextEncoder().encode(text)
}

const CORPORA: Readonly<Record<string, () => Uint8Array>> = {
  "plain text": () => fill((index) => `${index} the quick brown fox jumps over the lazy dog, and again\r\n`),
  "coloured listing": () =>
    fill((i) => `-rw-r--r-- 1 user group ${i % 99_999} Jan  1 00:00 \u001b[01;34mdirectory-${i % 321}\u001b[0m\r\n`),
  "dense colours": () => fill((index) => `\u001b[38;2;${index % 256};99;1;48;5;${index % 256}mx`),
  "CJK and emoji": () => fill((index) => `${index} 漢字かな交じり文 한국어 😀🎉 mixed with words\r\n`)
}

export const emulator = async (): Promise<Table> => {
  const rows: Array<ReadonlyArray<string | number>> = []
  for (const [name, corpus] of Object.entries(CORPORA)) {
    const bytes = corpus()
    const speeds: Array<ReadonlyArray<number>> = []
    for (const size of [
      { columns: 80, rows: 24 },
      { columns: 200, rows: 60 }
    ]) {
      const screen = await makeScreen(size)
      const samples: Array<number> = []
      for (let pass = 0; pass < PASSES; pass++) {
        const start = microseconds()
        for (let at = 0; at < bytes.length; at += CHUNK) screen.write(bytes.subarray(at, at + CHUNK))
        samples.push(bytes.length / (microseconds() - start))
      }
      speeds.push(samples)
    }
    rows.push([name, ...speeds.map((samples) => summary(samples).median), PASSES])
  }
  return {
    title: "emulator",
    note: `MB/s in pieces of ${CHUNK} bytes, median of the passes over ${SIZE / 1e6} MB`,
    columns: ["", "80×24", "200×60", "passes"],
    rows
  }
}
