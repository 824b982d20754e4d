import type { Scenario } from "../scenario.ts"

const ESC = "\u001b"

export const keys: Scenario = {
  name: "keys: cursor and function keys in both modes, control characters, mouse reports",
  program: String.raw`sh -c "stty raw -echo; printf 'ready\r\n\033[?1002;1006h'; cat -v"`,
  act: async (person) => {
    await person.see("ready")
    await person.until("mouse mode", (view) => view.mouse[1] === "1" && view.mouse[3] === "1")
    await person.press("Up", "Down", "Right", "Left", "Home", "End", "PPage", "NPage", "IC", "DC", "F1", "F5", "F12")
    await person.press("C-a", "C-c", "C-z", "C-Space", "Tab", "BTab", "BSpace", "M-x", "C-Left", "S-Right", "Enter")
    await person.look()
    await person.type(`${ESC}[<0;5;6M${ESC}[<0;5;6m${ESC}[<64;70;20M`)
    await person.type("äß漢😀")
    await person.look()
  }
}

export const applicationKeys: Scenario = {
  name: "keys: application cursor keys",
  program: String.raw`sh -c "stty raw -echo; printf 'ready\r\n\033[?1h\033='; cat -v"`,
  act: async (person) => {
    await person.see("ready")
    await person.press("Up", "Down", "Right", "Left", "Home", "End", "F2")
    await person.look()
  }
}
