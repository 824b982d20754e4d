import { describe, expect, it } from "@effect/vitest"
import * as LineEditors from "../../../src/domain/session/LineEditors.ts"

const prompts = (commandLine: string) => {
  const [name = "", ...rest] = commandLine.split(" ")
  return LineEditors.prompts(name, rest)
}

describe("LineEditors", () => {
  it("knows the programs that prompt for lines", () => {
    for (const line of [
      "bash",
      "zsh -f",
      "fish",
      "python",
      "python3 -q",
      "python3.13 -Iq",
      "sqlite3 garden.db",
      "psql -U me"
    ])
      expect([line, prompts(line)]).toEqual([line, true])
  })

  it("takes neither scripts nor other programs for them", () => {
    for (const line of [
      "bash menu.sh",
      "python3 menu.py",
      "python3 -m getpass",
      "python3 -c code",
      "python3 -i menu.py",
      "python3 -",
      "ipython",
      "node",
      "vim"
    ])
      expect([line, prompts(line)]).toEqual([line, false])
  })
})
