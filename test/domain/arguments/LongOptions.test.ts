import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as LongOptions from "../../../src/domain/arguments/LongOptions.ts"

type Id = "always" | "overwrite" | "port" | "predict" | "ssh" | "ssh-pty" | "local"
const known: ReadonlyArray<LongOptions.LongOption<Id>> = [
  { id: "always", names: ["a"], kind: "flag" },
  { id: "overwrite", names: ["predict-overwrite", "o"], kind: "negatable" },
  { id: "predict", names: ["predict"], kind: "value" },
  { id: "port", names: ["port", "p"], kind: "value" },
  { id: "ssh", names: ["ssh"], kind: "value" },
  { id: "ssh-pty", names: ["ssh-pty"], kind: "negatable" },
  { id: "local", names: ["local"], kind: "flag" }
]

const parse = (...line: ReadonlyArray<string>) => LongOptions.parse(known, line)
const told = (...line: ReadonlyArray<string>): string =>
  Result.match(parse(...line), {
    onFailure: (problem) => problem,
    onSuccess: ({ operands, options }) =>
      [
        ...options.map((option) =>
          option._tag === "Flag" ? `${option.on ? "" : "no "}${option.id}` : `${option.id}=${option.value}`
        ),
        "|",
        ...operands
      ].join(" ")
  })

const Operand = Schema.String.check(Schema.isPattern(/^[^-]/))
const Value = Schema.NonEmptyString
const Option = Schema.Union([
  Schema.TaggedStruct("Flag", {
    id: Schema.Literals(["always", "local", "overwrite", "ssh-pty"]),
    on: Schema.Literal(true)
  }),
  Schema.TaggedStruct("Flag", { id: Schema.Literals(["overwrite", "ssh-pty"]), on: Schema.Literal(false) }),
  Schema.TaggedStruct("Value", { id: Schema.Literals(["port", "ssh", "predict"]), value: Value })
])
const Spelling = Schema.Struct({
  option: Option,
  dashes: Schema.Literals(["-", "--"]),
  attached: Schema.Boolean,
  capitals: Schema.Boolean,
  negation: Schema.Literals(["no", "no-"])
})

const spell = ({ attached, capitals, dashes, negation, option }: typeof Spelling.Type): ReadonlyArray<string> => {
  const name = known.find(({ id }) => id === option.id)?.names[0] ?? ""
  const negated = option._tag === "Flag" && !option.on ? negation + name : name
  const word = dashes + (capitals ? negated.toUpperCase() : negated)
  if (option._tag === "Flag") return [word]
  return attached ? [`${word}=${option.value}`] : [word, option.value]
}

describe("LongOptions", () => {
  it.prop(
    "reads back every spelling, among operands, in order",
    [Schema.Array(Schema.Union([Operand, Spelling])), Schema.Array(Schema.String)],
    ([items, rest]) => {
      const line = items.flatMap((item) => (typeof item === "string" ? [item] : spell(item)))
      expect(parse(...line, "--", ...rest)).toEqual(
        Result.succeed({
          options: items.flatMap((item) => (typeof item === "string" ? [] : [item.option])),
          operands: [...items.filter((item) => typeof item === "string"), ...rest],
          beforeEnd: items.filter((item) => typeof item === "string").length
        })
      )
    }
  )

  it.prop(
    "is total",
    [Schema.Array(Schema.Union([Schema.String, Schema.TemplateLiteral(["-", Schema.String])]))],
    ([line]) => {
      const read = parse(...line)
      if (Result.isFailure(read)) expect(read.failure).not.toBe("")
      else expect(read.success.operands.length).toBeLessThanOrEqual(line.length)
    }
  )

  // Each as Perl's Getopt::Long reads it.
  it.each([
    [["-p=5", "x"], "port=5 | x"],
    [["--noo", "x"], "no overwrite | x"],
    [["--no-o", "x"], "no overwrite | x"],
    [["--no-predict-o", "x"], "no overwrite | x"],
    [["--nopredict-o", "x"], "no overwrite | x"],
    [["--ssh", "y"], "ssh=y |"],
    [["--ssh-p", "y"], "ssh-pty | y"],
    [["--no-ssh", "y"], "no ssh-pty | y"],
    [["--no-s"], "no ssh-pty |"],
    [["--p", "x"], "port=x |"],
    [["--predict-", "x"], "overwrite | x"],
    [["-p", "--", "q"], "port=-- | q"],
    [["-p", "--port", "q"], "port=--port | q"],
    [["--ssh=a=b", "q"], "ssh=a=b | q"],
    [["--LOCAL", "-A", "q"], "local always | q"],
    [["a", "--", "b", "--", "c"], "| a b -- c"],
    [["-", "a"], "| - a"],
    [["--port", "", "q"], "port= | q"]
  ])("%j", (line, meaning) => {
    expect(told(...line)).toBe(meaning)
  })

  it.each([
    [["-p5"], "There is no option --p5."],
    [["-an"], "There is no option --an."],
    [["---port"], "There is no option ---port."],
    [["--no-a"], "There is no option --no-a."],
    [["-="], "There is no option --."],
    [["--pre", "x"], "The option --pre could be any of --predict-overwrite, --predict."],
    [["--s"], "The option -s could be any of --ssh, --ssh-pty."],
    [["--port"], "The option --port needs a value."],
    [["--port=", "q"], "The option --port needs a value."],
    [["-a=1"], "The option -a takes no value."],
    [["--ssh-pty="], "The option --ssh-pty takes no value."]
  ])("%j is refused", (line, problem) => {
    expect(parse(...line)).toEqual(Result.fail(problem))
  })
})
