/**
 * Acting a scenario out, and judging by whole screens.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect } from "vitest"
import type { View } from "../support/tmux.ts"
import type { Person, Scenario } from "./scenario.ts"
import { pairingName, referenceStage, stage, type Pairing, type Stage } from "./stage.ts"

/** What of a view must be the same with and without mosh. */
const judged = (view: View) => ({
  text: view.text,
  cursor: view.cursor,
  mouse: view.mouse,
  rows: view.painting.rows,
  title: view.painting.title,
  clipboard: view.painting.clipboard,
  bracketedPaste: view.painting.bracketedPaste,
  focusEvents: view.painting.focusEvents
})

type Picture = ReturnType<typeof judged>

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const references = new Map<Scenario, Promise<ReadonlyArray<Picture>>>()

/** The pictures that the scenario's looks give without mosh; acted out once. */
export const referencePictures = (scenario: Scenario): Promise<ReadonlyArray<Picture>> => {
  const known = references.get(scenario)
  if (known !== undefined) return known
  const pictures = actReference(scenario)
  references.set(scenario, pictures)
  return pictures
}

/** A screen counts as finished when it stays the same for so long. */
const SETTLED = 150

const actReference = async (scenario: Scenario): Promise<ReadonlyArray<Picture>> => {
  await using reference = await referenceStage(scenario)
  const pictures: Array<Picture> = []
  await scenario.act({
    ...personAt(reference),
    look: async () => {
      let last = judged(await reference.terminal.view())
      for (;;) {
        await sleep(SETTLED)
        const now = judged(await reference.terminal.view())
        if (same(now, last)) break
        last = now
      }
      pictures.push(last)
    },
    roam: async () => {},
    weather: () => {},
    stop: async () => {}
  })
  return pictures
}

/** How long a session may take to show what it should, ms. */
const PATIENCE = 10_000

/** Acts the scenario out through mosh; every look must come to be the reference's picture. */
export const actThrough = async (pairing: Pairing, scenario: Scenario): Promise<void> => {
  const pictures = await referencePictures(scenario)
  await using session = await stage(pairing, scenario)
  let looks = 0
  await scenario.act({
    ...personAt(session),
    look: async () => {
      const right = pictures[looks++]
      const seen = await session.terminal
        .until("the right screen", (view) => same(judged(view), right), PATIENCE)
        .catch(() => session.terminal.view())
      expect(judged(seen), `look ${looks}, ${pairingName(pairing)}`).toEqual(right)
    }
  })
  expect(looks).toBe(pictures.length)
}

const personAt = ({ terminal, home, relay }: Stage): Person => ({
  throughMosh: relay !== undefined,
  type: (text) => terminal.type(text),
  press: (...keys) => terminal.press(...keys),
  paste: (text) => terminal.paste(text),
  resize: (size) => terminal.resize(size),
  see: async (text) => {
    await terminal.see(text)
  },
  until: async (what, condition) => {
    await terminal.until(what, condition)
  },
  look: async () => {},
  file: (name) => readFileSync(join(home, name), "utf8"),
  roam: async () => relay?.roam(),
  weather: (weather) => relay?.weather(weather),
  stop: async (milliseconds) => {
    process.kill(terminal.pid, "SIGSTOP")
    await sleep(milliseconds)
    process.kill(terminal.pid, "SIGCONT")
  }
})
