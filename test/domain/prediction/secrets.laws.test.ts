/**
 * The laws of passwords: whatever programs do with the terminal, and whatever the network does, no character of a secret is
 * shown before the server shows it.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { type Press, PromptingSession, type Turn } from "./prompting.ts"

const PROMPT = "user@host:~$ "

const Turns = Schema.Array(
  Schema.Struct({
    // Those whose terminal the server cannot see (`relayed`) have a law of their own.
    reads: Schema.Literals(["kernel", "editor", "editor", "secret", "secret", "silent", "hidden"]),
    // Programs imitate the prompts of others.
    prompt: Schema.Literals([PROMPT, PROMPT, "password: ", "", "  "]),
    after: Schema.Literals([0, 1, 5, 30, 150, 600]),
    flagsAfterPrompt: Schema.Literals([-20, -1, 0, 1, 12, 60, 400]),
    marks: Schema.UndefinedOr(Schema.Literals([0, -3, 2])),
    timeout: Schema.UndefinedOr(Schema.Literals([40, 300, 1500]))
  })
)
const Presses = Schema.Array(
  Schema.Struct({
    key: Schema.Literals(["letter", "letter", "letter", "letter", "\r", "\x7f"]),
    pause: Schema.Literals([0, 10, 40, 90, 200, 700, 1500])
  })
)
const Weather = Schema.Struct({
  rtt: Schema.Literals([2, 30, 100, 400]),
  delays: Schema.Array(Schema.Literals([0, 0, 0, 5, 40, 200, -1])),
  samples: Schema.NonEmptyArray(Schema.Literals([1, 3, 20, 90]))
})

/** Each line at leisure: a user who types when they see the prompt. */
const line = (letters: number): ReadonlyArray<Press> => [
  { key: "letter", pause: 1500 },
  ...Array.from({ length: letters - 1 }, () => ({ key: "letter", pause: 90 }) as const),
  { key: "\r", pause: 1500 }
]

const turn = (reads: Turn["reads"], more: Partial<Turn> = {}): Turn => ({
  reads,
  prompt: PROMPT,
  after: 5,
  flagsAfterPrompt: -1,
  timeout: undefined,
  ...more
})

const CALM = { rtt: 300, delays: [], samples: [3] }

const play = (session: PromptingSession, presses: ReadonlyArray<Press>): PromptingSession => {
  session.wait(1500)
  for (const press of presses) session.press(press)
  session.wait(3000)
  return session
}

describe("passwords", () => {
  it.prop(
    "are never shown, whoever asks for them, however the flags are switched, over any network",
    { turns: Turns, presses: Presses, weather: Weather, preference: Schema.Literals(["adaptive", "always"]) },
    ({ preference, presses, turns, weather }) => {
      expect(play(new PromptingSession(turns, weather, preference), presses).leaked).toBe(0)
    },
    { arbitrary: { runs: 400 } }
  )

  it.prop(
    "are never shown after many lines that were echoed at the same prompt",
    { turns: Turns, presses: Presses, weather: Weather },
    ({ presses, turns, weather }) => {
      const lines = [turn("editor"), turn("editor"), turn("editor"), turn("kernel")]
      const taught = lines.flatMap(() => line(3))
      const session = new PromptingSession([...lines, ...turns], weather, "adaptive")
      expect(play(session, [...taught, ...presses]).leaked).toBe(0)
    },
    { arbitrary: { runs: 150 } }
  )

  it.prop(
    "are never shown if they are typed before a program in another terminal has prompted",
    {
      after: Schema.Literals([5, 150, 600]),
      prompt: Schema.Literals([PROMPT, "password: "]),
      pauses: Schema.Array(Schema.Literals([10, 40, 90, 90, 200])),
      weather: Weather
    },
    ({ after, pauses, prompt, weather }) => {
      const turns = [turn("editor"), turn("editor"), turn("relayed", { after, prompt }), turn("secret")]
      const ahead = pauses.map((pause) => ({ key: "letter", pause }) as const)
      const presses = [...line(3), ...line(3).slice(0, -1), { key: "\r", pause: 40 } as const, ...ahead]
      expect(play(new PromptingSession(turns, weather, "always"), presses).leaked).toBe(0)
    },
    { arbitrary: { runs: 150 } }
  )

  it("are not shown where random programs once showed them", () => {
    const press = (keys: string): ReadonlyArray<Press> =>
      Array.from(keys.matchAll(/([a\r\x7f])(\d+)/g), ([, key, pause]) => ({
        key: key === "a" ? "letter" : (key as "\r"),
        pause: Number(pause)
      }))
    const lines = [turn("editor"), turn("editor"), turn("editor"), turn("kernel")]
    const password = "password: "
    const late = { flagsAfterPrompt: 12, prompt: password }
    const plays: ReadonlyArray<readonly [ReadonlyArray<Turn>, string, number]> = [
      // Letters are typed before the program switches echo off, and the kernel echoes the first one.
      [[turn("secret", { flagsAfterPrompt: 400 }), turn("silent", { flagsAfterPrompt: 400 })], "\r90a90a200", 100],
      // The letter and Enter before it show in one frame.
      [[turn("kernel"), turn("secret")], "a200\x7f40\r0a40a1500", 100],
      // A prompt that gives up is followed by one that looks the same.
      [[turn("kernel", { timeout: 1500, prompt: password }), turn("secret", late)], "a90\x7f200a10", 30],
      [[turn("kernel", { timeout: 1500 }), turn("secret", { ...late, flagsAfterPrompt: 60 })], "a40a200a1500", 2],
      [[turn("secret", { timeout: 300 }), turn("kernel", late)], "a200", 400]
    ]
    // The kernel echoes a letter that is typed ahead, and the screen that shows it is the first with the program's own flags.
    const ahead = [turn("editor", { after: 1, flagsAfterPrompt: -20 }), turn("silent", { flagsAfterPrompt: 12 })]
    const lossy = new PromptingSession(ahead, { rtt: 30, delays: [0, -1], samples: [20] }, "always")
    expect(play(lossy, press("\r10a700a0")).leaked).toBe(0)
    // A program that the kernel echoes for gives up, and the shell reads hidden input at the same prompt.
    const given = [turn("kernel", { ...late, timeout: 300 }), turn("hidden", { prompt: password, after: 1 })]
    const lost = new PromptingSession(given, { rtt: 30, delays: [-1], samples: [3] }, "adaptive")
    expect(play(lost, press("a700")).leaked).toBe(0)
    // The same, and a letter is typed while the program that prompts next has not switched echo off.
    const slow = [turn("kernel", { timeout: 1500, flagsAfterPrompt: 0 }), turn("secret", { flagsAfterPrompt: 400 })]
    const again = new PromptingSession(slow, { rtt: 100, delays: [-1], samples: [3, 90] }, "adaptive")
    expect(play(again, press("a700a40")).leaked).toBe(0)
    // The same, after its echo was seen, and with a line editor's report before the screen shows the next prompt.
    const left = [
      turn("kernel", { prompt: "user@host:~$ ", after: 600, flagsAfterPrompt: 0, marks: -3, timeout: 1500 }),
      turn("hidden", { prompt: "", after: 5, flagsAfterPrompt: 60, marks: 0 })
    ]
    const reported = new PromptingSession(left, { rtt: 2, delays: [0, 200], samples: [20, 90, 90] }, "always")
    expect(play(reported, press("a200\x7f700a90a10")).leaked).toBe(0)
    // Another terminal's kernel echoes what is typed ahead, in the same frame as its prompt, or as the effect of Enter.
    const relay = [turn("editor"), turn("editor"), turn("relayed", { after: 150 }), turn("secret")]
    for (const [keys, weather] of [
      ["\r40a200a200", { rtt: 30, delays: [-1], samples: [1] }],
      ["\r40a90a40a90", { rtt: 2, delays: [0, -1, -1], samples: [3] }]
    ] as const) {
      const relayed = new PromptingSession(relay, weather, "always")
      expect(play(relayed, [...line(3), ...line(3).slice(0, -1), ...press(keys)]).leaked).toBe(0)
    }
    // The kernel echoes a letter that is typed ahead, and Backspace removes it, in one frame with the Enter before them.
    const removed = [
      turn("editor", { prompt: password, flagsAfterPrompt: 0 }),
      turn("secret", { prompt: "", after: 1, flagsAfterPrompt: 1 })
    ]
    const together = new PromptingSession(removed, { rtt: 400, delays: [0, 200, -1], samples: [90] }, "always")
    expect(play(together, press("\x7f10a10a10a700a700\r40a40\x7f40a10")).leaked).toBe(0)
    for (const [turns, keys, rtt] of plays) {
      const session = new PromptingSession([...lines, ...turns], { ...CALM, rtt }, "adaptive")
      expect(play(session, [...lines.flatMap(() => line(3)), ...press(keys)]).leaked).toBe(0)
    }
  })

  it("the first letter is shown at once at a prompt that has echoed before, and where the kernel echoes", () => {
    const turns = [turn("editor"), turn("editor"), turn("kernel", { prompt: "name? " }), turn("secret"), turn("editor")]
    const session = play(new PromptingSession(turns, CALM, "adaptive"), [])
    const shown = turns.map(() => {
      const before = session.ahead
      for (const press of line(1)) session.press(press)
      return session.ahead - before
    })
    expect(shown).toEqual([0, 1, 1, 0, 1])
    expect(session.leaked).toBe(0)
  })
})
