/**
 * Plants a fault, and tells which test caught it.
 */
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import type { Fault } from "./faults.ts"

const VITEST = resolve(import.meta.dirname, "../../node_modules/vitest/vitest.mjs")
const CONFIG = resolve(import.meta.dirname, "vitest.config.ts")

/** The name of the first test that failed with the fault planted; `undefined` when all passed. */
export const plant = async (fault: Fault): Promise<string | undefined> => {
  const scratch = mkdtempSync(join(tmpdir(), "effect-mosh-fault-"))
  const report = join(scratch, "report.json")
  try {
    const child = spawn(
      process.execPath,
      [VITEST, "run", "--config", CONFIG, "--reporter=json", `--outputFile=${report}`],
      {
        env: { ...process.env, PLANTED_FAULT: fault.name, VITEST: undefined },
        stdio: ["ignore", "pipe", "pipe"]
      }
    )
    let said = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (said += bytes.toString()))
    await new Promise((settle) => child.on("close", settle))
    const tests = existsSync(report) ? testsOf(readFileSync(report, "utf8")) : []
    // A file that does not even load proves nothing: it is not a law that noticed.
    if (tests.length === 0) throw new Error(`${fault.name}: the tests did not run\n${said}`)
    return tests.find(({ status }) => status === "failed")?.fullName.trim()
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

interface Test {
  readonly status: string
  readonly fullName: string
}

const testsOf = (report: string): ReadonlyArray<Test> => {
  const { testResults } = JSON.parse(report) as {
    readonly testResults: ReadonlyArray<{ readonly assertionResults: ReadonlyArray<Test> }>
  }
  return testResults.flatMap(({ assertionResults }) => assertionResults)
}
