/**
 * A process with many clients that type, and measure the echo. Its parent asks for measurements by messages.
 */
import * as Effect from "effect/Effect"
import { setTimeout as sleep } from "node:timers/promises"
import type { Scope } from "effect/Scope"
import * as NodeMoshClient from "../src/services/node/NodeMoshClient.ts"
import { type ClientSession, MoshClient } from "../src/services/client/MoshClient.ts"
import type { Frame } from "../src/domain/terminal/Frame.ts"
import { answer, type Request } from "./sessions-process.ts"

/** Keys of a line, with Enter. The cursor's column shows how many were echoed. */
const LINE = 61

class Typist {
  session: ClientSession | undefined
  /** Keys typed and echoed, and when those typed last were typed. */
  typed = 0
  echoed = 0
  readonly at: Array<number> = []
  times: Array<number> = []

  press(): void {
    this.typed++
    this.at.push(performance.now())
    this.session?.typeUnsafe(this.typed % LINE === 0 ? "\r" : "a")
  }

  look(frame: Frame): void {
    const column = frame.cursor.column
    const behind = (this.typed - column + LINE * 4) % LINE
    const echoed = this.typed - behind
    const now = performance.now()
    for (; this.echoed < echoed; this.echoed++) this.times.push(now - (this.at.shift() ?? Number.NaN))
  }
}

const typists: Array<Typist> = []

const connect = (servers: ReadonlyArray<{ readonly port: number; readonly key: string }>) =>
  Effect.gen(function* () {
    const mosh = yield* MoshClient
    for (const { key, port } of servers) {
      const typist = new Typist()
      typists.push(typist)
      typist.session = yield* mosh.connect({
        host: "127.0.0.1",
        port,
        key,
        notifications: false,
        giveUpAfter: Infinity,
        onPicture: (picture) => typist.look(picture)
      })
    }
  })

/** Resolves when all keys are echoed, or after 20 s. */
const settled = async (those: ReadonlyArray<Typist>): Promise<void> => {
  for (let i = 0; i < 2000 && those.some(({ echoed, typed }) => echoed < typed); i++) await sleep(10)
}

/** All clients type one key at the same time, again and again. */
const burst = async (times: number): Promise<number> => {
  for (let i = 0; i < times; i++) {
    for (const typist of typists) typist.press()
    await sleep(100)
    await settled(typists)
  }
  return times * typists.length
}

/** Keys at a rate a second, of all clients in turn. */
const type = async ({ rate, seconds }: TypeOptions): Promise<ReadonlyArray<number>> => {
  for (const typist of typists) typist.times = []
  const start = performance.now()
  const total = rate * seconds
  let pressed = 0
  while (pressed < total) {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * rate))
    for (; pressed < due; pressed++) typists[pressed % typists.length]?.press()
    await sleep(1)
  }
  await settled(typists)
  return typists.flatMap(({ times }) => times)
}

export interface TypeOptions {
  readonly rate: number
  readonly seconds: number
}

let paste: NodeJS.Timeout | undefined
const PASTE = "\x01".repeat(16_384)
/** The first client pastes without end. */
const flood = (): void => {
  paste = setInterval(() => typists[0]?.session?.typeUnsafe(PASTE), 1)
}

const main = Effect.gen(function* () {
  const context = yield* Effect.context<Scope | MoshClient>()
  return yield* answer(async ({ argument, name }: Request) => {
    switch (name) {
      case "connect":
        await Effect.runPromiseWith(context)(connect(argument as Parameters<typeof connect>[0]))
        while (typists.some(({ session }) => (session?.screenCount() ?? 0) === 0)) {
          for (const typist of typists) if (typist.typed === 0) typist.press()
          await sleep(200)
        }
        return settled(typists)
      case "burst":
        return burst(argument as number)
      case "type":
        return type(argument as TypeOptions)
      case "flood":
        return flood()
      case "calm":
        clearInterval(paste)
    }
    return undefined
  })
})

if (import.meta.main) await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(NodeMoshClient.layer)))
