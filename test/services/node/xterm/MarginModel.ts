/**
 * A small model of a screen with margins on all four sides, for comparison: a grid of characters of width 1 without renditions, and
 * each command as the mapping of every cell to where its content comes from.
 */
export interface Area {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

export interface Model {
  readonly columns: number
  readonly rows: number
  cells: Array<Array<string>>
  x: number
  y: number
  isPending: boolean
  hasOrigin: boolean
  margins: Area
}

export const make = (columns: number, rows: number): Model => ({
  columns,
  rows,
  cells: Array.from({ length: rows }, () => Array.from({ length: columns }, () => " ")),
  x: 0,
  y: 0,
  isPending: false,
  hasOrigin: false,
  margins: { top: 0, left: 0, bottom: rows - 1, right: columns - 1 }
})

const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most)

const isIn = ({ bottom, left, right, top }: Area, y: number, x: number) =>
  y >= top && y <= bottom && x >= left && x <= right

export const addressable = (model: Model): Area =>
  model.hasOrigin ? model.margins : { top: 0, left: 0, bottom: model.rows - 1, right: model.columns - 1 }

/** Replaces each cell of an area. */
const fill = (model: Model, area: Area, content: (y: number, x: number) => string) => {
  model.cells = model.cells.map((row, y) => row.map((cell, x) => (isIn(area, y, x) ? content(y, x) : cell)))
}

/** Every cell of the area takes what was `down` rows above and `right` columns to the left in it. */
const shift = (model: Model, area: Area, down: number, right: number) => {
  const before = model.cells
  fill(model, area, (y, x) => (isIn(area, y - down, x - right) ? (before[y - down]?.[x - right] ?? " ") : " "))
}

const isInside = (model: Model) => isIn(model.margins, model.y, model.x)
const last = ({ columns, margins, x }: Model) => (x <= margins.right ? margins.right : columns - 1)
const first = ({ margins, x }: Model) => (x >= margins.left ? margins.left : 0)

const place = (model: Model, y: number, x: number) => {
  const { bottom, left, right, top } = addressable(model)
  model.y = clamp(top + y, top, bottom)
  model.x = clamp(left + x, left, right)
  model.isPending = false
}
const index = (model: Model) => {
  if (model.y !== model.margins.bottom) model.y = Math.min(model.y + 1, model.rows - 1)
  else if (isInside(model)) shift(model, model.margins, -1, 0)
}
const carriageReturn = (model: Model) => {
  model.x = model.hasOrigin ? model.margins.left : first(model)
}

const print = (model: Model, character: string) => {
  if (model.isPending) {
    index(model)
    model.x = model.margins.left
  }
  const end = last(model)
  model.cells = model.cells.map((row, y) => row.map((cell, x) => (y === model.y && x === model.x ? character : cell)))
  model.isPending = model.x === end
  if (!model.isPending) model.x++
}

/** Commands, by the sequence that gives them: `n` is their first parameter. */
export const COMMANDS: Readonly<Record<string, (model: Model, n: number) => void>> = {
  "\r": carriageReturn,
  "\n": index,
  "\x1bD": index,
  "\x1bE": (model) => {
    index(model)
    carriageReturn(model)
  },
  "\x1bM": (model) => {
    if (model.y !== model.margins.top) model.y = Math.max(model.y - 1, 0)
    else if (isInside(model)) shift(model, model.margins, 1, 0)
  },
  "\x1b6": (model) => {
    if (model.x !== model.margins.left) model.x = Math.max(model.x - 1, 0)
    else if (isInside(model)) shift(model, model.margins, 0, 1)
  },
  "\x1b9": (model) => {
    if (model.x !== model.margins.right) model.x = Math.min(model.x + 1, model.columns - 1)
    else if (isInside(model)) shift(model, model.margins, 0, -1)
  },
  "\b": (model) => {
    model.x = Math.max(model.x - 1, first(model))
  },
  "\t": (model) => {
    model.x = Math.max(model.x, Math.min((Math.floor(model.x / 8) + 1) * 8, last(model)))
  },
  A: (model, n) => {
    model.y = Math.max(model.y - n, model.y >= model.margins.top ? model.margins.top : 0)
  },
  B: (model, n) => {
    model.y = Math.min(model.y + n, model.y <= model.margins.bottom ? model.margins.bottom : model.rows - 1)
  },
  C: (model, n) => {
    model.x = Math.min(model.x + n, last(model))
  },
  D: (model, n) => {
    model.x = Math.max(model.x - n, first(model))
  },
  G: (model, n) => place(model, model.y - addressable(model).top, n - 1),
  d: (model, n) => place(model, n - 1, model.x - addressable(model).left),
  L: (model, n) => lines(model, n),
  M: (model, n) => lines(model, -n),
  "@": (model, n) => rest(model, { ...model.margins, top: model.y, bottom: model.y, left: model.x }, n),
  P: (model, n) => rest(model, { ...model.margins, top: model.y, bottom: model.y, left: model.x }, -n),
  "'}": (model, n) => rest(model, { ...model.margins, left: model.x }, n),
  "'~": (model, n) => rest(model, { ...model.margins, left: model.x }, -n),
  " @": (model, n) => rest(model, model.margins, -n),
  " A": (model, n) => rest(model, model.margins, n),
  S: (model, n) => shift(model, model.margins, -n, 0),
  T: (model, n) => shift(model, model.margins, n, 0),
  X: (model, n) => {
    fill(model, { top: model.y, bottom: model.y, left: model.x, right: model.x + n - 1 }, () => " ")
  }
}

/** Those that leave a pending wrap pending: always, and where the cursor is outside of the margins. */
const KEEPING_WRAP = ["S", "T", " @", " A", "'}", "'~"]
const KEEPING_WRAP_OUTSIDE = ["L", "M", "P"]

const lines = (model: Model, down: number) => {
  if (!isInside(model)) return
  shift(model, { ...model.margins, top: model.y }, down, 0)
  model.x = model.margins.left
}
const rest = (model: Model, area: Area, right: number) => {
  if (isInside(model)) shift(model, area, 0, right)
}

export type Step =
  | { readonly text: string }
  | { readonly command: string; readonly n: number }
  | { readonly set: "cursor" | "topBottom" | "leftRight"; readonly a: number; readonly b: number }
  | { readonly origin: boolean }

/** The bytes of a step. */
export const bytesOf = (step: Step): string => {
  if ("text" in step) return step.text
  if ("origin" in step) return `\x1b[?6${step.origin ? "h" : "l"}`
  if ("set" in step) return `\x1b[${step.a};${step.b}${{ cursor: "H", topBottom: "r", leftRight: "s" }[step.set]}`
  return /^[\x00-\x1f]/.test(step.command) ? step.command : `\x1b[${step.n}${step.command}`
}

export const apply = (model: Model, step: Step): void => {
  if ("text" in step) for (const character of step.text) print(model, character)
  else if ("origin" in step) {
    model.hasOrigin = step.origin
    place(model, 0, 0)
  } else if ("command" in step) {
    const keepsWrap =
      KEEPING_WRAP.includes(step.command) || (KEEPING_WRAP_OUTSIDE.includes(step.command) && !isInside(model))
    COMMANDS[step.command]?.(model, step.n)
    if (!keepsWrap) model.isPending = false
  } else if (step.set === "cursor") place(model, step.a - 1, step.b - 1)
  else {
    const [from, to, end] =
      step.set === "topBottom" ? (["top", "bottom", model.rows] as const) : (["left", "right", model.columns] as const)
    if (step.a >= Math.min(step.b, end)) return
    model.margins = { ...model.margins, [from]: step.a - 1, [to]: Math.min(step.b, end) - 1 }
    place(model, 0, 0)
  }
}

export const textOf = (model: Model): ReadonlyArray<string> => model.cells.map((row) => row.join(""))
