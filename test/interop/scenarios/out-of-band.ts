import { SHELL, type Scenario } from "../scenario.ts"

const ESC = String.raw`\033`

export const outOfBand: Scenario = {
  name: "titles, clipboard, bell, mouse modes, cursor visibility",
  program: SHELL,
  act: async (person) => {
    await person.see("$ ")
    await person.type(`printf '${ESC}]0;both titles\\007'\r`)
    await person.until("the title", (view) => view.painting.title === "both titles")
    await person.look()
    await person.type(`printf '${ESC}]2;Fenster für 漢字\\007${ESC}]52;c;Y2xpcGJvYXJk\\007\\a'\r`)
    await person.until("the clipboard", (view) => view.painting.clipboard["c"] === "Y2xpcGJvYXJk")
    await person.until("the bell", (view) => view.painting.bells > 0)
    await person.look()
    await person.type(`printf '${ESC}[?1000h${ESC}[?1006h${ESC}[?1004h'\r`)
    await person.until("mouse mode", (view) => view.mouse === "10010" && view.painting.focusEvents)
    await person.look()
    await person.type(`printf '${ESC}[?1003h'; read -s -d x; printf '${ESC}[?1003l${ESC}[?1006l${ESC}[?1004l'\r`)
    await person.until("all motion", (view) => view.mouse === "00110")
    await person.type("x")
    await person.until("no mouse mode", (view) => view.mouse === "00000")
    await person.look()
    await person.type(`printf '${ESC}[?25l'; read -s -d x; printf '${ESC}[?25h${ESC}[5m'\r`)
    await person.until("no cursor", (view) => !view.cursor.visible)
    await person.type("x")
    await person.until("the cursor", (view) => view.cursor.visible)
    await person.type("echo after\r")
    await person.look()
  }
}
