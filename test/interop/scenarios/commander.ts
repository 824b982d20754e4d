import type { Scenario } from "../scenario.ts"

export const commander: Scenario = {
  name: "Midnight Commander: panels, menus, dialogs in colour",
  program: "mc --nosubshell",
  needs: ["mc"],
  files: {
    ".config/mc/ini": "[Layout]\nmessage_visible=false\nfree_space=false\n",
    ".config/mc/panels.ini": "[New Left Panel]\nlist_format=brief\n[New Right Panel]\nlist_format=brief\n",
    "apples/one.txt": "an apple\n",
    "bread.txt": "bread\n",
    "cheese.sh": "echo cheese\n"
  },
  act: async (person) => {
    await person.see("10Quit")
    await person.look()
    await person.press("Down", "Down")
    await person.look()
    await person.press("F9", "Down")
    await person.look()
    await person.press("Escape", "Escape", "F7")
    await person.see("Create a new Directory")
    await person.type("dates\r")
    await person.see("/dates")
    await person.look()
    await person.press("F10")
  }
}
