import { SHELL, type Scenario } from "../scenario.ts"

export const alternate: Scenario = {
  name: "the alternate screen gives the shell's screen back",
  program: SHELL,
  needs: ["less", "vim"],
  beyondStock: "server",
  files: { "text.txt": Array.from({ length: 100 }, (_, line) => `line ${line}\n`).join("") },
  act: async (person) => {
    await person.see("$ ")
    await person.type("seq 1 10\r")
    await person.prompt("10")
    await person.type("LESS= less text.txt\r")
    await person.see("line 20")
    await person.look()
    await person.type("q")
    await person.look()
    await person.type("vim -u NONE -i NONE -n -N --cmd 'set t_RV= t_RB= t_RF=' text.txt\r")
    await person.see("100L")
    await person.look()
    await person.type(":q\r")
    await person.look()
  }
}
