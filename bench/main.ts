/**
 * `npm run bench [-- name…]`: prints tables of effect-mosh's costs, and of stock mosh's if it is installed.
 */
import { cpus, totalmem } from "node:os"
import { bulk } from "./bulk.ts"
import { cipher } from "./cipher.ts"
import { connectivity, OPTIONS as CONNECTIVITY_OPTIONS } from "./connectivity.ts"
import { emulator } from "./emulator.ts"
import { forwarding, OPTIONS as FORWARDING_OPTIONS } from "./forwarding.ts"
import { frames } from "./frames.ts"
import { idle } from "./idle.ts"
import { keystroke } from "./keystroke.ts"
import { login } from "./login.ts"
import { memory } from "./memory.ts"
import { network, OPTIONS as NETWORK_OPTIONS } from "./network.ts"
import { prediction } from "./prediction.ts"
import { OPTIONS as SESSIONS_OPTIONS, sessions } from "./sessions.ts"
import { scrollback } from "./scrollback.ts"
import { simulated } from "./simulated.ts"
import { startup } from "./startup.ts"
import { streams } from "./streams.ts"
import { format, type Table } from "./table.ts"
import { typingCpu } from "./typing-cpu.ts"

interface Benchmark {
  readonly what: string
  readonly run: (options: Readonly<Record<string, string>>) => Promise<Table | ReadonlyArray<Table>>
}

const benchmarks: Readonly<Record<string, Benchmark>> = {
  cipher: { what: "µs to seal and to open a datagram", run: cipher },
  frames: { what: "µs to parse, snapshot, diff and patch a frame", run: frames },
  emulator: { what: "MB/s of program output through the emulator", run: emulator },
  startup: { what: "ms from starting a program to its first word", run: startup },
  login: { what: "ms from mosh host, through ssh, to the prompt", run: login },
  memory: { what: "MB of each end, idle and after 100 MB of output", run: memory },
  idle: { what: "ms of CPU, and packets, of a session in which nothing happens (3 minutes)", run: idle },
  bulk: { what: "ms until the prompt, and costs, of programs that print much (5 minutes)", run: bulk },
  scrollback: {
    what: "ms until the prompt, and of CPU, that native scrollback adds to 20 MB of output (15 minutes)",
    run: scrollback
  },
  keystroke: { what: "ms from key to screen on loopback", run: keystroke },
  "typing-cpu": { what: "ms of CPU that 500 keystrokes cost each end, and 500 more (2 minutes)", run: typingCpu },
  network: {
    what: "ms from key to screen over bad networks, and back to the screen after them (50 minutes)",
    run: network
  },
  simulated: {
    what: "ms from key to screen over the same networks in virtual time: the protocol alone",
    run: simulated
  },
  streams: {
    what: "MB/s of a stream on loopback and on a narrow link, and what it adds to a key (2 minutes)",
    run: streams
  },
  sessions: {
    what: "MB and ms of CPU of many sessions in one process, and ms from key to screen (3 minutes)",
    run: sessions
  },
  forwarding: {
    what: "MB/s of -L, -R, -D, -T and scp beside ssh's, keys meanwhile, memory and idle costs (6 minutes)",
    run: forwarding
  },
  connectivity: {
    what: "ms to a prompt and back to it: UDP blocked, small MTUs, a server that moves (20 minutes)",
    run: connectivity
  },
  prediction: { what: "what predicted echo shows of typing, and what wrong (20 minutes)", run: prediction }
}

const help = (): string =>
  [
    "npm run bench [-- NAME… [--OPTION VALUE]…]",
    "",
    ...Object.entries(benchmarks).map(([name, { what }]) => `  ${name.padEnd(10)} ${what}`),
    "",
    "Options of network (simulated takes --scenario and --keys):",
    ...NETWORK_OPTIONS.map(([name, what]) => `  --${name.padEnd(16)} ${what}`),
    "",
    "Options of sessions:",
    ...SESSIONS_OPTIONS.map(([name, what]) => `  --${name.padEnd(16)} ${what}`),
    "",
    "Options of forwarding, whose links need root, Linux and python3:",
    ...FORWARDING_OPTIONS.map(([name, what]) => `  --${name.padEnd(16)} ${what}`),
    "",
    "Options of connectivity, which needs root, Linux and python3:",
    ...CONNECTIVITY_OPTIONS.map(([name, what]) => `  --${name.padEnd(16)} ${what}`),
    "",
    "Without names, all of them, in an hour and a half. The programs are measured as built: run `npm run build` first.",
    "Medians; run nothing else meanwhile, and compare only numbers of one run.",
    ""
  ].join("\n")

const main = async (words: ReadonlyArray<string>): Promise<number> => {
  if (words.includes("--help") || words.includes("-h")) {
    process.stdout.write(help())
    return 0
  }
  const isOption = (word: string | undefined) => word?.startsWith("--") ?? false
  const names = words.filter((word, i) => !isOption(word) && !isOption(words[i - 1]))
  const options = Object.fromEntries(
    words.flatMap((word, i) => (isOption(word) ? [[word.slice(2), words[i + 1] ?? ""]] : []))
  )
  const strange = Object.keys(options).find(
    (option) =>
      ![...NETWORK_OPTIONS, ...SESSIONS_OPTIONS, ...FORWARDING_OPTIONS, ...CONNECTIVITY_OPTIONS].some(
        ([name]) => name.split(" ")[0] === option
      )
  )
  if (strange !== undefined) {
    process.stderr.write(`There is no option --${strange}.\n\n${help()}`)
    return 1
  }
  const unknown = names.find((name) => !Object.hasOwn(benchmarks, name))
  if (unknown !== undefined) {
    process.stderr.write(`There is no benchmark ${unknown}.\n\n${help()}`)
    return 1
  }
  const [cpu] = cpus()
  const memory = `${(totalmem() / 2 ** 30).toFixed(1)} GiB`
  process.stdout.write(`${cpu?.model ?? "unknown CPU"} × ${cpus().length}, ${memory}, Node ${process.version}\n\n`)
  for (const [name, { run }] of Object.entries(benchmarks)) {
    if (names.length > 0 && !names.includes(name)) continue
    for (const table of [await run(options)].flat()) process.stdout.write(`${format(table)}\n`)
  }
  return 0
}

process.exitCode = await main(process.argv.slice(2))
