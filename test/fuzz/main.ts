/**
 * `npm run fuzz [-- TARGET…]`: feeds every decoder with hostile input, and reports inputs that break a law.
 */
import { readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { differential } from "./differential/differential.ts"
import { failureOf, type Finding } from "./driver.ts"
import * as Store from "./store.ts"
import type { Target } from "./target.ts"
import { targets } from "./targets/index.ts"
import { watch } from "./watch.ts"

const MINUTE = 60_000
/** The time that an input may take beyond its target's budget before its process is ended, ms. */
const PATIENCE = 20_000

const help = (): string =>
  [
    "npm run fuzz [-- TARGET…] [--minutes N] [--seed N] [--runs N]",
    "npm run fuzz -- TARGET --input FILE",
    "npm run fuzz -- differential [--runs GROUPS] [--seed N]",
    "",
    ...Object.entries(targets).map(([name, { what }]) => `  ${name.padEnd(14)} ${what}`),
    "",
    "Without names, all of them one after another, a minute each. The first form goes on from what earlier runs found",
    "new (.fuzz/corpus); findings go to .fuzz/findings, minimised. --seed and --runs repeat a run from the same corpus.",
    "The second form tries one input, such as a finding. The third prints output, 20,000 groups without --runs, through",
    "all pairs of our ends and those of stock mosh, and compares the screens. The exit status is 1 when there was a finding.",
    ""
  ].join("\n")

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const clock = (since: number): string => `${((performance.now() - since) / 1000).toFixed(0)} s`

const tell = (name: string, seed: number, { input, problem, stack }: Finding): void => {
  const file = Store.find(name, input, `${problem}\n${stack}\nseed ${seed}\n`)
  say(`${name}: ${problem}`)
  say(`  ${input.length} bytes: ${JSON.stringify(Buffer.from(input).toString("latin1")).slice(0, 300)}`)
  say(`  npm run fuzz -- ${name} --input ${file}   (seed ${seed})`)
}

/** Fuzzes one target until its time or runs are over, anew after each input that ended the process. */
const run = async (name: string, target: Target, minutes: number, runs: number, seed: number): Promise<number> => {
  const start = performance.now()
  const end = start + minutes * MINUTE
  const seen = new Set<string>()
  let findings = 0
  let tried = 0
  let news = 0
  for (let turn = seed; ; turn++) {
    const watched = await watch({
      target: name,
      seed: turn,
      corpus: Store.corpus(name),
      runs: runs - tried,
      milliseconds: end - performance.now(),
      patience: PATIENCE + target.budget,
      onFinding: (finding) => {
        if (seen.has(finding.problem)) return
        seen.add(finding.problem)
        findings++
        tell(name, turn, finding)
      },
      onNews: (input) => {
        news++
        Store.keep(name, input)
      },
      onProgress: (now) => say(`${name}: ${tried + now} runs, ${news} new inputs, ${clock(start)}`)
    })
    tried += watched.runs
    if (!watched.whole && performance.now() < end && tried < runs) continue
    say(
      `${name}: ${tried} runs in ${clock(start)}, seed ${seed}, ${news} new inputs, ` +
        `${watched.functions} functions reached with ${watched.gaps} gaps, ${findings} findings`
    )
    return findings
  }
}

/** Groups that one set of sessions shows. */
const SESSION = 1000
const GROUPS = 20_000

const compare = async (groups: number, seed: number): Promise<number> => {
  const start = performance.now()
  let findings = 0
  for (let done = 0; done < groups; done += SESSION) {
    const kind = (done / SESSION) % 2 === 0 ? "common" : "wild"
    const options = { kind, groups: Math.min(SESSION, groups - done), seed: seed + done / SESSION, most: 3 } as const
    const differences = await differential(options)
    findings += differences.length
    for (const { group, printed, what, where } of differences) {
      say(`differential: ${kind}, seed ${options.seed}, group ${group}, ${where}: ${what}`)
      say(`  ${JSON.stringify(printed).slice(-2000)}`)
    }
    say(`differential: ${done + options.groups} groups, ${findings} different, ${clock(start)}`)
  }
  return findings
}

const main = async (): Promise<number> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      minutes: { type: "string", default: "1" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
      runs: { type: "string", default: "Infinity" },
      input: { type: "string" }
    }
  })
  const [minutes, runs, seed] = [values.minutes, values.runs, values.seed].map(Number) as [number, number, number]
  if (positionals.includes("differential")) {
    return (await compare(Number.isFinite(runs) ? runs : GROUPS, seed)) === 0 ? 0 : 1
  }
  const unknown = positionals.find((name) => !Object.hasOwn(targets, name))
  if (unknown !== undefined || values.help || !(minutes > 0 && runs > 0 && Number.isInteger(seed))) {
    process.stdout.write(unknown === undefined ? help() : `There is no target ${unknown}.\n\n${help()}`)
    return values.help ? 0 : 2
  }
  const chosen = Object.entries(targets).filter(([name]) => positionals.length === 0 || positionals.includes(name))
  if (values.input !== undefined) {
    const failure = failureOf((chosen[0] as (typeof chosen)[number])[1], readFileSync(values.input))
    say(failure === undefined ? "all laws hold" : `${failure.problem}\n${failure.stack}`)
    return failure === undefined ? 0 : 1
  }
  let findings = 0
  for (const [name, target] of chosen) findings += await run(name, target, minutes, runs, seed)
  return findings === 0 ? 0 : 1
}

process.exitCode = await main()
