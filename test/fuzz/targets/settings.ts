/**
 * Settings from the environment and files of the system: escape key, locale, limits, keys, terminfo, utmp. Whatever
 * they contain, typed keys reach the program. An input is a byte that selects the reader, then its text.
 */
import * as Result from "effect/Result"
import * as Locale from "../../../src/domain/environment/Locale.ts"
import * as PortRange from "../../../src/domain/arguments/PortRange.ts"
import { shellEnvironment } from "../../../src/domain/environment/ShellEnvironment.ts"
import * as Terminfo from "../../../src/domain/environment/Terminfo.ts"
import * as EscapeKey from "../../../src/domain/client/EscapeKey.ts"
import * as Requirements from "../../../src/domain/client/Requirements.ts"
import * as Typing from "../../../src/domain/client/Typing.ts"
import * as SessionKey from "../../../src/domain/crypto/SessionKey.ts"
import * as DisplayPreference from "../../../src/domain/prediction/trust/DisplayPreference.ts"
import * as Lifetime from "../../../src/domain/session/Lifetime.ts"
import * as Detached from "../../../src/domain/registry/Detached.ts"
import * as Utmp from "../../../src/domain/registry/Utmp.ts"
import * as InputTranslation from "../../../src/domain/keyboard/InputTranslation.ts"
import { reader } from "../reader.ts"
import { bytesEqual, law, type Target, texts } from "../target.ts"

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

/** The escape key is the first character; the rest is typed, whole and byte by byte. */
const typing = (input: Uint8Array): void => {
  const { byte, rest } = reader(input)
  const key = EscapeKey.parse(String.fromCharCode(byte()))
  law(key === undefined || (key.byte >= 1 && key.byte <= 127), "an escape key that nobody can type")
  if (key !== undefined) law(EscapeKey.help(key) !== "" && EscapeKey.quitHint(key) !== "", "a key without a name")
  const typed = rest()
  const run = (pieces: ReadonlyArray<Uint8Array>) => {
    let state = Typing.initial(key)
    const sent: Array<Uint8Array> = []
    const commands: Array<string> = []
    for (const piece of pieces) {
      const [next, actions] = Typing.step(state, piece)
      state = next
      for (const action of actions) {
        if (action._tag === "Send") sent.push(action.bytes)
        else commands.push(action._tag)
      }
      if (commands.at(-1) === "Quit") break
    }
    // How often the same bytes request a repaint depends on how they are split, which does not matter.
    return { sent: Buffer.concat(sent), commands: commands.filter((command) => command !== "Repaint") }
  }
  const whole = run([typed])
  const cut = run(Array.from(typed, (byte) => Uint8Array.of(byte)))
  // The sequence of a key is recognised in one piece only.
  if (/\x1b\[[\d;:]+[A-HP-S~u]/.test(Buffer.from(typed).toString("latin1"))) return
  law(bytesEqual(whole.sent, cut.sent), "other bytes when typed one by one")
  law(whole.commands.join() === cut.commands.join(), "other commands when typed one by one")
  law(whole.sent.length <= typed.length, "more sent than typed")
}

const translating = (typed: Uint8Array): void => {
  for (const applicationCursorKeys of [false, true]) {
    const run = (pieces: ReadonlyArray<Uint8Array>): Buffer => {
      let state = InputTranslation.initial
      const out: Array<Uint8Array> = []
      const step = (input: InputTranslation.Input, now: number) => {
        const [next, outputs] = InputTranslation.machine.step(state, input, now)
        state = next
        out.push(...outputs)
      }
      for (const bytes of pieces) step({ _tag: "Typed", bytes, applicationCursorKeys }, 0)
      step({ _tag: "Tick" }, InputTranslation.HOLD)
      return Buffer.concat(out)
    }
    const whole = run([typed])
    law(whole.length === typed.length, "a key was lost or made")
    law(bytesEqual(whole, run(Array.from(typed, (byte) => Uint8Array.of(byte)))), "other keys when typed one by one")
    if (applicationCursorKeys) law(bytesEqual(whole, typed), "a key was translated for nobody")
  }
}

const locale = (bytes: Uint8Array): void => {
  const [first = "", ...assignments] = text(bytes).split("\0")
  const environment = { LANG: first, MOSH_KEY: "secret" }
  const decided = Locale.decide(environment, assignments, Locale.charmapByName)
  law(decided._tag === "Utf8" || decided.explanation.length > 0, "a refusal without words")
  if (decided._tag === "Utf8") law(Locale.isUtf8(Locale.charmapByName(decided.environment)), "not UTF-8")
  Locale.isCertain(decided.environment)
  Requirements.obstacles(decided.environment, true)
  const shell = shellEnvironment(decided.environment, { colors: 256, home: "/" })
  law(shell["MOSH_KEY"] === undefined, "the key is left to the shell")
}

const numbers = (bytes: Uint8Array): void => {
  const said = text(bytes)
  const ports = PortRange.parse(said)
  if (Result.isSuccess(ports)) {
    const again = PortRange.parse(PortRange.format(ports.success))
    law(Result.isSuccess(again) && again.success.high === ports.success.high, "other ports when written again")
  }
  const { milliseconds, warning } = Lifetime.readSeconds("X", said)
  law(milliseconds === undefined || (milliseconds >= 0 && warning === undefined), "an impossible limit")
  DisplayPreference.parse(said)
}

const key = (bytes: Uint8Array): void => {
  const said = text(bytes)
  const parsed = SessionKey.parse(said)
  if (Result.isSuccess(parsed)) law(SessionKey.format(parsed.success) === said, "another key when written again")
  else law(said.length < 3 || !parsed.failure.message.includes(said), "the key is told")
}

const files = (bytes: Uint8Array): void => {
  const colors = Terminfo.colors(bytes)
  law(colors === undefined || (Number.isInteger(colors) && colors >= 0), "an impossible number of colours")
  for (const size of [384, 400]) {
    const logins = Utmp.parse(bytes, size)
    law(logins.length <= bytes.length / size, "more logins than records")
    Detached.warning(Utmp.detachedSessions(logins, logins[0]?.user ?? "", () => true))
  }
}

const readers = [typing, translating, locale, numbers, key, files]

const login = (size: number): Uint8Array => {
  const record = Buffer.alloc(size)
  record.writeUInt8(7)
  record.write("pts/3", 8)
  record.write("user", 44)
  record.write("mosh [123]", 76)
  return record
}

const terminfo = (magic: number, width: number): Uint8Array => {
  const entry = Buffer.alloc(12 + 6 + 2 + 14 * width)
  ;[magic, 6, 1, 14, 0, 0].forEach((value, i) => entry.writeUInt16LE(value, 2 * i))
  entry.writeUInt16LE(256, 12 + 8 + 13 * width)
  return entry
}

export const settings: Target = {
  what: "environment variables, what is typed, terminfo, utmp",
  seeds: () => [
    ...texts(
      "\0\x1eab\x1e.\x1e^\x0c\x1e\x1a",
      "\0~a\n~.b\r~~",
      "\x01a\x1bOA\x1b[B\x1bO",
      "\x02C\0LANG=de_DE.UTF-8\0LC_ALL=C"
    ),
    ...texts("\x0360001:60010", "\x03600", "\x03adaptive", "\x04AAECAwQFBgcICQoLDA0ODw"),
    ...[login(384), login(400), terminfo(0o432, 2), terminfo(0o1036, 4)].map((file) =>
      Buffer.concat([Uint8Array.of(5), file])
    )
  ],
  tokens: [
    ...texts(
      "\x1e",
      ".",
      "^",
      "\x1a",
      "~",
      "\r",
      "\n",
      "\x1bO",
      "\x1b",
      "O",
      "A",
      "[",
      "=",
      "\0",
      "LC_ALL",
      ".UTF-8",
      "C"
    ),
    ...texts(":", "-1", "+", "65535", "adaptive", "__proto__=x", "@euro", "UTF-8", "LANG=", "PATH")
  ],
  maxLength: 2048,
  budget: 500,
  quick: 6000,
  run: (input) => readers[(input[0] ?? 0) % readers.length]?.(input.subarray(1))
}
