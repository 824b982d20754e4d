import { SHELL, type Scenario } from "../scenario.ts"

export const bash: Scenario = {
  name: "bash: editing, history, 200 lines of output",
  program: SHELL,
  act: async (person) => {
    await person.see("$ ")
    await person.type("echo onf two three")
    await person.press("C-a", "Right", "Right", "Right", "Right", "Right", "Right", "Right", "DC")
    await person.type("e")
    await person.press("C-e")
    await person.type(" four")
    await person.look()
    await person.press("Enter")
    await person.look()
    await person.press("Up", "C-w")
    await person.type("fünf")
    await person.press("Enter")
    await person.see("one two three fünf")
    await person.press("C-r")
    await person.type("onf")
    await person.look()
    await person.press("C-g")
    await person.type("seq 1 200; echo done\r")
    await person.see("done")
    await person.look()
    await person.type("clear\r")
    await person.look()
  }
}
