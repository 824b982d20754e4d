import { SHELL, type Scenario } from "../scenario.ts"

const lines = Array.from({ length: 300 }, (_, line) => `${line + 1}: ${"lorem ipsum ".repeat((line * 7) % 9)}`)

export const less: Scenario = {
  name: "less: paging and searching",
  program: SHELL,
  needs: ["less"],
  files: { "text.txt": `${lines.join("\n")}\n` },
  act: async (person) => {
    await person.see("$ ")
    await person.type("LESS= less -SM text.txt\r")
    await person.see("text.txt lines 1-23/300")
    await person.look()
    await person.type(" ")
    await person.see("lines 24-46")
    await person.type("jjj")
    await person.see("lines 27-49")
    await person.look()
    await person.type("b")
    await person.see("lines 4-26")
    await person.type("kk")
    await person.see("lines 2-24")
    await person.look()
    await person.type("/2.7\r")
    await person.see("lines 207-")
    await person.look()
    await person.press("Right")
    await person.look()
    await person.type("G")
    await person.see("(END)")
    await person.look()
    await person.type("qclear\r")
    await person.look()
  }
}
