import { SHELL, type Scenario } from "../scenario.ts"

const text = [
  "漢字とかな交じり文 – 한국어 – 中文",
  "emoji 😀🎉🚀 between 🍣 words",
  "combining: e\u0301 a\u0308 o\u0302\u0323 n\u0303o",
  "Ελληνικά Русский עברית العربية ไทย",
  "box ┌──┬──┐ │ ├──┼──┤ └──┴──┘ ░▒▓█",
  // 79 columns, then a wide character that does not fit any more.
  `${"x".repeat(79)}漢 after the edge`,
  "漢".repeat(45)
]

export const international: Scenario = {
  name: "CJK, emoji, combining characters",
  program: SHELL,
  files: { "text.txt": `${text.join("\n")}\n` },
  act: async (person) => {
    await person.see("$ ")
    await person.type("cat text.txt\r")
    await person.see("after the edge")
    await person.look()
    await person.type("echo 漢字😀e\u0301 ü")
    await person.look()
    await person.press("Left", "Left", "BSpace", "BSpace")
    await person.look()
    await person.type("字")
    await person.press("Enter")
    await person.look()
  }
}
