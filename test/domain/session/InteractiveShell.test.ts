import { describe, expect, it } from "@effect/vitest"
import * as InteractiveShell from "../../../src/domain/session/InteractiveShell.ts"

const prompts = (commandLine: string) => InteractiveShell.prompts(commandLine.split(" ").slice(1))

describe("InteractiveShell", () => {
  it("knows shells that prompt for commands", () => {
    for (const line of [
      "-bash",
      "bash -i",
      "bash --norc --noprofile -i",
      "bash --rcfile file -i",
      "bash -l -O extglob +o vi",
      "zsh -f -i",
      "zsh -fio vi",
      "fish --private --no-config -C command",
      "fish --init-command=command"
    ])
      expect([line, prompts(line)]).toEqual([line, true])
  })

  it("takes every other one for a script", () => {
    for (const line of [
      "bash menu.sh",
      "bash -c command",
      "bash -lic command",
      "bash -i menu.sh",
      "bash --rcfile file menu.sh",
      "bash -- menu.sh",
      "zsh -fc command",
      "fish --command command",
      "fish --command=command",
      "fish -d 2 menu.fish",
      "bash -"
    ])
      expect([line, prompts(line)]).toEqual([line, false])
  })
})
