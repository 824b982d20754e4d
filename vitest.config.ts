import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Sessions of tests leave nothing in the home of who runs them.
    env: { XDG_STATE_HOME: "/dev/null", XDG_RUNTIME_DIR: "/dev/null" }
  }
})
