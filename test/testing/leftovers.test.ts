import { expect, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { end, isRunning } from "../support/peers.ts"

const LEFTOVERS = fileURLToPath(new URL("../support/leftovers.ts", import.meta.url))

it.skipIf(process.platform !== "linux")(
  "a test process that is killed leaves nothing behind that it started",
  async () => {
    const script = `
    import { spawn } from "node:child_process"
    import { endWithUs } from ${JSON.stringify(LEFTOVERS)}
    const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" })
    endWithUs(child.pid)
    console.log(child.pid)
    setInterval(() => {}, 1000)`
    const tests = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    const [printed] = (await once(tests.stdout, "data")) as [Buffer]
    const left = Number(printed)
    try {
      expect(isRunning(left)).toBe(true)
      tests.kill("SIGKILL")
      while (isRunning(left)) await sleep(20)
      expect(isRunning(left)).toBe(false)
    } finally {
      end(left)
    }
  }
)
