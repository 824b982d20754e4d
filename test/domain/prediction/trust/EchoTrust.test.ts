import { describe, expect, it } from "@effect/vitest"
import * as FramePatch from "../../../../src/domain/display/FramePatch.ts"
import * as Prediction from "../../../../src/domain/prediction/Prediction.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"
import type { InputEcho } from "../../../../src/domain/terminal/InputEcho.ts"
import { textOf } from "../host.ts"

/** A client, and the frames that the test lets it receive. */
const start = () => {
  let state = Prediction.initial({ preference: "always", overwrite: false }, Frame.blank({ columns: 40, rows: 4 }))
  let { frame } = state
  let now = 0
  let sent = 0n
  const step = (input: Prediction.Input): void => {
    const [next] = Prediction.machine.step(state, input, (now += 200))
    state = next
  }
  const client = {
    type: (keys: string): string => {
      for (const key of keys) step({ _tag: "Typed", bytes: new TextEncoder().encode(key), sent: sent++ })
      return client.shown()
    },
    /** The server printed text, has typed the client's states up to `input`, and acknowledges those up to `echoed`. */
    receive: (printed: string, echo: InputEcho, input: number, echoed = input, place = 0, column?: number): string => {
      frame = FramePatch.patch(frame, printed)
      const report = { echo, place, input: BigInt(input), ...(column !== undefined && { column }) }
      step({ _tag: "Received", frame, echoed: BigInt(echoed), report })
      return client.shown()
    },
    /** The last row that is not blank. */
    shown: (): string => [0, 1, 2, 3].map((row) => textOf(state.picture, row)).findLast((text) => text !== "") ?? "",
    isUnpredicted: (): boolean => state.picture === state.frame,
    caretColumn: (): number => state.picture.cursor.column
  }
  return client
}

/** A client at its second prompt, after it has seen an echo at the first one, of key 1; key 2 was Enter. */
const atKnownPrompt = () => {
  const client = start()
  client.receive("$ ", "LineEditor", 0, 0, 1)
  expect(client.type("l")).toBe("$")
  expect(client.receive("l", "LineEditor", 0, 1, 1)).toBe("$ l")
  client.type("\r")
  return client
}

describe("EchoTrust", () => {
  it("shows the first key at a known prompt, if the report is newer than the Enter before it", () => {
    for (const [input, shown] of [
      [1, "$"],
      [2, "$ x"]
    ] as const) {
      const client = atKnownPrompt()
      client.receive("\r\n$ ", "LineEditor", input, 2, 1)
      expect(client.type("x")).toBe(shown)
    }
  })

  it("shows nothing that is typed before a program in another terminal has prompted, though its kernel echoes", () => {
    for (const typedEarly of [true, false]) {
      // Any program's prompt, or that of the shell.
      const reader = typedEarly ? "Other" : "LineEditor"
      const client = start()
      client.receive("$ ", reader, 0)
      client.type("s")
      expect(client.receive("s", reader, 0, 1)).toBe("$ s")
      client.type(typedEarly ? "\rQ" : "\r")
      client.receive("\r\n", "Other", 0, 2)
      if (!typedEarly) client.type("Q")
      client.receive("Q", "Other", 0, 3)
      client.type("Z")
      expect(client.isUnpredicted()).toBe(true)
      // At a prompt that was seen before, an echo counts.
      client.receive("\r\x1b[2Kname? ", "Other", 0, 4)
      client.type("a")
      client.receive("a", "Other", 0, 5)
      expect(client.type("b")).toBe("name? ab")
    }
  })

  it("knows by the shell's marks where a line begins that the shell has drawn anew, if the prompt before it is known", () => {
    for (const [prompt, column, echo, place, shown] of [
      ["$ ", 2, "LineEditor", 1, "$ lsx"],
      // Without marks, with those of an imitation, and where the shell waits for something else.
      ["$ ", undefined, "LineEditor", 1, "$ ls"],
      ["$ ", 3, "LineEditor", 1, "$ ls"],
      ["Password: ", 10, "LineEditor", 1, "Password: ls"],
      ["$ ", 2, "LineEditor", 2, "$ ls"],
      ["$ ", 2, "Other", 0, "$ ls"],
      ["$ ", 2, "Unknown", 0, "$ ls"],
      ["$ ", 2, "Secret", 0, "$ ls"]
    ] as const) {
      const client = atKnownPrompt()
      client.receive(`\r\n\r\nbefore ${prompt}ls`, echo, 2, 2, place, column === undefined ? undefined : column + 7)
      expect(client.type("x")).toBe(`before ${shown}`)
    }
  })

  it("shows it where the shell continues a command in the next row, indented", () => {
    for (const [printed, echo, place, shown] of [
      ["\r\n  ", "LineEditor", 1, "  x"],
      // Not indented, below other text, where the shell waits for something else, and in a program.
      ["\r\n", "LineEditor", 1, "$ l"],
      ["\r\nmore\r\n  ", "LineEditor", 1, "more"],
      ["\r\n  ", "LineEditor", 2, "$ l"],
      ["\r\n  ", "Other", 0, "$ l"]
    ] as const) {
      const client = atKnownPrompt()
      client.receive(printed, echo, 2, 2, place)
      expect(client.type("x")).toBe(shown)
    }
  })

  it("shows it at no known prompt after stty, until something was echoed there again", () => {
    const client = start()
    const line = (key: number, text: string, printed: string, isEchoed: boolean): string => {
      const shown = client.type(text)
      client.receive(isEchoed ? text : "", "LineEditor", key - 1, key, 1)
      client.type("\r")
      client.receive(printed, "LineEditor", key + 1, key + 1, 1)
      return shown
    }
    client.receive("$ ", "LineEditor", 0, 0, 1)
    expect(line(1, "l", "\r\n$ ", true)).toBe("$")
    expect(line(3, "l", "\r\x1b[A\x1b[2Kstty -echo\r\n$ ", true)).toBe("$ l")
    // Scrolled away.
    expect(line(5, "x", "\r\n\x1b[2J$ ", false)).toBe("$")
    expect(line(7, "x", "\r\n$ ", false)).toBe("$")
    expect(line(9, "y", "\r\n$ ", true)).toBe("$")
    expect(line(11, "y", "\r\n$ ", true)).toBe("$ y")
  })

  it("shows it at no other prompt, and in no other place", () => {
    for (const [prompt, place] of [
      ["Password: ", 1],
      ["$ ", 2],
      ["\r\n  ", 1]
    ] as const) {
      const client = atKnownPrompt()
      client.receive(`\r\n${prompt}`, "LineEditor", 2, 2, place)
      client.type("x")
      expect(client.isUnpredicted()).toBe(true)
    }
  })

  it("shows it where the kernel echoes, also without a prompt, and nowhere else", () => {
    for (const echo of ["Unknown", "Kernel", "Secret", "Other"] as const) {
      const client = atKnownPrompt()
      client.receive("\r\n", echo, 2)
      client.type("x")
      expect(client.isUnpredicted()).toBe(echo !== "Kernel")
    }
  })

  it("knows where the line begins after a completion, if the report is newer than that and the shell reads it as before", () => {
    for (const [prompt, input, place, shown] of [
      ["$ ", 4, 1, "$"],
      ["$ ", 3, 1, "$ lo"],
      ["$ ", 4, 2, "$ lo"],
      ["# ", 4, 1, "# lo"]
    ] as const) {
      const client = atKnownPrompt()
      client.receive("\r\n$ ", "LineEditor", 2, 2, 1)
      client.type("l")
      client.receive("l", "LineEditor", 2, 3, 1)
      client.type("\t")
      client.receive(`\r\nlogin  logout\r\n${prompt}lo`, "LineEditor", input, 4, place)
      expect(client.type("\x15")).toBe(shown)
    }
  })

  it("moves the caret to the next row at the first Enter at the bottom of the screen, if the shell reads the line", () => {
    for (const [echo, column] of [
      ["LineEditor", 0],
      ["Other", 3]
    ] as const) {
      const place = echo === "LineEditor" ? 1 : 0
      const client = atKnownPrompt()
      client.receive("\r\nl\r\n\n\n\n$ ", echo, 2, 2, place)
      client.type("m")
      client.receive("m", echo, 2, 3, place)
      client.type("\r")
      expect(client.caretColumn()).toBe(column)
    }
  })

  it("removes what is shown when a secret is reported, and never shows it again, nor what was typed meanwhile", () => {
    const client = atKnownPrompt()
    client.receive("\r\n$ ", "LineEditor", 2, 2, 1)
    expect(client.type("ab")).toBe("$ ab")
    expect(client.receive("", "Secret", 2)).toBe("$")
    expect(client.type("cd")).toBe("$")
    expect(client.receive("", "Kernel", 2)).toBe("$")
    expect(client.type("ef")).toBe("$")
    // The server shows all of it.
    expect(client.receive("abcdef", "Kernel", 8)).toBe("$ abcdef")
  })

  it("shows it also if the prompt came after the new line, in a frame of its own", () => {
    const client = atKnownPrompt()
    client.receive("s\r\n", "Unknown", 1, 1)
    client.receive("$ ", "Unknown", 1, 1)
    client.receive("", "LineEditor", 2, 1, 1)
    client.receive("", "LineEditor", 2, 2, 1)
    expect(client.type("x")).toBe("$ x")
  })

  it("gives no trust after a password prompt that ended without Enter", () => {
    for (const [key, shown] of [
      ["", "name:"],
      ["\r", "name: x"]
    ] as const) {
      const client = atKnownPrompt()
      client.receive("\r\nPassword: ", "Secret", 2)
      client.type(key)
      client.receive("\r\nname: ", "Kernel", 2 + key.length)
      // Once the line of the password prompt is given up.
      client.receive("\x1b[1;30H.\x1b[3;7H", "Kernel", 2 + key.length)
      expect(client.type("x")).toBe(shown)
    }
  })

  it("withdraws trust that only a report gave, not that of an echo", () => {
    const client = atKnownPrompt()
    client.receive("\r\n$ ", "LineEditor", 2, 2, 1)
    expect(client.type("x")).toBe("$ x")
    expect(client.receive("", "Unknown", 2)).toBe("$")
    expect(client.receive("x", "LineEditor", 3, 3, 1)).toBe("$ x")
    expect(client.type("y")).toBe("$ xy")
    expect(client.receive("", "Unknown", 3)).toBe("$ xy")
  })

  it("believes no echo of what is typed ahead", () => {
    const client = atKnownPrompt()
    client.type("p")
    expect(client.receive("\r\nPassword: p", "Unknown", 2, 3)).toBe("Password: p")
    expect(client.type("q")).toBe("Password: p")
  })

  it("forgets the known prompts when a key was not echoed at one of them", () => {
    const client = atKnownPrompt()
    client.receive("\r\n$ ", "LineEditor", 2, 2, 1)
    expect(client.type("x")).toBe("$ x")
    client.receive("\x1b[1;1HXYZ", "LineEditor", 2, 3, 1)
    client.type("\r")
    client.receive("\r\n\n\n$ ", "LineEditor", 4, 4, 1)
    expect(client.type("z")).toBe("$")
  })
})
