import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as EscapeKey from "../../../src/domain/client/EscapeKey.ts"
import * as Typing from "../../../src/domain/client/Typing.ts"

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
/** Bytes in which keys that mean something are common. */
const Key = Schema.Literals([0x1e, 0x5e, 0x7e, 0x69, 0x3f, 0x0d, 0x0a, 0x0c, 0x1a, 0x61, 0x64, 0x04, 0x43, 0x23])
const Typed = Schema.Array(Schema.Union([Key, Byte]))
const Setting = Schema.Literals(["~", "", "\x01", "\x1e", "a", "i", "?", "\t"])

const run = (key: EscapeKey.EscapeKey | undefined, pieces: ReadonlyArray<ReadonlyArray<number>>) => {
  let state = Typing.initial(key)
  const actions: Array<Typing.Action> = []
  for (const piece of pieces) {
    const [next, more] = Typing.step(state, Uint8Array.from(piece))
    state = next
    actions.push(...more)
    if (more.at(-1)?._tag === "Quit") break
  }
  return { state, actions }
}

/** What was done, with neighbouring bytes joined: a list of bytes and commands. */
const flat = (actions: ReadonlyArray<Typing.Action>): ReadonlyArray<number | string> =>
  actions.flatMap((action): ReadonlyArray<number | string> =>
    action._tag === "Send" ? Array.from(action.bytes) : action._tag === "Repaint" ? [] : [action._tag]
  )

const sent = (actions: ReadonlyArray<Typing.Action>): ReadonlyArray<number> =>
  flat(actions).filter((item) => typeof item === "number")

describe("Typing", () => {
  it.prop("does the same however the bytes are cut", { typed: Typed, setting: Setting }, ({ typed, setting }) => {
    const key = EscapeKey.parse(setting)
    const whole = run(key, [typed])
    const single = run(
      key,
      typed.map((byte) => [byte])
    )
    expect(flat(single.actions)).toEqual(flat(whole.actions))
    expect(single.state).toEqual(whole.state)
  })

  it.prop("sends everything when there is no escape key", { typed: Typed }, ({ typed }) => {
    expect(sent(run(undefined, [typed]).actions)).toEqual(typed)
  })

  it.prop("loses and reorders nothing that is no command", { typed: Typed }, ({ typed }) => {
    const key = EscapeKey.parse(undefined) as EscapeKey.EscapeKey
    // With no command or pass key in it, every byte is sent, but for an escape key that still waits.
    const plain = typed.filter((byte) => ![0x2e, 0x1a, 0x69, 0x3f, 0x5e, 0x64, 0x04, 0x43, 0x23].includes(byte))
    const { actions, state } = run(key, [plain])
    expect(sent(actions)).toEqual(state.escaped ? plain.slice(0, -1) : plain)
  })

  it.prop("shows the help exactly while a command is awaited", { typed: Typed }, ({ typed }) => {
    const { actions, state } = run(EscapeKey.parse(undefined), [typed])
    let shown = false
    for (const { _tag } of actions) {
      if (_tag === "ShowHelp" || _tag === "HideHelp") {
        expect(shown).toBe(_tag === "HideHelp")
        shown = _tag === "ShowHelp"
      }
    }
    expect(shown).toBe(state.escaped)
  })

  const typed = (text: string, setting?: string) =>
    flat(run(EscapeKey.parse(setting), [Array.from(new TextEncoder().encode(text))]).actions).map((item) =>
      typeof item === "number" ? String.fromCharCode(item) : item
    )

  it("obeys the escape key in every encoding, and passes all other keys on as they are", () => {
    expect(typed("a\x1b[54;6u.b")).toEqual(["a", "ShowHelp", "HideHelp", "Quit"])
    expect(typed("\x1b[94;5u\x1b[94;5:3u\x1b[57442;1:3u\x1b[46u")).toEqual(["ShowHelp", "HideHelp", "Quit"])
    expect(typed("\x1b[27;6;94~d")).toEqual(["ShowHelp", "HideHelp", "Detach"])
    expect(typed("\x1b[94;5u\x1b[122;5u")).toEqual(["ShowHelp", "HideHelp", "Suspend"])
    expect(typed("\x1b[94;5u^")).toEqual(["ShowHelp", "HideHelp", "\x1e"])
    const others = "\x1b[99;5u\x1b[97;1:3u\x1b[A\x1b[27;2;13~\x1b[1;1:3A"
    expect(typed(others).join("")).toBe(others)
    expect(typed(`\x1b[94;5u\x1b[120;5u`)).toEqual(["ShowHelp", "HideHelp", ...`\x1e\x1b[120;5u`])
    expect(run(EscapeKey.parse(undefined), [Array.from(Buffer.from("\x1b[108;5u"))]).actions.at(-1)).toEqual({
      _tag: "Repaint"
    })
  })

  it("obeys the escape key's commands", () => {
    expect(typed("a\x1e.b")).toEqual(["a", "ShowHelp", "HideHelp", "Quit"])
    expect(typed("\x1e\x1ab")).toEqual(["ShowHelp", "HideHelp", "Suspend", "b"])
    expect(typed("\x1e^")).toEqual(["ShowHelp", "HideHelp", "\x1e"])
    expect(typed("\x1e\x1e")).toEqual(["ShowHelp", "HideHelp", "\x1e", "\x1e"])
    expect(typed("\x1eib")).toEqual(["ShowHelp", "HideHelp", "ToggleStatus", "b"])
    expect(typed("\x1e?")).toEqual(["ShowHelp", "HideHelp", "ToggleStatus"])
    expect(typed("\x1edb")).toEqual(["ShowHelp", "HideHelp", "Detach", "b"])
    expect(typed("\x1e\x04")).toEqual(["ShowHelp", "HideHelp", "Detach"])
    expect(typed("\x1ex")).toEqual(["ShowHelp", "HideHelp", "\x1e", "x"])
    expect(typed("\x01A", "\x01")).toEqual(["ShowHelp", "HideHelp", "\x01"])
    expect(typed("\x01a", "\x01")).toEqual(["ShowHelp", "HideHelp", "\x01"])
  })

  it("opens a command line, which takes what is typed until Enter", () => {
    const commands = (text: string, setting?: string) =>
      run(EscapeKey.parse(setting), [Array.from(Buffer.from(text))]).actions.flatMap(
        (action): ReadonlyArray<string | ReadonlyArray<string | undefined>> =>
          action._tag === "Send"
            ? [Buffer.from(action.bytes).toString()]
            : action._tag === "Command" || action._tag === "EditCommand"
              ? [[action._tag, action.text]]
              : action._tag === "ListForwardings"
                ? [action._tag]
                : []
      )
    expect(commands("a\x1eCx\x7f-\x1b[AD 1\rb")).toEqual([
      "a",
      ["EditCommand", ""],
      ["EditCommand", "x"],
      ["EditCommand", ""],
      ["EditCommand", "-"],
      ["EditCommand", "-D"],
      ["EditCommand", "-D "],
      ["EditCommand", "-D 1"],
      ["EditCommand", undefined],
      ["Command", "-D 1"],
      "b"
    ])
    expect(commands("\x1eCx\x03\x1eC\r\x1e#c")).toEqual([
      ["EditCommand", ""],
      ["EditCommand", "x"],
      ["EditCommand", undefined],
      ["EditCommand", ""],
      ["EditCommand", undefined],
      "ListForwardings",
      "c"
    ])
    expect(commands("\rCC\r##", "C")).toEqual(["\r", "C", "\r##"])
    const long = run(EscapeKey.parse(undefined), [[0x1e, 0x43, ...Array<number>(1000).fill(0x61)]]).state
    expect(long.command?.text.length).toBe(400)
  })

  it("passes an escape key that is a status key itself", () => {
    expect(typed("\rii\ri?", "i")).toEqual([
      "\r",
      "ShowHelp",
      "HideHelp",
      "i",
      "\r",
      "ShowHelp",
      "HideHelp",
      "ToggleStatus"
    ])
    expect(typed("\r??\r?i", "?")).toEqual([
      "\r",
      "ShowHelp",
      "HideHelp",
      "?",
      "\r",
      "ShowHelp",
      "HideHelp",
      "ToggleStatus"
    ])
    expect(typed("\r~irene\r~?", "~").filter((item) => item === "ToggleStatus")).toHaveLength(1)
    expect(typed("\ti\t?", "\t")).toEqual(["ShowHelp", "HideHelp", "\t", "ShowHelp", "HideHelp", "ToggleStatus"])
  })

  it("takes a printable escape key only right after a line end", () => {
    expect(typed("~.", "~")).toEqual(["~", "."])
    expect(typed("\r~.", "~")).toEqual(["\r", "ShowHelp", "HideHelp", "Quit"])
    expect(typed("\n~~.", "~")).toEqual(["\n", "ShowHelp", "HideHelp", "~", "."])
    expect(typed("\n~\r~.", "~")).toEqual(["\n", "ShowHelp", "HideHelp", "~", "\r", "ShowHelp", "HideHelp", "Quit"])
  })

  it("detaches by a printable escape key and Ctrl-D only, because ~d may begin the name of a home directory", () => {
    expect(typed("\r~dave", "~")).not.toContain("Detach")
    expect(typed("\r~\x04", "~").at(-1)).toBe("Detach")
    expect(typed("\rdd\rd\x04", "d")).toEqual([
      "\r",
      "ShowHelp",
      "HideHelp",
      "d",
      "\r",
      "ShowHelp",
      "HideHelp",
      "Detach"
    ])
  })

  it("redraws for Ctrl-L, which is sent too", () => {
    const { actions } = run(undefined, [[0x61, 0x0c]])
    expect(actions.map(({ _tag }) => _tag)).toEqual(["Send", "Repaint"])
  })
})

describe("EscapeKey", () => {
  it("refuses what would make a terminal unusable", () => {
    for (const setting of [undefined, "\x03", "\x04", "\n", "\f", "\r", "ab", "é", "\x80"])
      expect(EscapeKey.parse(setting)?.byte).toBe(0x1e)
    expect(EscapeKey.parse("")).toBe(undefined)
  })

  it("lists its commands, with the keys for the status and for detaching", () => {
    const words = (setting: string | undefined) => {
      const key = EscapeKey.parse(setting) as EscapeKey.EscapeKey
      return [EscapeKey.help(key), EscapeKey.quitHint(key)]
    }
    const help = (detach: string, info: string, pass: string, name: string) =>
      `Ctrl-Z suspends, "." quits, ${detach} detaches, "${info}" info, "${pass}" types ${name}`
    expect(words(undefined)).toEqual([help('"d"', "i", "^", "Ctrl-^"), "[To quit: Ctrl-^ .]"])
    expect(words("\x01")).toEqual([help('"d"', "i", "A", "Ctrl-A"), "[To quit: Ctrl-A .]"])
    expect(words("\t")).toEqual([help('"d"', "?", "I", "Ctrl-I"), "[To quit: Ctrl-I .]"])
    expect(words("~")).toEqual([help("Ctrl-D", "?", "~", '"~"'), '[To quit: "~" .]'])
    expect(words("i")).toEqual([help("Ctrl-D", "?", "i", '"i"'), '[To quit: "i" .]'])
  })

  it("lists its commands within 80 columns, whatever the key", () => {
    for (let byte = 1; byte < 128; byte++) {
      const key = EscapeKey.parse(String.fromCharCode(byte)) as EscapeKey.EscapeKey
      expect(`mosh: ${EscapeKey.help(key)}`.length).toBeLessThanOrEqual(80)
      expect(key.statusKeys).not.toHaveLength(0)
      for (const pass of key.passKeys) expect(key.statusKeys).not.toContain(pass)
    }
  })
})
