/**
 * The test suite of mosh 1.4 itself, run against programs of our choice. It is not part of this repository: `.ci/run` and
 * `npm run stock-suite` fetch Debian's source package, of which only the directory with the tests is unpacked.
 */
import { execFile, execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { archive } from "../../scripts/stock-suite.ts"

/** The command lines of the three programs that the suite runs. */
export interface Commands {
  readonly mosh: string
  readonly client: string
  readonly server: string
}

/** Runs a command in a terminal of 80×24, as the suite's own `inpty` does. */
const inpty = `#!${process.execPath}
const [file, ...rest] = process.argv.slice(2)
const { spawn } = require(${JSON.stringify(createRequire(import.meta.url).resolve("node-pty"))})
const terminal = spawn(file, rest, { cols: 80, rows: 24, env: process.env })
terminal.onData((text) => process.stdout.write(text))
terminal.onExit(({ exitCode }) => { process.exitCode = exitCode })
`

/** The suite, unpacked below an empty directory. */
export class StockSuite {
  readonly #root: string

  constructor(root: string, commands: Commands) {
    this.#root = root
    execFileSync("tar", ["xzf", archive, "-C", root, "--strip-components=1", "mosh-1.4.0/src/tests"])
    const script = (path: string, text: string): void => {
      Fs.mkdirSync(Path.dirname(Path.join(root, path)), { recursive: true })
      Fs.writeFileSync(Path.join(root, path), text, { mode: 0o755 })
    }
    script("scripts/mosh", `#!/bin/sh\nexec ${commands.mosh} "$@"\n`)
    script("src/frontend/mosh-client", `#!/bin/sh\nexec ${commands.client} "$@"\n`)
    script("src/frontend/mosh-server", `#!/bin/sh\nexec ${commands.server} "$@"\n`)
    // The two programs of the suite that would have to be compiled.
    script("src/tests/inpty", inpty)
    script("src/tests/is-utf8-locale", `#!/bin/sh\n[ "$(locale charmap)" = UTF-8 ]\n`)
  }

  /** Runs one test, and returns its exit status (0: success, 1: failure, 77: skipped, 99: error) and output. */
  run(name: string): Promise<{ readonly status: number; readonly output: string }> {
    return new Promise((resolve) => {
      const options = { cwd: Path.join(this.#root, "src/tests"), maxBuffer: 16 * 1024 * 1024, timeout: 100_000 }
      const child = execFile(`./${name}.test`, options, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code ?? -1), output: stdout + stderr })
      )
      child.stdin?.end()
    })
  }
}
