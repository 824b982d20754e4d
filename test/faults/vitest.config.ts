/**
 * Runs tests with one fault planted, the one that `PLANTED_FAULT` names.
 */
import { resolve } from "node:path"
import { defineConfig, type Plugin } from "vitest/config"
import { type Fault, faults } from "./faults.ts"

const ROOT = resolve(import.meta.dirname, "../..")

const planting = ({ file, mistaken, original }: Fault): Plugin => ({
  name: "planting",
  enforce: "pre",
  transform(code, id) {
    if (id !== resolve(ROOT, "src", file)) return undefined
    const parts = code.split(original)
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} places like: ${original}`)
    return { code: parts.join(mistaken), map: null }
  }
})

const fault = faults.find(({ name }) => name === process.env["PLANTED_FAULT"])
if (fault === undefined) throw new Error("PLANTED_FAULT names no fault")

export default defineConfig({
  root: ROOT,
  plugins: [planting(fault)],
  test: {
    include: [...fault.caughtBy],
    testTimeout: 30_000,
    pool: "threads",
    maxWorkers: 1,
    bail: 1,
    fsModuleCache: false
  }
})
