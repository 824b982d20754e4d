import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Properties from "../../../../src/domain/events/Properties.ts"
import * as XtermEmulator from "../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen } from "./screen.ts"

type TestScreen = Effect.Success<ReturnType<typeof makeScreen>>

const on = (name: string, body: (screen: TestScreen) => void) =>
  it.effect(name, () => Effect.map(makeScreen(), body).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer)))

on("the marks of a shell are read, however they are cut", (screen) => {
  assert.deepStrictEqual(screen.shell(), { phase: undefined, inputColumn: undefined, status: undefined, marks: 0 })
  for (const byte of Buffer.from("\x1b]133;D;2\x07\x1b]133;A;cl=m\x1b\\$ \x1b]133;B\x07")) {
    screen.print(Uint8Array.of(byte))
  }
  assert.deepStrictEqual(screen.shell(), { phase: "Input", inputColumn: 2, status: 2, marks: 3 })
  screen.print("ls\r\n\x1b]133;C;cmdline=ls\x07\x1b]133;?\x07\x1b]133;A")
  assert.deepStrictEqual(screen.shell(), { phase: "Output", inputColumn: 2, status: 2, marks: 4 })
  screen.print(`\x07\r${"x".repeat(20)}\x1b]133;B\x07\x1b]133;C${";".repeat(20_000)}\x07`)
  assert.deepStrictEqual(screen.shell(), { phase: "Input", inputColumn: 19, status: 2, marks: 6 })
  screen.print("\x1bc")
  assert.strictEqual(screen.shell().phase, undefined)
})

on("notifications are kept, in every form", (screen) => {
  const kept = () => screen.frame().notifications.kept.map(({ body, form, title }) => [form, title, body] as const)
  screen.print(
    "\x1b]9;Build; done\x07\x1b]777;notify;make;ok;really\x1b\\\x1b]777;other;x\x07\x1b]9;4;1;50\x07\x1b]9;9;C:\\\x07"
  )
  assert.deepStrictEqual(kept(), [
    [9, "", "Build; done"],
    [777, "make", "ok;really"]
  ])
  screen.print("\x1b]99;i=1:d=0;Title\x1b\\\x1b]99;i=2;Other\x1b\\\x1b]99;i=1:p=body:u=2:e=1;w7xuaXQ=\x1b\\")
  assert.deepStrictEqual(kept().slice(2), [
    [99, "Other", ""],
    [99, "Title", "ünit"]
  ])
  assert.strictEqual(screen.frame().notifications.kept[3]?.urgency, 2)
  screen.print("\x1b]99;i=q:p=?;\x1b\\\x1b]99;a=report:c=1:p=icon;x\x1b\\\x1b]9;\x07\x1b]9;\x9b31m\x07")
  assert.strictEqual(kept().length, 4)
  assert.strictEqual(screen.replies(), "")
  screen.print(`\x1b]9;${"x".repeat(1_000_000)}\x07`)
  assert.strictEqual(screen.frame().notifications.count, 4)
  for (let i = 0; i < 100; i++) screen.print(`\x1b]9;${i} ${"x".repeat(5000)}\x07`)
  assert.strictEqual(screen.frame().notifications.count, 104)
  assert.strictEqual(kept().length, 16)
  assert.strictEqual(kept()[0]?.[2]?.slice(0, 3), "84 ")
  assert.strictEqual(kept()[0]?.[2]?.length, 600)
})

on("properties are kept until a full reset, and queries change none", (screen) => {
  const properties = () => screen.frame().properties
  screen.print("\x1b]7;file://host/tmp\x07\x1b]22;text\x07\x1b]9;4;1;50\x07\x1b]1337;SetUserVar=a=eA==\x07")
  screen.print("\x1b]4;1;#f00;2;?;3;blue\x07\x1b]10;red;?;green\x07")
  const colors = [
    [1, "#f00"],
    [3, "blue"],
    [266, "red"],
    [268, "green"]
  ]
  assert.deepInclude(properties(), { directory: "file://host/tmp", pointer: "text" })
  assert.deepStrictEqual(properties().progress, { state: 1, percent: 50 })
  assert.deepStrictEqual([...properties().variables], [["a", "eA=="]])
  assert.deepStrictEqual([...properties().colors], colors)
  const before = properties()
  for (const text of ["22;?", "12;?", "4;1;?", "4;300;red", "4;-1;red", "12;\x1b[c", "1337;SetUserVar=a=?", "9;4;9"])
    screen.print(`\x1b]${text}\x07`)
  screen.print(`\x1b]7;${"x".repeat(3000)}\x07\x1b]1337;SetUserVar=b=${"A".repeat(2000)}\x07`)
  assert.strictEqual(properties(), before)
  screen.print("\x1b]104;1\x07\x1b]112\x07\x1b]9;4;0\x07\x1b]1337;SetUserVar=a=\x07")
  assert.deepStrictEqual([...properties().colors.keys()], [3, 266])
  assert.strictEqual(properties().progress, undefined)
  assert.strictEqual(properties().variables.size, 0)
  screen.print("\x1b]104\x07")
  assert.deepStrictEqual([...properties().colors.keys()], [266])
  for (let i = 0; i < 100; i++) screen.print(`\x1b]1337;SetUserVar=v${i}=eA==\x07`)
  assert.strictEqual(properties().variables.size, 32)
  screen.print("\x1bc")
  assert.strictEqual(properties(), Properties.NONE)
})
