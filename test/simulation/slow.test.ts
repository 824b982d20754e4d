import { expect, it } from "@effect/vitest"
import * as Screen from "../../src/domain/objects/Screen.ts"
import * as UserStream from "../../src/domain/objects/UserStream.ts"
import * as Frame from "../../src/domain/terminal/Frame.ts"
import * as Rendition from "../../src/domain/terminal/Rendition.ts"
import * as Row from "../../src/domain/terminal/Row.ts"
import { RowEditor } from "../../src/domain/terminal/RowEditor.ts"
import * as Session from "../domain/ssp/session.ts"
import { random, seedOr } from "../support/seed.ts"

const seed = seedOr(64)
const SIZE = { columns: 80, rows: 24 }

const screenful = (next: () => number): Frame.Frame => ({
  ...Frame.blank(SIZE),
  rows: Array.from({ length: SIZE.rows }, () => {
    const editor = new RowEditor(Row.blank(SIZE.columns))
    const text = Array.from({ length: SIZE.columns }, () => String.fromCharCode(33 + Math.floor(next() * 90)))
    editor.write(0, text.join(""), Rendition.DEFAULT)
    return editor.row()
  })
})

/** 1200 bytes a second, with a delay of five seconds in each direction: a very bad satellite link. */
const SLOW = { bandwidth: 9600, queue: 24_000, delay: 5000 }

it(`1200 bytes a second with a round trip of ten seconds: all keys arrive, and the newest screen (seed ${seed})`, () => {
  const next = random(seed)
  const { client, run, runUntil, server } = Session.start({
    client: { object: UserStream.object, initial: UserStream.EMPTY },
    server: { object: Screen.object, initial: Screen.blank(SIZE) },
    conditions: { seed, loss: 0.02, duplication: 0, delay: [0, 0], path: SLOW }
  })
  let typed = 0
  let echoAck = 0n
  // A minute of typing, while a program redraws the screen every second: twice as much as the link carries.
  for (let second = 0; second < 60; second++) {
    const keys = Buffer.from(`key ${second} `)
    typed += keys.length
    client.publish(UserStream.push(client.local(), keys))
    echoAck = server.remote().number
    server.publish({ frame: screenful(next), echoAck })
    run(1000)
  }
  const frame = screenful(next)
  server.publish({ frame, echoAck })
  const arrived = (): boolean => Frame.equals(client.remote().state.frame, frame) && server.remote().state.end === typed
  expect(runUntil(arrived, 600_000)).toBe(true)
  // The session goes on: a key and its echo.
  client.publish(UserStream.push(client.local(), Buffer.from("!")))
  expect(runUntil(() => server.remote().state.end === typed + 1, 30_000)).toBe(true)
})
