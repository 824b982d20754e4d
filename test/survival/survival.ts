/**
 * Faults that a session must survive, as scenarios of the interop tests: the screens must be those of the same program
 * without mosh, and no typed key may be lost, repeated or reordered.
 */
import { resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type Person, type Scenario, SHELL } from "../interop/scenario.ts"

export interface Trial {
  readonly name: string
  /** How long the fault lasts, in seconds: in the ordinary test run, and by `npm run survival`. */
  readonly brief: number
  readonly full: number
  readonly scenario: (seconds: number) => Scenario
}

/** Echoes what is typed, and writes it to a file. */
const NOTES = `sh -c "echo ready; exec cat > notes"`

/** Types numbered lines, one after the other, until `milliseconds` have passed. */
const keepTyping = async (person: Person, milliseconds: number, pause: number): Promise<string> => {
  let typed = ""
  const lines = Math.max(1, Math.floor(milliseconds / pause))
  for (let line = 1; line <= lines; line++) {
    const text = `line ${line} of ${lines}`
    typed += `${text}\n`
    await person.type(`${text}\r`)
    await sleep(pause)
  }
  return typed
}

/** Ends the notes, and compares them with what was typed. */
const compare = async (person: Person, typed: string): Promise<void> => {
  await person.type("the end\r")
  await person.until("all that was typed", () => person.file("notes") === `${typed}the end\n`)
  await person.look()
}

const notes = (
  name: string,
  act: (person: Person, milliseconds: number) => Promise<string>
): Pick<Trial, "name" | "scenario"> => ({
  name,
  scenario: (seconds) => ({
    name,
    program: NOTES,
    act: async (person) => {
      await person.see("ready")
      await compare(person, await act(person, seconds * 1000))
    }
  })
})

export const trials: ReadonlyArray<Trial> = [
  {
    brief: 7,
    full: 60,
    ...notes("a network that is dead for a while", async (person, duration) => {
      person.weather({ loss: 1 })
      const typed = await keepTyping(person, duration, 500)
      person.weather({})
      return typed
    })
  },
  {
    brief: 3,
    full: 30,
    ...notes("an address that changes in the middle of a paste, and again", async (person, duration) => {
      person.weather({ delay: 40, jitter: 10 })
      let typed = ""
      for (let at = 0; at < duration; at += 1000) {
        const text = Array.from({ length: 300 }, (_, line) => `${at} ${line} ${"paste ".repeat(9)}`).join("\n") + "\n"
        typed += text
        const pasting = person.paste(text)
        await sleep(60)
        await person.roam()
        await pasting
        await person.roam()
        await person.until("what was pasted", () => person.file("notes").endsWith(text))
      }
      person.weather({})
      return typed
    })
  },
  {
    brief: 5,
    full: 60,
    ...notes("a NAT that forgets its binding every second", async (person, duration) => {
      let typed = ""
      for (let at = 0; at < duration; at += 1000) {
        typed += await keepTyping(person, 1000, 250)
        await person.roam()
      }
      return typed
    })
  },
  {
    name: "a NAT that forgets its binding while only the server speaks",
    brief: 4,
    full: 60,
    scenario: (seconds) => ({
      name: "a NAT that forgets its binding while only the server speaks",
      program: `sh -c 'echo ready; for i in $(seq ${seconds * 20}); do echo "line $i"; sleep 0.05; done; echo the end; read _'`,
      act: async (person) => {
        await person.see("ready")
        for (let at = 0; at < seconds; at += 2) {
          await sleep(1000)
          await person.roam()
          await sleep(1000)
        }
        await person.see("the end")
        await person.look()
      }
    })
  },
  {
    brief: 5,
    full: 600,
    ...notes("40 % loss each way", async (person, duration) => {
      person.weather({ loss: 0.4, delay: 20 })
      const typed = await keepTyping(person, duration, 200)
      person.weather({})
      return typed
    })
  },
  {
    brief: 4,
    full: 60,
    ...notes("a network that repeats and reorders everything", async (person, duration) => {
      person.weather({ duplication: 1, jitter: 300 })
      const typed = await keepTyping(person, duration, 100)
      person.weather({})
      return typed
    })
  },
  {
    brief: 5,
    full: 180,
    ...notes("a client that is asleep while another network takes over", async (person, duration) => {
      const typed = await keepTyping(person, 1000, 200)
      await person.stop(duration)
      await person.roam()
      return typed + (await keepTyping(person, 1000, 200))
    })
  },
  {
    name: "a server that is asleep while its program goes on printing",
    brief: 5,
    full: 180,
    scenario: (seconds) => ({
      name: "a server that is asleep while its program goes on printing",
      program: SHELL,
      act: async (person) => {
        await person.see("$ ")
        await person.type("for i in $(seq 40); do echo $i; sleep 0.02; done; echo slept ''well\r")
        await person.stopServer(seconds * 1000)
        // The program is done when the server wakes up, so it must be without mosh: the terminal echoes what is typed earlier.
        if (!person.throughMosh) await person.see("slept well")
        await person.type("echo awake\r")
        await person.see("slept well")
        await person.prompt("awake")
        await person.look()
      }
    })
  },
  {
    name: "wall clocks that are set back and forward by days",
    brief: 4,
    full: 60,
    scenario: (seconds) => ({
      ...notes("", (person, duration) => keepTyping(person, duration, 200)).scenario(seconds),
      environment: { NODE_OPTIONS: `--import ${resolve(import.meta.dirname, "leaping-clock.mjs")}` }
    })
  }
]
