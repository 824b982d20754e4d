import { globSync } from "node:fs"
import { availableParallelism } from "node:os"
import { resolve } from "node:path"
import { configDefaults, defineConfig } from "vitest/config"

/** Tests that measure memory or end their process: each file has a process of its own. */
const ALONE = [
  "test/domain/display/retention.test.ts",
  "test/services/node/xterm/SharedMemory.test.ts",
  "test/simulation/busy.test.ts",
  "test/simulation/day.test.ts",
  "test/simulation/hostile.test.ts",
  "test/testing/leftovers.test.ts"
]

/** Other tests of pure code and of services in virtual time: the files share processes, each of which loads effect once. */
const SHARING = globSync(
  [
    "test/{domain,simulation,testing}/**/*.test.ts",
    "test/services/{history,runtime}/*.test.ts",
    "test/services/node/{wire,xterm}/*.test.ts",
    "test/services/transport/Transport*.test.ts"
  ],
  { cwd: import.meta.dirname }
).filter((file) => !ALONE.includes(file))

export default defineConfig({
  // The examples import the package by its name, as others do.
  resolve: {
    alias: [
      { find: "effect-mosh/cluster", replacement: resolve(import.meta.dirname, "src/cluster.ts") },
      { find: "effect-mosh/node", replacement: resolve(import.meta.dirname, "src/node.ts") },
      { find: "effect-mosh/testing", replacement: resolve(import.meta.dirname, "src/testing.ts") },
      { find: "effect-mosh", replacement: resolve(import.meta.dirname, "src/index.ts") }
    ]
  },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Sessions mostly wait: three workers keep two cores busy. Vitest takes no more than 100 % of the cores, but any number.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // Sessions of tests leave nothing in the home of who runs them.
    env: { XDG_STATE_HOME: "/dev/null", XDG_RUNTIME_DIR: "/dev/null" },
    projects: [
      { extends: true, test: { name: "sharing", include: SHARING, isolate: false } },
      {
        extends: true,
        test: {
          name: "alone",
          include: ["{test,examples}/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...SHARING]
        }
      }
    ]
  }
})
