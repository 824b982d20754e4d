/**
 * The forms in which programs write colours after `SGR 4`, and the rendition each must give, as xterm (379) answers DECRQSS.
 */
import * as Color from "../../src/domain/terminal/Color.ts"
import * as Rendition from "../../src/domain/terminal/Rendition.ts"

const { BOLD, ITALIC, UNDERLINE_SHIFT } = Rendition
const SINGLE = Rendition.Underline.single << UNDERLINE_SHIFT

type Words = Partial<Rendition.Rendition>

/** The parameters after 38, 48 or 58, and their colour; `undefined` if they are not a colour. */
const GROUPS: ReadonlyArray<readonly [string, Color.Color | undefined]> = [
  [":2:20:60:90", Color.rgb(20, 60, 90)],
  [":2::20:60:90", Color.rgb(20, 60, 90)],
  [":2:7:20:60:90", Color.rgb(20, 60, 90)],
  [":2:7:20:60:90:4", Color.rgb(20, 60, 90)],
  [":2::20:60:90::1", Color.rgb(20, 60, 90)],
  [":2::20:60", Color.rgb(0, 20, 60)],
  [":2:::60:90", Color.rgb(0, 60, 90)],
  [":2:20::90", Color.rgb(20, 0, 90)],
  [":2:::", Color.rgb(0, 0, 0)],
  [":2::::", Color.rgb(0, 0, 0)],
  [":2:20:60", undefined],
  [":2", undefined],
  [":2:256:60:90", undefined],
  [":2::256:60:90", undefined],
  [":5:200", Color.palette(200)],
  [":5:200:1", Color.palette(200)],
  [":5:", Color.indexed(0)],
  [":5:9", Color.indexed(9)],
  [";5;15", Color.indexed(15)],
  [":5", undefined],
  [":5:256", undefined],
  [":7:1:2:3", undefined],
  [":", undefined],
  [";2:20:60:90", Color.rgb(20, 60, 90)],
  [";2::20:60:90", Color.rgb(20, 60, 90)],
  [";2;20:60:90", Color.rgb(20, 60, 90)],
  [";2;20;60;90", Color.rgb(20, 60, 90)],
  [";2;20;60;90:1", Color.rgb(20, 60, 90)],
  [";2;20;;90", Color.rgb(20, 0, 90)],
  [";5:200", Color.palette(200)],
  [";5;200", Color.palette(200)],
  [";5;200:1", Color.palette(200)],
  [";5;256", undefined]
]

const alone = GROUPS.flatMap(([group, color]): ReadonlyArray<readonly [string, Words]> => {
  const none = color === undefined
  return [
    [`38${group}`, none ? {} : { foreground: color }],
    [`48${group}`, none ? {} : { background: color }],
    [`58${group}`, none ? {} : { underline: SINGLE | Color.named(color) }],
    // Parameters after a colour are read on their own.
    [`38${group};1`, { foreground: none ? BOLD : (color | BOLD) >>> 0 }]
  ]
})

const mixed: ReadonlyArray<readonly [string, Words]> = [
  [
    "38:2:1:2:3;48:2::4:5:6;58:2:7:8:9",
    { foreground: Color.rgb(1, 2, 3), background: Color.rgb(4, 5, 6), underline: SINGLE | Color.rgb(7, 8, 9) }
  ],
  [
    "1;38:2:1:2:3;3;48:5:77;58;2;7;8;9;4:3",
    {
      foreground: (Color.rgb(1, 2, 3) | BOLD | ITALIC) >>> 0,
      background: Color.palette(77),
      underline: (3 << UNDERLINE_SHIFT) | Color.rgb(7, 8, 9)
    }
  ],
  ["38;5;200;48:2:4:5:6", { foreground: Color.palette(200), background: Color.rgb(4, 5, 6) }],
  // A white underline, and 59 as the number of another colour.
  ["58:2:255:255:255;38;5;59", { foreground: Color.palette(59), underline: SINGLE | Color.rgb(255, 255, 255) }],
  ["58:2:255:255:255;59", {}],
  ["58;5;59", { underline: SINGLE | Color.palette(59) }]
]

/** SGR parameters, and the words that they change. */
export const colorForms: ReadonlyArray<readonly [string, Words]> = [...alone, ...mixed]
