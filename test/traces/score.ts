/**
 * Judges a played trace by the pictures on the user's screen alone: when each key's effect was shown, and what was shown that
 * was never on the server's screen.
 */
import { equals, hasBar, type Picture, sameAtCaret, sameLine } from "./score-picture.ts"
import { type Cell, screens, settled, type Truth } from "./score-truth.ts"

export interface Score {
  readonly trace: string
  readonly keys: ReadonlyArray<KeyScore>
  /** How many cells were wrong, for each picture that newly shows something wrong. */
  readonly wrongCells: number
  /** How often the caret was shown at a wrong place. */
  readonly wrongCarets: number
  /** ms from each picture with something wrong to the next without; Infinity if there was none. */
  readonly repairs: ReadonlyArray<number>
  /** Whether the last picture is the program's last screen. */
  readonly complete: boolean
  /** Everything wrong, in detail. */
  readonly mistakes: ReadonlyArray<Mistake>
  /** All pictures, each with its time and the last key typed by then. */
  readonly pictures: ReadonlyArray<Look>
}

export interface KeyScore {
  readonly index: number
  readonly text: string
  readonly kind: "echo" | "elsewhere" | "none"
  readonly at: number
  /** ms from typing until its effect was shown; Infinity when it never was, and meaningless for kind `none`. */
  readonly delay: number
  /** Whether something wrong was shown first while it was the last key typed. */
  readonly wrong: boolean
}

export interface Look {
  readonly at: number
  readonly key: number
  readonly picture: Picture
}

/** A picture that shows something wrong that the one before did not. */
export interface Mistake extends Look {
  readonly cells: ReadonlyArray<Cell>
  readonly caret: boolean
  /** The number of the program's newest screen at that time. */
  readonly produced: number
}

/** A picture that was shown for less than this, ms, is not judged: no user can have seen it. */
const GLIMPSE = 4

/** How much older than a round trip the server's screen shown by a client may be, ms, because of retransmissions. */
const PATIENCE = 1500

export class Scorer {
  readonly truth: Truth
  readonly rtt: number
  /** Called after each new picture. */
  onLook: () => void = () => {}
  /** When the server had each screen, by its number. */
  readonly #produced: Array<number> = [0]
  readonly #typed: Array<number> = []
  readonly #shown: Array<number | undefined> = []
  /** Keys typed whose effect is not shown yet. */
  #waiting: Array<number> = []
  readonly #wrongKeys = new Set<number>()
  readonly #looks: Array<Look> = []
  /** The newest picture, as long as it may be replaced before a user sees it, and the last one that was judged. */
  #unjudged: Look | undefined
  #judged: Picture | undefined
  readonly #mistakes: Array<Mistake> = []
  readonly #repairs: Array<number> = []
  #oldest = 0
  #wrong: ReadonlySet<number> = new Set()
  #wrongCaret = false
  #wrongSince: number | undefined
  #wrongCells = 0
  #wrongCarets = 0

  constructor(truth: Truth, rtt: number) {
    this.truth = truth
    this.rtt = rtt
  }

  /** The server's screen has become the next of the truth. */
  produced(at: number): void {
    this.#produced.push(at)
  }

  /** The next key is typed; call before a client may draw it. */
  typed(at: number): void {
    const key = this.#typed.push(at) - 1
    if (this.truth.effects[key]?.kind !== "none") this.#waiting.push(key)
  }

  /** The user's screen shows this now. */
  look(picture: Picture, at: number): void {
    const last = this.#looks.at(-1)?.picture
    if (last !== undefined && equals(last, picture)) return
    this.#settle(at)
    const look = { at, key: this.#typed.length - 1, picture }
    this.#looks.push(look)
    if (this.#unjudged !== undefined && at - this.#unjudged.at >= GLIMPSE) this.#judge(this.#unjudged)
    this.#unjudged = look
    this.#waiting = this.#waiting.filter((key) => {
      if (!this.#shows(picture, key)) return true
      this.#shown[key] = at
      return false
    })
    this.onLook()
  }

  /** Whether the screen shows the program's screen after a key, at the cells that the key changed. */
  isSettled(key: number): boolean {
    const picture = this.#looks.at(-1)?.picture
    const goal = this.truth.pictures[settled(this.truth, key)]
    if (picture === undefined || goal === undefined) return false
    const effects = this.truth.effects[key]
    if (effects === undefined) return equals(picture, goal)
    if (effects.kind === "echo") return sameAtCaret(picture, goal)
    if (effects.kind === "none") return true
    return effects.cells.every(({ row, column }) => picture.rows[row]?.[column] === goal.rows[row]?.[column])
  }

  /** Whether the screen shows the program's last screen. */
  isComplete(): boolean {
    const picture = this.#looks.at(-1)?.picture
    const goal = this.truth.pictures.at(-1)
    return picture !== undefined && goal !== undefined && equals(picture, goal)
  }

  result(at: number): Score {
    this.#settle(at)
    if (this.#unjudged !== undefined) this.#judge(this.#unjudged)
    this.#unjudged = undefined
    const { effects, trace } = this.truth
    return {
      trace: trace.name,
      keys: this.#typed.map((typed, index) => ({
        index,
        text: trace.keys[index]?.text ?? "",
        kind: effects[index]?.kind ?? "none",
        at: typed,
        delay: (this.#shown[index] ?? Infinity) - typed,
        wrong: this.#wrongKeys.has(index)
      })),
      wrongCells: this.#wrongCells,
      wrongCarets: this.#wrongCarets,
      repairs: this.#wrongSince === undefined ? this.#repairs : [...this.#repairs, Infinity],
      complete: this.isComplete(),
      mistakes: this.#mistakes,
      pictures: this.#looks
    }
  }

  /** The newest screen that any key typed so far leads to. */
  #newest(): number {
    return settled(this.truth, this.#typed.length - 1)
  }

  /**
   * Whether a new picture shows a key's effect: the screen after it, or after any later key. A screen that looks as it did
   * before the key shows nothing of it.
   */
  #shows(picture: Picture, key: number): boolean {
    const { effects, first, pictures } = this.truth
    const before = pictures[settled(this.truth, key - 1)] as Picture
    const from = first[key] ?? 0
    const to = this.#newest()
    const effect = effects[key]
    if (effect?.kind === "echo") {
      for (let m = from; m <= to; m++) {
        const truth = pictures[m] as Picture
        if (sameAtCaret(truth, before)) continue
        if (sameAtCaret(picture, truth) || (sameLine(picture, truth) && !sameLine(picture, before))) return true
      }
      return false
    }
    if (effect?.kind !== "elsewhere") return false
    return effect.cells.every(({ row, column }) => {
      const text = picture.rows[row]?.[column]
      if (text === before.rows[row]?.[column]) return false
      for (let m = from; m <= to; m++) if (pictures[m]?.rows[row]?.[column] === text) return true
      return false
    })
  }

  /**
   * A key whose effect later keys undid may never change the picture. It counts as shown when the picture is equal to the
   * screen after the undoing, and that screen has had the time to arrive.
   */
  #settle(at: number): void {
    const picture = this.#looks.at(-1)?.picture
    if (picture === undefined || this.#waiting.length === 0) return
    const { effects, last, pictures } = this.truth
    this.#waiting = this.#waiting.filter((key) => {
      for (let m = last[key] ?? 0; m <= this.#newest(); m++) {
        const arrived = (this.#produced[m] ?? Infinity) + this.rtt / 2
        if (arrived > at) return true
        const truth = pictures[m] as Picture
        const effect = effects[key]
        const same =
          effect?.kind === "elsewhere"
            ? effect.cells.every(({ row, column }) => picture.rows[row]?.[column] === truth.rows[row]?.[column])
            : sameAtCaret(picture, truth)
        if (!same) continue
        this.#shown[key] = Math.max(arrived, this.#looks.at(-1)?.at ?? 0)
        return false
      }
      return true
    })
  }

  /** Finds what is wrong in a picture, and what of it is new. */
  #judge({ at, key, picture }: Look): void {
    const before = this.#judged
    this.#judged = picture
    // Nothing has been predicted yet.
    if (key < 0) return
    const window = this.#window(key, at)
    const wrong = new Set<number>()
    const fresh: Array<Cell> = []
    // A line that output above it moves is right at its old place, too.
    const isLineRight = window.some((truth) => sameLine(picture, truth))
    for (let row = hasBar(picture) ? 1 : 0; row < picture.rows.length; row++) {
      const from = isLineRight && row === picture.caret.row ? picture.caret.column : 0
      this.#judgeRow(picture, before, row, from, window, wrong, fresh)
    }
    const moved = before === undefined || !sameCaret(picture, before)
    const isCaretRight = !picture.caret.visible || isLineRight || this.#isCaretRight(picture, window)
    const wrongCaret = (moved || this.#wrongCaret) && !isCaretRight
    const freshCaret = wrongCaret && moved
    this.#wrong = wrong
    this.#wrongCaret = wrongCaret
    if (fresh.length > 0 || freshCaret) {
      this.#wrongKeys.add(key)
      const produced = this.#produced.findLastIndex((time) => time <= at)
      this.#mistakes.push({ at, key, picture, cells: fresh, caret: freshCaret, produced })
      this.#wrongCells += fresh.length
      if (freshCaret) this.#wrongCarets++
    }
    if (wrong.size > 0 || wrongCaret) this.#wrongSince ??= at
    else if (this.#wrongSince !== undefined) {
      this.#repairs.push(at - this.#wrongSince)
      this.#wrongSince = undefined
    }
  }

  /** The truths that a picture may show: screens that the client may have received, and those that the typed keys lead to. */
  #window(key: number, at: number): ReadonlyArray<Picture> {
    while ((this.#produced[this.#oldest + 1] ?? Infinity) < at - this.rtt - PATIENCE) this.#oldest++
    return Array.from(screens(this.truth, this.#oldest, this.truth.latest[key] ?? settled(this.truth, key)))
  }

  /** A cell that was right and has not changed remains right: it may be old because the network is slow. */
  #judgeRow(
    picture: Picture,
    before: Picture | undefined,
    row: number,
    from: number,
    window: ReadonlyArray<Picture>,
    wrong: Set<number>,
    fresh: Array<Cell>
  ): void {
    const text = picture.rows[row] ?? []
    const was = before?.rows[row]
    if (window.some(({ rows }) => rows[row] === text)) return
    for (let column = from; column < text.length; column++) {
      const id = row * text.length + column
      const changed = was?.[column] !== text[column]
      if (!changed && !this.#wrong.has(id)) continue
      if (window.some(({ rows }) => rows[row]?.[column] === text[column])) continue
      wrong.add(id)
      if (changed) fresh.push({ row, column })
    }
  }

  #isCaretRight(picture: Picture, window: ReadonlyArray<Picture>): boolean {
    return window.some((truth) => truth.caret.visible && sameCaret(truth, picture))
  }
}

const sameCaret = ({ caret: a }: Picture, { caret: b }: Picture): boolean => a.row === b.row && a.column === b.column
