import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as XtermEmulator from "../../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen } from "../screen.ts"

const COLUMNS = 10
const ROWS = 5

/** A cell of the model: its character, what its attributes add to a checksum, and whether it is protected. */
interface Cell {
  readonly code: number | undefined
  readonly weight: number
  readonly isProtected: boolean
}
const EMPTY: Cell = { code: undefined, weight: 0, isProtected: false }

/** Attributes of SGR, and what they add to a checksum. */
const WEIGHTS: Readonly<Record<number, number>> = { 1: 0x80, 4: 0x10, 5: 0x40, 7: 0x20 }

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Area = Schema.Struct({
  top: between(0, ROWS + 1),
  left: between(0, COLUMNS + 1),
  bottom: between(0, ROWS + 1),
  right: between(0, COLUMNS + 1)
})
type Area = typeof Area.Type

const Step = Schema.Union([
  Schema.Struct({ fill: between(0x1e, 0x80), area: Area }),
  Schema.Struct({ copyTo: Schema.Tuple([between(1, ROWS), between(1, COLUMNS)]), area: Area }),
  Schema.Struct({ erase: Schema.Literals(["z", "{"]), area: Area }),
  Schema.Struct({
    attribute: Schema.Literals([0, 1, 4, 5, 7, 22, 24, 25, 27, 99]),
    final: Schema.Literals(["r", "t"]),
    area: Area
  }),
  Schema.Struct({ extent: between(0, 2) }),
  Schema.Struct({ protect: Schema.Boolean })
])
type Step = typeof Step.Type

const boxOf = ({ bottom, left, right, top }: Area) => ({
  top: Math.max(top, 1) - 1,
  left: Math.max(left, 1) - 1,
  bottom: Math.min(bottom || ROWS, ROWS) - 1,
  right: Math.min(right || COLUMNS, COLUMNS) - 1
})

const bytesOf = (step: Step): string => {
  if ("extent" in step) return `\x1b[${step.extent}*x`
  if ("protect" in step) return `\x1b[${step.protect ? 1 : 2}"q`
  const { bottom, left, right, top } = step.area
  const area = `${top};${left};${bottom};${right}`
  if ("fill" in step) return `\x1b[${step.fill};${area}$x`
  if ("copyTo" in step) return `\x1b[${area};1;${step.copyTo.join(";")};1$v`
  return "erase" in step ? `\x1b[${area}$${step.erase}` : `\x1b[${area};${step.attribute}$${step.final}`
}

const changed = (weight: number, attribute: number, final: "r" | "t"): number => {
  const own = WEIGHTS[attribute] ?? 0
  if (final === "t") return weight ^ own
  if (attribute === 0) return 0
  const ended = attribute === 22 ? 0x80 : (WEIGHTS[attribute - 20] ?? 0)
  return (weight | own) & ~ended
}

/** A screen of cells, each of which a step gives a new content. */
const model = () => {
  let cells: ReadonlyArray<ReadonlyArray<Cell>> = Array.from({ length: ROWS }, () =>
    Array.from({ length: COLUMNS }, () => EMPTY)
  )
  let isRectangle = false
  let isProtected = false
  const replace = (content: (cell: Cell, y: number, x: number) => Cell) => {
    cells = cells.map((row, y) => row.map((cell, x) => content(cell, y, x)))
  }
  const apply = (step: Step) => {
    if ("extent" in step) {
      isRectangle = step.extent === 2
      return
    }
    if ("protect" in step) {
      isProtected = step.protect
      return
    }
    const box = boxOf(step.area)
    if (box.top > box.bottom || box.left > box.right) return
    const isIn = (y: number, x: number) => y >= box.top && y <= box.bottom && x >= box.left && x <= box.right
    if ("fill" in step) {
      const isGraphic = step.fill >= 0x20 && step.fill <= 0x7e
      if (isGraphic) replace((cell, y, x) => (isIn(y, x) ? { code: step.fill, weight: 0, isProtected } : cell))
    } else if ("copyTo" in step) {
      const before = cells
      const down = step.copyTo[0] - 1 - box.top
      const right = step.copyTo[1] - 1 - box.left
      replace((cell, y, x) => (isIn(y - down, x - right) ? (before[y - down]?.[x - right] ?? cell) : cell))
    } else if ("erase" in step) {
      replace((cell, y, x) => {
        if (!isIn(y, x) || (step.erase === "{" && cell.isProtected)) return cell
        if (step.erase === "z") return EMPTY
        return { ...cell, code: cell.weight === 0 ? undefined : 0x20 }
      })
    } else {
      const place = (y: number, x: number) => COLUMNS * y + x
      const isBetween = (y: number, x: number) =>
        place(y, x) >= place(box.top, box.left) && place(y, x) <= place(box.bottom, box.right)
      replace((cell, y, x) => {
        if (!(isRectangle ? isIn(y, x) : isBetween(y, x))) return cell
        const weight = changed(cell.weight, step.attribute, step.final)
        return { ...cell, weight, code: cell.code ?? (weight === 0 ? undefined : 0x20) }
      })
    }
  }
  const sum = (area: Area, options: number): string => {
    const box = boxOf(area)
    let total = 0
    for (let y = box.top; y <= box.bottom; y++) {
      for (let x = box.left; x <= box.right; x++) {
        const { code, weight } = cells[y]?.[x] ?? EMPTY
        const isFirst = y === box.top && x === box.left
        total += (options & 2) === 0 ? weight : 0
        total += code ?? (isFirst || (options & 4) !== 0 ? 0x20 : 0)
      }
    }
    const value = (options & 1) === 0 ? -total : total
    return (value & 0xffff).toString(16).toUpperCase().padStart(4, "0")
  }
  return { apply, sum }
}

describe("rectangles of the screen", () => {
  it.effect.prop(
    "are filled, copied, erased, changed and summed like those of a model",
    [Schema.Array(Step).check(Schema.isMaxLength(12)), Area, between(0, 7)],
    ([steps, area, options]) =>
      Effect.gen(function* () {
        const screen = yield* makeScreen(COLUMNS, ROWS)
        const expected = model()
        for (const step of steps) {
          screen.print(bytesOf(step))
          expected.apply(step)
        }
        const request = ({ bottom, left, right, top }: Area) => {
          screen.print(`\x1b[7;1;${top};${left};${bottom};${right}*y`)
          return screen.replies()
        }
        for (let place = 0; place < ROWS * COLUMNS; place++) {
          const top = 1 + Math.floor(place / COLUMNS)
          const left = 1 + (place % COLUMNS)
          const cell = { top, left, bottom: top, right: left }
          assert.strictEqual(request(cell), `\x1bP7!~${expected.sum(cell, 0)}\x1b\\`, JSON.stringify(steps))
        }
        screen.print(`\x1b[${options}#y`)
        assert.strictEqual(request(area), `\x1bP7!~${expected.sum(area, options)}\x1b\\`)
      }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer)),
    { arbitrary: { runs: 150 } }
  )

  it.effect("are copied over themselves in every direction", () =>
    Effect.gen(function* () {
      const screen = yield* makeScreen(6, 4)
      const copied = (target: string) => {
        screen.print(`\x1b[2J\x1b[Habcdef\r\nghijkl\r\nmnopqr\r\nstuvwx\x1b[2;2;3;5;1;${target};1$v`)
        return screen.text()
      }
      assert.deepStrictEqual(copied("3;3"), ["abcdef", "ghijkl", "mnhijk", "stnopq"])
      assert.deepStrictEqual(copied("1;1"), ["hijkef", "nopqkl", "mnopqr", "stuvwx"])
      assert.deepStrictEqual(copied("3;1"), ["abcdef", "ghijkl", "hijkqr", "nopqwx"])
      assert.deepStrictEqual(copied("2;3"), ["abcdef", "ghhijk", "mnnopq", "stuvwx"])
    }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )

  it.effect("have the checksums that xterm gives", () =>
    Effect.gen(function* () {
      const screen = yield* makeScreen(12, 8)
      const sums: ReadonlyArray<readonly [text: string, area: string, sum: string]> = [
        ["\x1bcab", "1;1;1;1", "FF9F"],
        ["", "1;1;8;12", "FF3D"],
        ["", "2;1;2;5", "FFE0"],
        ["", "9;9;20;20", "0000"],
        ["\x1bcA\x1b[1mA\x1b[0;4mA\x1b[0;5mA\x1b[0;7mA\x1b[0;8mA\x1b[0m", "1;1;1;2", "FEFE"],
        ["", "1;3;1;3", "FFAF"],
        ["", "1;4;1;4", "FF7F"],
        ["", "1;5;1;5", "FF9F"],
        ["", "1;6;1;6", "FFE0"],
        ["\x1bc日\u00e9\u0301\u20ac", "1;1;1;1", "FF1B"],
        ["", "1;2;1;2", "FF01"],
        ["", "1;3;1;3", "FF17"],
        ["", "1;4;1;4", "FF54"],
        ["\x1bc  A ", "1;1;1;4", "FF5F"],
        ["\x1bca\x1b[2Cb", "1;1;1;4", "FF3D"],
        ["\x1b[4#y", "1;1;1;4", "FEFD"],
        ["\x1b[1#y", "1;1;1;4", "00C3"],
        ["\x1b[!p", "1;1;1;4", "FF3D"]
      ]
      for (const [text, area, sum] of sums) {
        screen.print(`${text}\x1b[1;1;${area}*y`)
        assert.strictEqual(screen.replies(), `\x1bP1!~${sum}\x1b\\`, area)
      }
    }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )

  it.effect("lie within the margins with origin mode, and split no wide character", () =>
    Effect.gen(function* () {
      const screen = yield* makeScreen(10, 4)
      screen.print("日本語日本\x1b[?69h\x1b[3;8s\x1b[2;4r\x1b[?6h\x1b[88;1;1;9;9$x\x1b[2;2;2;3$z")
      assert.deepStrictEqual(screen.text(), ["日本語日本", "  XXXXXX", "  X  XXX", "  XXXXXX"])
      screen.print("\x1b[?6l\x1b[46;1;2;1;7$x\x1b[1;9;1;10;1;4;10$v")
      assert.deepStrictEqual(screen.text(), [" ...... 本", "  XXXXXX", "  X  XXX", "  XXXXXX"])
    }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )
})
