import type { Scenario } from "../scenario.ts"

const ESC = "\u001b"

const attributes = [1, 3, 4, 5, 7, 8, 31, 42, 93, 104].map((sgr) => `${ESC}[${sgr}m sgr ${sgr} ${ESC}[0m`)

const sixteen = Array.from({ length: 16 }, (_, i) => `${ESC}[48;5;${i}m${ESC}[38;5;${15 - i}m ${i} `)

const palette = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `${ESC}[48;5;${from + i}m${i % 7 === 0 ? "x" : " "}`).join("")

const rainbow = Array.from({ length: 80 }, (_, i) => `${ESC}[38;2;${i * 3};${255 - i * 3};128;48;2;0;${i};${i * 2}m▀`)

/** Bars drawn by erasing with a background: to the line's end, from its start, some cells, whole lines. */
const erased = [
  `${ESC}[44mto the end${ESC}[K${ESC}[0m`,
  `0123456789${ESC}[45m${ESC}[1K${ESC}[0m`,
  `0123456789${ESC}[5G${ESC}[41m${ESC}[3X${ESC}[0m`,
  `${ESC}[46m${ESC}[2K${ESC}[0m`,
  `abcdef${ESC}[2D${ESC}[43m${ESC}[4@${ESC}[0m`
]

const picture = [
  attributes.join(""),
  `${ESC}[1;4;33;44mbold underlined yellow on blue${ESC}[22mplain${ESC}[24;39m default ${ESC}[49m none`,
  `${sixteen.join("")}${ESC}[0m`,
  palette(16, 96),
  palette(96, 176),
  `${palette(176, 256)}${ESC}[0m`,
  `${rainbow.join("")}${ESC}[0m`,
  ...erased
].join("\r\n")

export const paint: Scenario = {
  name: "colours: 16, 256 and true colours, attributes, coloured erasing",
  program: "sh -c 'stty -echo; cat picture; read key; cat scroll; read key'",
  files: {
    picture: `${picture}\r\n`,
    scroll: `${ESC}[44m${"\r\n".repeat(16)}scrolled in blue${ESC}[0m`
  },
  act: async (person) => {
    await person.see("abcd    ef")
    await person.look()
    await person.press("Enter")
    await person.see("scrolled in blue")
    await person.look()
  }
}
