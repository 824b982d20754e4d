/**
 * Generates the programs' manual pages and completions from the same definitions as their `--help`: `man/mosh.1` and so on,
 * `completions/bash/mosh`, `completions/zsh/_mosh`, `completions/fish/mosh.fish`.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as BashCompletion from "../src/domain/manual/BashCompletion.ts"
import * as FishCompletion from "../src/domain/manual/FishCompletion.ts"
import * as ManPage from "../src/domain/manual/ManPage.ts"
import * as MoshClientManual from "../src/domain/manual/MoshClientManual.ts"
import * as MoshManual from "../src/domain/manual/MoshManual.ts"
import * as MoshServerManual from "../src/domain/manual/MoshServerManual.ts"
import * as ZshCompletion from "../src/domain/manual/ZshCompletion.ts"

const MANUALS = [MoshManual.manual, MoshClientManual.manual, MoshServerManual.manual]

/** The files, by path relative to the build's directory. `version` is the package's. */
export const files = (version: string): ReadonlyMap<string, string> =>
  new Map([
    ...MANUALS.flatMap((manual): ReadonlyArray<readonly [string, string]> => [
      [`man/${manual.name}.1`, ManPage.render(manual, version)],
      [`completions/bash/${manual.name}`, BashCompletion.render(manual)],
      [`completions/fish/${manual.name}.fish`, FishCompletion.render(manual)]
    ]),
    ["completions/zsh/_mosh", ZshCompletion.render(MANUALS)]
  ])

export const write = (out: string): void => {
  const { version } = JSON.parse(Fs.readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  for (const [path, text] of files(String(version))) {
    const file = Path.join(out, path)
    Fs.mkdirSync(Path.dirname(file), { recursive: true })
    Fs.writeFileSync(file, text)
  }
}
