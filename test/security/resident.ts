/**
 * `node --expose-gc test/security/resident.ts SCENARIO...`: what a hostile peer makes its receiver hold, as the process's
 * resident memory. A process of its own, because `heapUsed` counts neither strings nor buffers that something small
 * retains, and because other tests leave memory behind.
 *
 * Prints a JSON object for each: `grown`, the bytes by which resident memory grew, and `weight`, the bytes that the receiver counts.
 */
import * as Result from "effect/Result"
import { argv, memoryUsage, stdout } from "node:process"
import * as Receiver from "../../src/domain/ssp/Receiver.ts"
import * as Screen from "../../src/domain/objects/Screen.ts"
import type { SyncObject } from "../../src/domain/ssp/SyncObject.ts"
import * as UserStream from "../../src/domain/objects/UserStream.ts"
import type { Size } from "../../src/domain/terminal/Frame.ts"
import * as HostMessage from "../../src/domain/wire/HostMessage.ts"
import * as Instruction from "../../src/domain/wire/Instruction.ts"
import * as UserMessage from "../../src/domain/wire/UserMessage.ts"

const SMALL: Size = { columns: 80, rows: 24 }
/** Fills a host string to nearly the largest size, and changes nothing. */
const padding = `${"\t".repeat(4_000_000)}\u754c`

/** Receives differences from state 0, or each from the previous state, none of which the peer ever discards. */
const receive = <S>(
  object: SyncObject<S>,
  initial: S,
  count: number,
  diff: (i: number) => Uint8Array,
  fields: (i: number) => Partial<Instruction.Instruction> = () => ({})
) => {
  const machine = Receiver.machine(object)
  let state = Receiver.init({ initial, now: 0 })
  for (let i = 0; i < count; i++) {
    const instruction = {
      oldNumber: 0n,
      newNumber: BigInt(i + 1),
      acknowledged: 0n,
      throwaway: 0n,
      features: 0,
      ...fields(i),
      diff: diff(i)
    }
    // As from the network: every part shares memory with the whole.
    const decoded = Instruction.decode(Instruction.encode(instruction, new Uint8Array(0)))
    if (Result.isSuccess(decoded)) state = machine.step(state, decoded.success, 0)[0]
  }
  return state
}

const screens = (count: number, host: (i: number) => string, size: Size = SMALL) =>
  receive(Screen.object, Screen.blank(size), count, (i) => HostMessage.encode([{ _tag: "HostBytes", host: host(i) }]))

const chained = (i: number) => ({ oldNumber: BigInt(i) })

const scenarios: Record<string, () => Receiver.State<unknown>> = {
  links: () => screens(30, (i) => `\x1b]8;;http://example.org/${i}/a-link\x07x${padding}`),
  "link parameters": () => screens(30, (i) => `\x1b]8;id=a-rather-long-one-${i};http://example.org/\x07x${padding}`),
  titles: () => screens(30, (i) => `\x1b]2;the title of the window ${i}\x07${padding}`),
  icons: () => screens(30, (i) => `\x1b]1;the title of the icon ${i}\x07${padding}`),
  clipboard: () => screens(30, (i) => `\x1b]52;c;QUJDREVGR0hJSktMTU5PUA${i}\x07${padding}`),
  notifications: () => screens(30, (i) => `\x1b]777;notify=1;9;1;6;number ${i} of the notifications\x07${padding}`),
  properties: () =>
    screens(
      30,
      (i) =>
        `\x1b]7;file://host/a/directory/${i}\x07\x1b]22;a-pointer-with-a-name-${i}\x07\x1b]12;a colour of the cursor ${i}\x07` +
        `\x1b]1337;SetUserVar=a-variable-${i}=QUJDREVGR0hJSktMTU5PUA==\x07\x1b]133;#1;1;1;133;D;${1_000_000 + i}\x07${padding}`
    ),
  "a link in each of many differences": () =>
    receive(
      Screen.object,
      Screen.blank(SMALL),
      40,
      (i) =>
        HostMessage.encode([
          {
            _tag: "HostBytes",
            host: `\x1b[${1 + (i % 24)};${1 + i}H\x1b]8;;http://example.org/${i}/a-link\x07x${padding}`
          }
        ]),
      (i) => ({ oldNumber: BigInt(i), throwaway: BigInt(i) })
    ),
  rows: () =>
    screens(400, (i) => `\x1b[H${String.fromCharCode(0x61 + (i % 26))}${"\n\rab".repeat(4095)}`, {
      columns: 4,
      rows: 4096
    }),
  "links of every cell": () => {
    const line = Array.from({ length: 1000 }, (_, x) => `\x1b]8;;${x}${"l".repeat(3900)}\x07x`).join("")
    return receive(
      Screen.object,
      Screen.blank({ columns: 1000, rows: 1000 }),
      60,
      (i) => HostMessage.encode([{ _tag: "HostBytes", host: `\x1b[${i + 1}H${line}` }]),
      (i) => ({ oldNumber: BigInt(i), throwaway: BigInt(i) })
    )
  },
  marks: () =>
    screens(200, (i) =>
      `\x1b[H${"\n\r" + `${String.fromCharCode(0x61 + (i % 26))}\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u0310\u0311\u0312\u0313\u0314\u0315`.repeat(80)}`.repeat(
        24
      )
    ),
  keystrokes: () => {
    const events = Array.from({ length: 30_000 }, (_, i): UserMessage.UserEvent =>
      i % 2 === 0 ? { _tag: "Keys", bytes: Uint8Array.of(0x6b) } : { _tag: "Resize", size: { columns: 80, rows: 24 } }
    )
    const diff = UserMessage.encode(events)
    return receive(UserStream.object, UserStream.EMPTY, 60, () => diff)
  },
  "keystrokes in a chain": () => {
    const events = Array.from({ length: 20_000 }, (_, i): UserMessage.UserEvent =>
      i % 2 === 0 ? { _tag: "Keys", bytes: Uint8Array.of(0x6b) } : { _tag: "Resize", size: { columns: 80, rows: 24 } }
    )
    const diff = UserMessage.encode(events)
    return receive(UserStream.object, UserStream.EMPTY, 40, () => diff, chained)
  }
}

const collect = (): number => {
  globalThis.gc?.()
  globalThis.gc?.()
  return memoryUsage.rss()
}

// A first run excludes what a receiver also needs for an honest peer: code, and heap that Node keeps for later.
screens(10, () => padding)
for (const name of argv.slice(2)) {
  const run = scenarios[name]
  if (run === undefined) throw new Error(`scenarios: ${Object.keys(scenarios).join(", ")}`)
  const before = collect()
  const held = run()
  const grown = collect() - before
  const weight = held.received.reduce((sum, entry) => sum + entry.weight, 0)
  stdout.write(`${JSON.stringify({ name, grown, weight, states: held.received.length })}\n`)
}
