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
