import { expect } from "vitest"
import type { Scenario } from "../scenario.ts"

const poem = Array.from({ length: 60 }, (_, line) => `line ${line + 1} of a story that goes on`).join("\n")

export const vim: Scenario = {
  name: "vim: editing and saving a file",
  program: "vim -u NONE -i NONE -n -N --cmd 'set ruler showcmd t_RV= t_RB= t_RF=' story.txt",
  needs: ["vim"],
  files: { "story.txt": `${poem}\n` },
  act: async (person) => {
    await person.see("60L")
    await person.look()
    await person.type("ihéllo wörld")
    await person.press("Enter", "Escape")
    await person.type("G")
    await person.see("Bot")
    await person.look()
    await person.type(":%s/story/tale/g\r")
    await person.see("60 substitutions")
    await person.type("gg")
    await person.see("Top")
    await person.look()
    await person.type("10ddP:split\r")
    await person.look()
    await person.type(":only\r:set number\rzt")
    await person.press("C-f")
    await person.look()
    await person.type(":w\r")
    await person.see("written")
    expect(person.file("story.txt")).toContain("héllo wörld\nline 1 of a tale")
    await person.type(":q\r")
  }
}
