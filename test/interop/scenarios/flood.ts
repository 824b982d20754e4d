import { SHELL, type Scenario } from "../scenario.ts"

export const flood: Scenario = {
  name: "a program that floods is stopped by Ctrl-C at once",
  program: SHELL,
  act: async (person) => {
    await person.see("$ ")
    if (person.throughMosh) {
      await person.type("yes flooding\r")
      await person.until("the flood", (view) => view.text.slice(1).every((row) => row.startsWith("flooding")))
      await person.press("C-c")
      await person.until("the prompt", (view) => view.text.some((row) => row.startsWith("$")))
    }
    await person.type("clear; echo dry\r")
    await person.see("dry")
    await person.look()
  }
}
