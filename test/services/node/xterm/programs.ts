/**
 * Generated programs: output from plain text to nonsense, in pieces between which the screen is read or resized.
 */
import * as Schema from "effect/Schema"

const number = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const TEXTS = [
  "a",
  "hello, world",
  "日本語",
  "e\u0301a\u0300\u0323",
  "\u0301",
  "👩\u200d💻",
  "\u{1f1e9}\u{1f1ea}",
  "x".repeat(30),
  "漢".repeat(13),
  "\ufeff\u0378\u00ad",
  "\t",
  "\r\n",
  "\n",
  "\b\b",
  "\r",
  "\x07",
  "\x0e",
  "\x0f",
  "\x1b(0",
  "\x1b(B",
  "\x7f"
] as const

const SGR = ["", "1", "2", "3", "4", "4:3", "5", "7", "8", "9", "21", "22", "24", "27", "53", "31", "44", "97", "59"]
const COLORS = ["38;5;200", "48;5;17", "38;2;1;2;3", "48;2;255;255;255", "58;5;9", "58:2::9:8:7", "39", "49"]
const MODES = [
  1, 3, 5, 6, 7, 9, 25, 45, 47, 69, 1000, 1002, 1003, 1004, 1006, 1007, 1015, 1016, 1047, 1048, 1049, 2004, 2026
]
const ESCAPES = ["7", "8", "c", "D", "E", "H", "M", "6", "9", "=", ">", "#8", "n", "}", "%G"]
const STRINGS = [
  "]0;title",
  "]1;icon",
  "]2;ttl\u{1f600}",
  "]8;;http://a/",
  "]8;id=1;http://b/",
  "]8;;",
  "]52;c;aGVsbG8=",
  "]52;pc;YQ==",
  "]52;c;?",
  "]52;;!",
  "]4;1;?",
  "]11;?",
  "P$qm",
  "P+q544e",
  "_apc",
  "^pm"
]
const CSI = "@ABCDEFGHIJKLMPSTXZ`abcdefghilmnpqrstu"

const Piece = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("text"), value: Schema.Literals(TEXTS) }),
  Schema.Struct({ kind: Schema.Literal("move"), row: number(1, 14), column: number(1, 40) }),
  Schema.Struct({ kind: Schema.Literal("region"), top: number(0, 12), bottom: number(0, 14) }),
  Schema.Struct({ kind: Schema.Literal("edit"), final: Schema.Literals([..."@JKLMPSTXb"]), count: number(0, 15) }),
  Schema.Struct({ kind: Schema.Literal("csi"), final: Schema.Literals([...CSI]), a: number(0, 70), b: number(0, 70) }),
  Schema.Struct({ kind: Schema.Literal("huge"), final: Schema.Literals([...CSI]), count: number(1000, 2 ** 31) }),
  Schema.Struct({ kind: Schema.Literal("sgr"), value: Schema.Literals([...SGR, ...COLORS]) }),
  Schema.Struct({ kind: Schema.Literal("mode"), mode: Schema.Literals(MODES), on: Schema.Boolean }),
  Schema.Struct({ kind: Schema.Literal("insert"), on: Schema.Boolean }),
  Schema.Struct({ kind: Schema.Literal("escape"), value: Schema.Literals(ESCAPES) }),
  Schema.Struct({ kind: Schema.Literal("string"), value: Schema.Literals(STRINGS), bell: Schema.Boolean }),
  Schema.Struct({
    kind: Schema.Literal("columns"),
    final: Schema.Literals(["'}", "'~", " @", " A", "$v", "$x", "$z", "${", "$r", "$t", "*x", "*y", '"q']),
    count: number(0, 9)
  }),
  Schema.Struct({ kind: Schema.Literal("bytes"), bytes: Schema.Array(number(0, 255)) })
])
type Piece = typeof Piece.Type

const encode = (piece: Piece): string | ReadonlyArray<number> => {
  switch (piece.kind) {
    case "text":
      return piece.value
    case "move":
      return `\x1b[${piece.row};${piece.column}H`
    case "region":
      return `\x1b[${piece.top};${piece.bottom}r`
    case "edit":
      return `\x1b[${piece.count}${piece.final}`
    case "csi":
      return `\x1b[${piece.a};${piece.b}${piece.final}`
    case "huge":
      return `\x1b[${piece.count}${piece.final}`
    case "sgr":
      return `\x1b[${piece.value}m`
    case "mode":
      return `\x1b[?${piece.mode}${piece.on ? "h" : "l"}`
    case "insert":
      return `\x1b[4${piece.on ? "h" : "l"}`
    case "escape":
      return `\x1b${piece.value}`
    case "string":
      return `\x1b${piece.value}${piece.bell ? "\x07" : "\x1b\\"}`
    case "columns":
      return `\x1b[${piece.count}${piece.final}`
    case "bytes":
      return piece.bytes
  }
}

export const bytesOf = (pieces: ReadonlyArray<Piece>): Uint8Array =>
  Buffer.concat(
    pieces.map((piece) => {
      const encoded = encode(piece)
      return typeof encoded === "string" ? Buffer.from(encoded) : Buffer.from(encoded)
    })
  )

/** Some output, and then perhaps another size. */
const Step = Schema.Struct({
  output: Schema.Array(Piece),
  size: Schema.UndefinedOr(Schema.Struct({ columns: number(1, 40), rows: number(1, 14) }))
})

export const Steps = Schema.Array(Step)
export type Steps = typeof Steps.Type
