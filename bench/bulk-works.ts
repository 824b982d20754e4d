/**
 * Programs that print much, and how their end is detected.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface Work {
  readonly name: string
  /** A command for a shell. */
  readonly command: string
}

export interface Works extends Disposable {
  readonly works: ReadonlyArray<Work>
  /** Programs that print 20 MB of lines. */
  readonly scrollback: ReadonlyArray<Work>
  /** Floods until Ctrl-C. */
  readonly flood: string
}

const WORDS = "the quick brown fox jumps over lazy dog and then some more of it goes on".split(" ")

/** Words from a seed (numerical recipes' generator). */
const generator = (seed: number) => {
  let state = seed
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
  return { next, word: () => WORDS[Math.floor(next() * WORDS.length)] ?? "" }
}

const lines = (bytes: number, line: () => string): string => {
  const made: Array<string> = []
  for (let size = 0; size < bytes;) {
    const text = line()
    made.push(text)
    size += text.length + 1
  }
  return made.join("\n") + "\n"
}

const text = (): string => {
  const { word } = generator(1)
  return lines(20e6, () => {
    let line = ""
    while (line.length < 70) line += `${word()} `
    return line.trimEnd()
  })
}

const log = (bytes = 5e6): string => {
  const { next, word } = generator(2)
  const line = () =>
    `\x1b[1m\x1b[32m   Compiling\x1b[0m ${word()} v${Math.floor(next() * 9)}.1 (\x1b[36m/src/${word()}\x1b[0m) ` +
    `\x1b[33mwarning\x1b[0m: unused \x1b[38;5;${Math.floor(next() * 256)}m${word()}\x1b[0m`
  return lines(bytes, line)
}

/** As `ls -l --color` prints directories: one colour in each line. */
const listing = (): string => {
  const { next, word } = generator(3)
  return lines(
    20e6,
    () => `drwxr-xr-x 2 user group ${Math.floor(next() * 99_999)} Jan  1 00:00 \x1b[01;34m${word()}-${word()}\x1b[0m`
  )
}

/** As `grep -nr --color=always` prints matches: each colour is followed by EL. */
const matches = (): string => {
  const { next, word } = generator(4)
  const colored = (color: string, text: string) => `\x1b[${color}m\x1b[K${text}\x1b[m\x1b[K`
  const line = () =>
    `${colored("35", `src/${word()}/${word()}.c`)}${colored("36", ":")}${colored("32", `${Math.floor(next() * 999)}`)}` +
    `${colored("36", ":")}  if (${word()} == ${word()}) ${colored("01;31", word())}(${word()}, ${word()});`
  return lines(20e6, line)
}

/** Frames that change the colour of every cell. */
const ANIMATION = `
const [columns, rows, frames] = [200, 60, 300]
let frame = 0
const timer = setInterval(() => {
  let out = "\\x1b[H"
  for (let y = 0; y < rows; y++) {
    out += "\\x1b[" + (y + 1) + "H"
    for (let x = 0; x < columns; x += 4)
      out += "\\x1b[48;5;" + (16 + ((x + y * 3 + frame * 5) % 216)) + "m    "
  }
  process.stdout.write(out + "\\x1b[m")
  if (++frame === frames) { clearInterval(timer); process.stdout.write("\\x1b[2J\\x1b[H") }
}, 1000 / 60)
`

/** Writes the output of the programs into a new directory. */
export const prepare = (): Works => {
  const directory = mkdtempSync(join(tmpdir(), "effect-mosh-bulk-"))
  const write = (name: string, contents: string): string => {
    const path = join(directory, name)
    writeFileSync(path, contents)
    return path
  }
  const plain = { name: "cat of 20 MB of text", command: `cat ${write("text", text())}` }
  return {
    works: [
      plain,
      { name: "cat of 5 MB of a coloured log", command: `cat ${write("log", log())}` },
      { name: "find /usr", command: "find /usr -xdev" },
      {
        name: "5 s of animation at 60 frames a second",
        command: `${process.execPath} ${write("animation.js", ANIMATION)}`
      }
    ],
    scrollback: [
      plain,
      { name: "the same of listings", command: `cat ${write("listing", listing())}` },
      { name: "of matches of grep", command: `cat ${write("matches", matches())}` },
      { name: "of a coloured log", command: `cat ${write("long-log", log(20e6))}` }
    ],
    flood: "yes flooding",
    [Symbol.dispose]: () => rmSync(directory, { recursive: true })
  }
}
