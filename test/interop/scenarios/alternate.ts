import { SHELL, type Scenario } from "../scenario.ts"

/** A surrogate, an overlong form, a code point beyond the last, the beginning of five bytes: one U+FFFD each maximal subpart. */
const DECODED = [3, 2, 4, 3].map((count) => "\ufffd".repeat(count)).join("|") + "|END"

export const alternate: Scenario = {
  name: "invalid UTF-8 has the width that the server gives it, and the alternate screen gives the shell's screen back",
  program: SHELL,
  needs: ["less", "vim"],
  beyondStock: "server",
  files: { "text.txt": Array.from({ length: 100 }, (_, line) => `line ${line}\n`).join("") },
  act: async (person) => {
    await person.see("$ ")
    // Terminals without mosh differ in this. A stock client shows what our server decoded.
    await person.type("printf '\\355\\240\\200|\\300\\200|\\364\\220\\200\\200|\\370\\210\\200|END\\n'\r")
    await person.see(person.throughMosh ? DECODED : "END")
    await person.type("clear\r")
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
