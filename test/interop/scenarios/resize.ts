import { SHELL, type Scenario } from "../scenario.ts"

export const resize: Scenario = {
  name: "a window that changes its size",
  program: SHELL,
  needs: ["vim"],
  files: { "text.txt": Array.from({ length: 100 }, (_, line) => `${line} ${"word ".repeat(30)}\n`).join("") },
  act: async (person) => {
    await person.see("$ ")
    await person.type("vim -u NONE -i NONE -n -N --cmd 'set ruler t_RV= t_RB= t_RF=' text.txt\r")
    await person.see("100L")
    await person.resize({ columns: 100, rows: 30 })
    await person.until("vim at 30 rows", (view) => (view.text[29] ?? "").includes("Top"))
    await person.look()
    await person.resize({ columns: 50, rows: 12 })
    await person.until("vim at 12 rows", (view) => (view.text[11] ?? "").includes("Top"))
    await person.look()
    await person.resize({ columns: 133, rows: 40 })
    await person.until("vim at 40 rows", (view) => (view.text[39] ?? "").includes("Top"))
    await person.look()
    await person.type(":q\r")
    await person.see("$ ")
    await person.type("clear; stty size\r")
    await person.see("40 133")
    await person.look()
  }
}
