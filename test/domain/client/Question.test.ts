import { describe, expect, it } from "@effect/vitest"
import * as Question from "../../../src/domain/client/Question.ts"

const encoder = new TextEncoder()
const type = (question: Question.Question, text: string): Question.Step => Question.step(question, encoder.encode(text))
const typing = (step: Question.Step): Question.Question =>
  step._tag === "Typing" ? step.question : expect.fail("answered")

describe("Question", () => {
  it("never shows what is typed, except for a choice between words", () => {
    const password = typing(type(Question.make("user@host's password: "), "geheim"))
    expect(Question.text(password)).toBe("user@host's password: _")
    const choice = Question.make("The key is unknown.\nContinue connecting (yes/no/[fingerprint])? ")
    expect(Question.text(typing(type(choice, "ye")))).toBe(
      "The key is unknown.\nContinue connecting (yes/no/[fingerprint])? ye_"
    )
  })

  it("takes the answer up to Enter, edited, and leaves the rest for the session", () => {
    const question = Question.make("?")
    const answered = type(typing(type(question, "wrong\u0015pä")), "\u007f\u007fsecret\rls")
    expect(answered._tag === "Answered" && Buffer.from(answered.answer).toString()).toBe("secret")
    expect(answered._tag === "Answered" && Buffer.from(answered.rest).toString()).toBe("ls")
    expect(type(question, "ab\u0003ls")).toMatchObject({ _tag: "Declined", rest: encoder.encode("ls") })
  })

  it("shows a prompt that cannot control the terminal, of bounded size", () => {
    const { prompt } = Question.make(`${"line\n".repeat(50)}\u001b]0;title\u0007${"x".repeat(1000)}`)
    expect(prompt).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
    expect(prompt.split("\n").length).toBeLessThanOrEqual(6)
    expect(prompt.length).toBeLessThanOrEqual(6 * 301)
    const long = typing(type(Question.make("?"), "y".repeat(10_000)))
    expect(long.typed.length).toBe(Question.MAX_LENGTH)
  })
})
