/**
 * `npm run release:deb`, `release:rpm`, `release:arch`: builds the single executable and a system package of it.
 *
 *     npm run release:deb -- --arch arm64
 */
import * as ChildProcess from "node:child_process"
import { ROOT } from "./package.ts"

const [format = "", ...options] = process.argv.slice(2)
const SCRIPTS = [["bundle"], ["executable", "--only", ...options], [format, ...options]]

if (!["deb", "rpm", "arch"].includes(format))
  throw new Error("usage: node scripts/release.ts deb|rpm|arch [--arch ARCH]")
for (const [script = "", ...words] of SCRIPTS) {
  ChildProcess.execFileSync(process.execPath, [`scripts/${script}.ts`, ...words], { cwd: ROOT, stdio: "inherit" })
}
