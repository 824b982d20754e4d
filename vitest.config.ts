import { resolve } from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** The files that take longest, at least a minute each. */
const LONGEST = ["test/faults/faults.test.ts", "test/interop/session.test.ts", "test/interop/shutdown.test.ts"]

/** Starts the longest files first, so that no core is idle while the last file runs. */
class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((file) => moduleId.endsWith(file))
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  // The examples import the package by its name, as others do.
  resolve: {
    alias: [
      { find: "effect-mosh/node", replacement: resolve(import.meta.dirname, "src/node.ts") },
      { find: "effect-mosh/testing", replacement: resolve(import.meta.dirname, "src/testing.ts") },
      { find: "effect-mosh", replacement: resolve(import.meta.dirname, "src/index.ts") }
    ]
  },
  test: {
    include: ["test/**/*.test.ts", "examples/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    sequence: { sequencer: LongestFirst },
    // Sessions mostly wait: a core that is left free for others is left idle.
    maxWorkers: "100%",
    // Sessions of tests leave nothing in the home of who runs them.
    env: { XDG_STATE_HOME: "/dev/null", XDG_RUNTIME_DIR: "/dev/null" }
  }
})
