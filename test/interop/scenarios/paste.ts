import { expect } from "vitest"
import type { Scenario } from "../scenario.ts"

const lines = Array.from(
  { length: 400 },
  (_, line) => `${line} ${"paste für 漢字 ".repeat(2)}${(line * 7919) % 1009}\n`
)
const text = lines.join("")

export const paste: Scenario = {
  name: "pasting 20 kB, in brackets",
  program: String.raw`sh -c "printf '\033[?2004h'; cat > pasted; printf '\033[?2004l'; cksum < pasted; exec cat"`,
  act: async (person) => {
    await person.until("bracketed paste", (view) => view.painting.bracketedPaste)
    await person.paste(text)
    await person.see("399 paste")
    await person.press("Enter", "C-d")
    await person.until("no more brackets", (view) => !view.painting.bracketedPaste)
    expect(person.file("pasted")).toBe(`\u001b[200~${text}\u001b[201~\n`)
    await person.look()
  }
}
