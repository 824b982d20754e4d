/**
 * Plays a scenario, and compares whole screens.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { View } from "../support/tmux.ts"
import type { Person, Scenario } from "./scenario.ts"
import { referenceStage, stage, type Pairing, type Stage } from "./stage.ts"

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

/** The pictures of the scenario's looks without mosh. The scenario is played once for all pairings. */
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
    stop: async () => {},
    stopServer: async () => {}
  })
  return pictures
}

/** How long a session may take to show what it should, ms. */
const PATIENCE = 25_000

/** The pictures through mosh and the right ones, look by look. Both lists end at the first difference. */
export interface Judgement {
  readonly seen: ReadonlyArray<Picture>
  readonly right: ReadonlyArray<Picture>
}

/** Plays the scenario through mosh. Every look waits until the screen is the reference's. */
export const actThrough = async (pairing: Pairing, scenario: Scenario): Promise<Judgement> => {
  const right = await referencePictures(scenario)
  const seen: Array<Picture> = []
  await using session = await stage(pairing, scenario)
  const look = async () => {
    const expected = right[seen.length]
    const view = await session.terminal
      .until("the right screen", (view) => same(judged(view), expected), PATIENCE)
      .catch(() => session.terminal.view())
    seen.push(judged(view))
    if (!same(seen.at(-1), expected)) throw new WrongScreen()
  }
  await scenario.act({ ...personAt(session), look }).catch((error: unknown) => {
    if (!(error instanceof WrongScreen)) throw error
  })
  return { seen, right: right.slice(0, seen.length) }
}

/** Ends a scenario at the first wrong screen. */
class WrongScreen extends Error {}

const personAt = ({ terminal, home, relay, clientPid, serverPid }: Stage): Person => ({
  throughMosh: relay !== undefined,
  type: (text) => terminal.type(text),
  press: (...keys) => terminal.press(...keys),
  paste: (text) => terminal.paste(text),
  resize: (size) => terminal.resize(size),
  see: async (text) => {
    await terminal.see(text)
  },
  prompt: async (below) => {
    await terminal.until(`a prompt below ${below}`, ({ text }) => text.join("\n").includes(`${below}\n$`))
  },
  until: async (what, condition) => {
    await terminal.until(what, condition)
  },
  look: async () => {},
  file: (name) => readFileSync(join(home, name), "utf8"),
  roam: async () => relay?.roam(),
  weather: (weather) => relay?.weather(weather),
  stop: (milliseconds) => stop(clientPid(), milliseconds),
  stopServer: (milliseconds) => stop(serverPid(), milliseconds)
})

const stop = async (pid: number, milliseconds: number): Promise<void> => {
  process.kill(pid, "SIGSTOP")
  await sleep(milliseconds)
  process.kill(pid, "SIGCONT")
}
