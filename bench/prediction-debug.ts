/**
 * `node bench/prediction-debug.ts TRACE [MODE [RTT [LOSS]]] [--limit N] [--keys FROM-TO] [--wrong] [--slow] [--client WHOSE]`:
 * plays one trace to a client with predicted echo, and prints what the user saw wrong or late.
 */
import { parseArgs } from "node:util"
import * as DisplayPreference from "../src/domain/prediction/trust/DisplayPreference.ts"
import * as Result from "effect/Result"
import { playPty } from "../test/traces/player-pty.ts"
import { playVirtual } from "../test/traces/player.ts"
import type { Picture } from "../test/traces/score-picture.ts"
import { PROMPT, summarize } from "../test/traces/score-summary.ts"
import * as Truth from "../test/traces/score-truth.ts"
import type { KeyScore, Look, Mistake, Score } from "../test/traces/score.ts"
import { names, read, type Trace } from "../test/traces/trace.ts"

const HELP = `node bench/prediction-debug.ts TRACE [MODE [RTT [LOSS]]] [OPTION…]

  TRACE             ${names().join(", ")}
  MODE              adaptive (default), always, experimental, never
  RTT               ms, 100 by default
  LOSS              share of datagrams lost each way, 0 by default, such as 0.05

  --wrong, --slow   only what was wrong, only what was late; both by default
  --limit N         at most so many of each, 12 by default
  --keys FROM-TO    instead, every picture from the typing of one key to that of another
  --seed N          other accidents
  --client WHOSE    the built client of ours or stock, in real time, instead of ours in virtual time

Row and column numbers count from 0. "key" is the program's screen once it has answered the key, "server" the screen that
the program had then; a caret that is not shown is in parentheses.
`

const NAMES: Readonly<Record<string, string>> = {
  "\r": "Enter",
  "\t": "Tab",
  " ": "Space",
  "\u007f": "BS",
  "\u001b": "Esc",
  "\u001b[A": "Up",
  "\u001b[B": "Down",
  "\u001b[C": "Right",
  "\u001b[D": "Left",
  "\u001b[H": "Home",
  "\u001b[F": "End",
  "\u001b[3~": "Del"
}

const nameOf = (key: string): string =>
  NAMES[key.replace(/^\u001bO/, "\u001b[")] ??
  key.replace(/[\u0000-\u001f]/g, (control) => `^${String.fromCharCode(control.charCodeAt(0) + 64)}`)

const main = async (): Promise<number> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      client: { type: "string" },
      help: { type: "boolean", short: "h" },
      keys: { type: "string" },
      limit: { type: "string", default: "12" },
      seed: { type: "string", default: "1" },
      slow: { type: "boolean" },
      wrong: { type: "boolean" }
    }
  })
  const [name = "", mode, rtt = "100", loss = "0"] = positionals
  const preference = Result.getOrUndefined(DisplayPreference.parse(mode))
  if (values.help || preference === undefined || !names().includes(name)) {
    process.stdout.write(HELP)
    return values.help ? 0 : 1
  }
  const trace = read(name)
  const link = { rtt: Number(rtt), loss: Number(loss) }
  const options = { preference, ...link, seed: Number(values.seed) }
  const score = await (values.client === undefined
    ? playVirtual(trace, options)
    : playPty(trace, { ...options, client: values.client === "stock" ? "stock" : "ours" }))
  const report = new Report(trace, score)
  report.heading(`${name}, ${preference}, RTT ${rtt} ms, loss ${loss}`)
  const limit = Number(values.limit)
  if (values.keys !== undefined) {
    const [from = 0, to = from] = values.keys.split("-").map(Number)
    report.timeline(from, to)
    return 0
  }
  if (values.wrong || !values.slow) report.mistakes(limit)
  if (values.slow || !values.wrong) report.slow(limit)
  return 0
}

class Report {
  readonly #trace: Trace
  readonly #truth: Truth.Truth
  readonly #score: Score

  constructor(trace: Trace, score: Score) {
    this.#trace = trace
    this.#truth = Truth.of(trace)
    this.#score = score
  }

  heading(title: string): void {
    const s = summarize([this.#score])
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`
    print(`${title}: ${s.keys} keys, ${s.effective} with an effect; ${percent(s.prompt)} within ${PROMPT} ms,`)
    print(`median ${s.median.toFixed(0)} ms, p95 ${s.p95.toFixed(0)} ms, ${s.unseen} never seen.`)
    print(`Wrong: ${percent(s.wrong)} of keys, ${s.wrongCells} cells, ${this.#score.wrongCarets} carets.`)
    if (s.repairMax > 0)
      print(`right again after ${s.repairMedian.toFixed(0)} ms (median), ${s.repairMax.toFixed(0)} ms (most).`)
    if (!this.#score.complete) print("The run did NOT end with the program's last screen.")
  }

  /** The first mistake of each key that made any. */
  mistakes(limit: number): void {
    const byKey = Map.groupBy(this.#score.mistakes, ({ key }) => key)
    print(`\n== wrong: ${byKey.size} keys${byKey.size > limit ? `, the first ${limit}` : ""}`)
    for (const [key, mistakes] of Array.from(byKey).slice(0, limit)) {
      const [first] = mistakes
      if (first === undefined) continue
      const later = mistakes.length > 1 ? `, and ${mistakes.length - 1} more` : ""
      print(`\n${this.#key(key)}: wrong ${this.#since(first)}${later}`)
      this.#compare(first.picture, first)
    }
  }

  /** Echo that took longer than it should, with what was shown when it should have been. */
  slow(limit: number): void {
    const slow = this.#score.keys.filter(({ delay, kind }) => kind !== "none" && delay > PROMPT)
    const echo = slow.filter(({ kind }) => kind === "echo")
    print(`\n== slow: ${echo.length} echoed keys${echo.length > limit ? `, ${limit} of them` : ""}; ${runs(slow)}`)
    for (let i = 0; i < Math.min(limit, echo.length); i++) {
      const score = echo[Math.floor((i * echo.length) / Math.min(limit, echo.length))]
      if (score === undefined) continue
      print(`\n${this.#key(score.index)}: ${score.delay.toFixed(0)} ms; at ${PROMPT} ms`)
      const look = this.#score.pictures.findLast(({ at }) => at <= score.at + PROMPT)
      if (look !== undefined) this.#compare(look.picture, { key: score.index })
    }
  }

  /** Each picture while the keys `from` to `to` were the last typed. */
  timeline(from: number, to: number): void {
    for (const score of this.#score.keys.slice(from, to + 1)) {
      print(`\n${this.#key(score.index)}: ${describe(score)}`)
      const goal = this.#settled(score.index)
      print(`  ${"key".padEnd(9)}${place(goal)} ${line(goal, goal.caret.row)}`)
      for (const look of this.#score.pictures.filter(({ key }) => key === score.index)) {
        const wrong = this.#score.mistakes.some(({ at, picture }) => at === look.at && picture === look.picture)
        print(
          `${wrong ? "!" : " "} ${this.#since(look).padEnd(9)}${place(look.picture)} ${line(look.picture, look.picture.caret.row)}`
        )
      }
    }
  }

  #key(key: number): string {
    const { keys } = this.#trace
    if (key < 0) return "before any key"
    const before = keys.slice(Math.max(0, key - 10), key).map(({ text }) => nameOf(text))
    return `key ${key} ${nameOf(keys[key]?.text ?? "")}  (after ${before.join(" ")})`
  }

  #since({ at, key }: Look): string {
    return `+${(at - (this.#score.keys[key]?.at ?? 0)).toFixed(1)}`
  }

  #settled(key: number): Picture {
    return this.#truth.pictures[Truth.settled(this.#truth, key)] as Picture
  }

  /** The rows that matter of a picture beside those that the key leads to, and those that the server had. */
  #compare(picture: Picture, { cells = [], key, produced }: Partial<Mistake> & { readonly key: number }): void {
    const goal = this.#settled(key)
    const server = produced === undefined ? undefined : this.#truth.pictures[produced]
    const others = server === undefined ? "" : `, server ${place(server)}`
    print(`  caret ${place(picture)}, key ${place(goal)}${others}`)
    const rows = new Set(cells.map(({ row }) => row))
    if (rows.size === 0) rows.add(picture.caret.row).add(goal.caret.row)
    for (const row of Array.from(rows).slice(0, 5)) {
      const shown = picture.rows[row]
      const marks = new Set(cells.filter((cell) => cell.row === row).map(({ column }) => column))
      print(`  ${String(row).padStart(3)} shown  ${line(picture, row)}`)
      if (marks.size > 0)
        print(
          `${" ".repeat(13)} ${(shown ?? [])
            .map((_, x) => (marks.has(x) ? "^" : " "))
            .join("")
            .trimEnd()}`
        )
      if (goal.rows[row] !== shown) print(`      key    ${line(goal, row)}`)
      if (server !== undefined && server.rows[row] !== goal.rows[row]) print(`      server ${line(server, row)}`)
    }
    if (rows.size > 5) print(`      and ${rows.size - 5} more rows`)
  }
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

const place = ({ caret }: Picture): string => {
  const text = `${caret.row}:${caret.column}`
  return caret.visible ? text : `(${text})`
}

const line = (picture: Picture, row: number): string => `|${(picture.rows[row] ?? []).join("").trimEnd()}|`

const describe = ({ delay, kind, wrong }: KeyScore): string =>
  `${kind}${kind === "none" ? "" : `, ${delay.toFixed(1)} ms`}${wrong ? ", WRONG" : ""}`

/** The keys as ranges of numbers, as short as they can be. */
const runs = (keys: ReadonlyArray<KeyScore>): string => {
  const ranges: Array<[number, number]> = []
  for (const { index } of keys) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === index - 1) last[1] = index
    else ranges.push([index, index])
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(" ")
}

process.exitCode = await main()
