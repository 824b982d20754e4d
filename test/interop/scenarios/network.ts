import { random } from "../../support/seed.ts"
import { SHELL, type Scenario } from "../scenario.ts"

export const roaming: Scenario = {
  name: "a client that changes its address",
  program: SHELL,
  act: async (person) => {
    await person.see("$ ")
    await person.roam()
    await person.type("echo typed after the move\r")
    await person.look()
    await person.type("sleep 0.5; seq 1 30; echo said ''after the move\r")
    await person.roam()
    await person.see("said after")
    await person.look()
    await person.roam()
    await person.roam()
    await person.type("echo here is ''cat; exec cat\r")
    await person.see("here is cat")
    await person.type("and again\r")
    await person.look()
  }
}

export const stopped: Scenario = {
  name: "a client that sleeps for three seconds",
  program: SHELL,
  act: async (person) => {
    await person.see("$ ")
    await person.type("sleep 1; seq 1 40; echo while ''asleep\r")
    await person.stop(3000)
    await person.see("while asleep")
    await person.type("echo awake\r")
    await person.look()
  }
}

export const badWeather: Scenario = {
  name: "a network that loses, repeats, reorders and damages datagrams",
  program: SHELL,
  act: async (person) => {
    await person.see("$ ")
    person.weather({ loss: 0.2, duplication: 0.2, corruption: 0.1, delay: 10, jitter: 40 })
    await person.type("for i in 1 2 3 4 5; do echo $i $((i * i)); done\r")
    await person.see("5 25")
    await person.type("seq 1 500 | tr '\\n' ' '; echo the ''last\r")
    // Text typed before the next prompt would be echoed wherever the cursor happens to be.
    await person.prompt("the last")
    await person.type("echo $((6 * 7))\r")
    await person.until("the answer", ({ text }) => text.includes("42"))
    person.weather({})
    await person.look()
  }
}

/** Prints a screen that does not compress: `sh noise SEED`. */
const NOISE = `clear
awk -v seed="$1" 'BEGIN { srand(seed); for (i = 0; i < 4500; i++) printf "%c", 48 + int(rand() * 74) }'
echo; echo "end $1"
`

/** Whole screens through paths that do not carry full-size datagrams, and do not report it. */
export const narrow: Scenario = {
  name: "a path that swallows datagrams of more than 1140 bytes, and then truncates to 700",
  program: SHELL,
  size: { columns: 80, rows: 60 },
  files: { noise: NOISE },
  beyondStock: "server",
  act: async (person) => {
    await person.see("$ ")
    for (const [seed, weather] of [{ blackHole: 1140 }, { truncate: 700 }].entries()) {
      person.weather({ ...weather, delay: 20 })
      await person.type(`sh noise ${seed}\r`)
      await person.prompt(`end ${seed}`)
      await person.look()
    }
  }
}

/** 4 KB that do not compress, in lines. */
const pasted = (): string => {
  const next = random(5)
  const line = () => Array.from({ length: 70 }, () => String.fromCharCode(48 + Math.floor(next() * 74))).join("")
  return Array.from({ length: 57 }, line).join("\r")
}

export const narrowPaste: Scenario = {
  name: "a paste through a path that swallows datagrams of more than 1140 bytes",
  program: SHELL,
  beyondStock: "client",
  act: async (person) => {
    await person.see("$ ")
    await person.type("stty -echo; echo is ''silent; cat > pasted; stty echo; cksum pasted; echo the ''end\r")
    // An echo would not pass from a stock server.
    await person.see("is silent")
    person.weather({ blackHole: 1140, delay: 20 })
    await person.paste(`${pasted()}\r`)
    await person.press("C-d")
    await person.prompt("the end")
    await person.look()
  }
}
