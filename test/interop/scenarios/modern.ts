import type { Scenario } from "../scenario.ts"

const ESC = "\u001b"

const underlines = [1, 2, 3, 4, 5].map((style) => `${ESC}[4:${style}mstyle ${style}${ESC}[0m`)

const picture = [
  `${ESC}[2mdim${ESC}[0m ${ESC}[9mstruck${ESC}[0m ${ESC}[53moverlined${ESC}[0m ${ESC}[1;2;3;9mall${ESC}[0m`,
  underlines.join(" "),
  `${ESC}[4;58:5:196mred line${ESC}[0m ${ESC}[4:3;58:2::10:200:30mgreen curl${ESC}[59m plain curl${ESC}[0m`,
  `a ${ESC}]8;;https://example.org/\u0007link${ESC}]8;;\u0007 and ${ESC}]8;id=x;https://example.net/?a=b\u0007two${ESC}]8;;\u0007`,
  `${ESC}]52;p;cHJpbWFyeQ==\u0007${ESC}]52;c;Y2xpcGJvYXJk\u0007`,
  `${ESC}]9;done\u0007${ESC}]7;file://host/tmp\u0007`,
  `${ESC}[4 qthe end`
].join("\r\n")

/** Output that stock mosh cannot transmit, and two ends of effect-mosh can. */
export const modern: Scenario = {
  name: "dim, struck, overlined, underline styles and colours, hyperlinks, cursor shapes, every clipboard, notifications",
  program: "sh -c 'stty -echo; cat picture; read key; read key'",
  beyondStock: "either",
  files: { picture },
  act: async (person) => {
    await person.see("the end")
    await person.until("the cursor's shape", (view) => view.painting.cursorShape === 4)
    await person.until("both clipboards", (view) => Object.keys(view.painting.clipboard).length === 2)
    await person.until("the directory", (view) => view.painting.directory === "file://host/tmp")
    await person.until("the notification", (view) => view.painting.notifications.join() === "done")
    await person.look()
  }
}
