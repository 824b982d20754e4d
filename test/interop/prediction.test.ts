/**
 * Predicted echo with real programs at both ends: text that appears while the network delivers nothing can only have
 * been predicted.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { requirePrograms } from "../support/peers.ts"
import { SHELL, type Scenario } from "./scenario.ts"
import { needsOf, pairingName, stage, type Pairing, type Stage } from "./stage.ts"

const pairings: ReadonlyArray<Pairing> = [
  { client: "ours", server: "stock", through: "direct" },
  { client: "ours", server: "ours", through: "direct" }
]

/** Long enough for prediction in its adaptive mode. */
const SLOW = { delay: 60 }
/** Everything is lost. */
const DEAD = { loss: 1 }

const shown = async ({ terminal }: Stage): Promise<string> => (await terminal.view()).text.join("\n")

const shell: Scenario = { name: "a shell", program: SHELL, act: async () => {} }
const editor: Scenario = {
  name: "vim",
  program: "vim -u NONE -N notes.txt",
  files: { "notes.txt": "one line\n" },
  needs: ["vim"],
  act: async () => {}
}

for (const pairing of pairings)
  describe.concurrent(`predicted echo, ${pairingName(pairing)}`, () => {
    test(
      "a shell's line is shown while nothing comes back, and a password is not",
      { timeout: 60_000 },
      async (context) => {
        requirePrograms(context, ...needsOf(pairing))
        await using session = await stage(pairing, shell)
        const { relay, terminal } = session
        await terminal.see("$ ")
        relay?.weather(SLOW)
        // Each key is seen before the next. Afterwards the client knows the round trip, and that keys are echoed.
        for (const text of ["e", "ec", "ech", "echo", "echo ", "echo x"]) {
          await terminal.type(text.at(-1) ?? "")
          await terminal.see(`$ ${text}`.trimEnd())
        }
        relay?.weather(DEAD)
        await terminal.type("yz日本")
        await terminal.see("$ echo xyz日本")
        relay?.weather(SLOW)
        await terminal.type("\r")
        await terminal.until("its output", ({ text }) => text.some((row) => row === "xyz日本"))

        await terminal.type("read -s secret; echo [$secret]\r")
        await terminal.until("the next row", ({ cursor, text }) => cursor.row > 0 && text[cursor.row] === "")
        await sleep(500)
        await terminal.type("hidden")
        // Longer than a round trip, an acknowledgement, and the reaction to them.
        for (let looks = 0; looks < 20; looks++) {
          expect(await shown(session)).not.toMatch(/hid/)
          await sleep(50)
        }
        await terminal.type("\r")
        await terminal.see("[hidden]")
      }
    )

    test("an editor's commands are not predicted, and its text is", { timeout: 60_000 }, async (context) => {
      requirePrograms(context, ...needsOf(pairing), "vim")
      await using session = await stage(pairing, editor)
      const { relay, terminal } = session
      await terminal.see("one line")
      relay?.weather(SLOW)
      await terminal.type("lll")
      await terminal.until("the motion", ({ cursor }) => cursor.column === 3)
      await terminal.type("A")
      await terminal.until("the end", ({ cursor }) => cursor.column === 8)
      await terminal.type("!")
      await terminal.see("one line!")
      await terminal.type("!")
      await terminal.see("one line!!")
      relay?.weather(DEAD)
      await terminal.type(" and more")
      await terminal.see("one line!! and more")
      relay?.weather(SLOW)
      await terminal.press("Escape")
      await terminal.until("normal mode", ({ cursor }) => cursor.column === 18)
      relay?.weather(DEAD)
      await terminal.type("hhhx")
      await sleep(500)
      expect(await shown(session)).toContain("one line!! and more\n")
      relay?.weather({})
      await terminal.see("one line!! and ore")
    })
  })
