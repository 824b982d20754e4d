import { resolve } from "node:path"
import { defineConfig } from "vitest/config"

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
    // Sessions mostly wait: a core that is left free for others is left idle.
    maxWorkers: "100%",
    // Sessions of tests leave nothing in the home of who runs them.
    env: { XDG_STATE_HOME: "/dev/null", XDG_RUNTIME_DIR: "/dev/null" }
  }
})
