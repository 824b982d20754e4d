/**
 * Plants faults, one after the other, and reports which test notices each.
 *
 * One vitest runs for all faults: it transforms the sources once, and for each fault only the file that the fault is in.
 * Every fault gets a new worker, so no module keeps what it learnt from another fault.
 */
import { resolve } from "node:path"
import { BaseSequencer, createVitest, type TestCase, type TestModule, type TestSpecification } from "vitest/node"
import type { Fault } from "./Fault.ts"

const ROOT = resolve(import.meta.dirname, "../..")

export interface Field extends AsyncDisposable {
  /** The name of the first test that failed with the fault planted; `undefined` when all passed. One call at a time. */
  readonly plant: (fault: Fault) => Promise<string | undefined>
}

/** Runs files in the order of `caughtBy`: vitest's own begins with the largest. */
class AsGiven extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    return files
  }
}

export const openField = async (): Promise<Field> => {
  let planted: Fault | undefined
  let tests: Array<TestCase> = []
  let modules: Array<TestModule> = []
  const vitest = await createVitest(
    "test",
    {
      root: ROOT,
      config: false,
      watch: false,
      testTimeout: 30_000,
      pool: "threads",
      maxWorkers: 1,
      bail: 1,
      fsModuleCache: false,
      // A fault may also cause errors outside of tests. Only failed tests count.
      dangerouslyIgnoreUnhandledErrors: true,
      sequence: { sequencer: AsGiven },
      reporters: [
        {
          onTestCaseResult: (test) => {
            if (test.result().state !== "skipped") tests.push(test)
          },
          onTestModuleEnd: (module) => void modules.push(module)
        }
      ]
    },
    {
      plugins: [
        {
          name: "planting",
          enforce: "pre",
          transform: (code, id) =>
            planted !== undefined && id === sourceOf(planted)
              ? { code: withFault(planted, code), map: null }
              : undefined
        }
      ]
    }
  )
  await vitest.standalone()
  const project = vitest.getRootProject()

  const plant = async (fault: Fault): Promise<string | undefined> => {
    planted = fault
    tests = []
    modules = []
    vitest.invalidateFile(sourceOf(fault))
    const { exitCode } = process
    try {
      await vitest.runTestSpecifications(
        fault.caughtBy.map((file) =>
          project.createSpecification(
            resolve(ROOT, file),
            fault.test === undefined ? {} : { testNamePattern: literally(fault.test) }
          )
        )
      )
    } finally {
      // vitest sets it when a test fails, which is wanted here.
      process.exitCode = exitCode
      planted = undefined
      vitest.invalidateFile(sourceOf(fault))
    }
    // A file that does not even load proves nothing: it is not a law that noticed.
    if (tests.length === 0) {
      const errors = modules.flatMap((module) => module.errors().map(({ message }) => message))
      throw new Error([`${fault.name}: the tests did not run`, ...errors].join("\n"))
    }
    return tests.find((test) => test.result().state === "failed")?.fullName
  }

  return { plant, [Symbol.asyncDispose]: () => vitest.close() }
}

const sourceOf = ({ file }: Fault): string => resolve(ROOT, "src", file)

const withFault = ({ file, mistaken, original }: Fault, code: string): string => {
  const parts = code.split(original)
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places like: ${original}`)
  return parts.join(mistaken)
}

const literally = (text: string): RegExp => new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
