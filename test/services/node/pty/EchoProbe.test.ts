/**
 * `EchoProbe` on real terminals, with real shells.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import type { Sample } from "../../../../src/domain/terminal/InputEcho.ts"
import * as NodePty from "../../../../src/services/node/pty/NodePty.ts"
import * as TerminalFlags from "../../../../src/services/node/pty/TerminalFlags.ts"
import { Pty, type PtyProcess } from "../../../../src/services/server/Pty.ts"

const environment = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  TERM: "xterm-256color",
  LC_ALL: "C.UTF-8",
  HOME: "/nonexistent",
  PS1: "at> "
}

/** A program on a terminal of its own, whose output can be waited for. */
const start = Effect.fnUntraced(function* (file: string, ...args: ReadonlyArray<string>) {
  let output = ""
  let onOutput = () => {}
  const process = yield* (yield* Pty).spawn({
    file,
    arguments: args,
    environment,
    directory: "/",
    size: { columns: 200, rows: 24 },
    onOutput: (bytes) => {
      output += Buffer.from(bytes).toString()
      onOutput()
    },
    onExit: () => {}
  })
  const until = (text: string): Promise<void> =>
    new Promise((resolve) => {
      onOutput = () => {
        const at = output.indexOf(text)
        if (at < 0) return
        output = output.slice(at + text.length)
        resolve()
      }
      onOutput()
    })
  const samplesAfter = (typed: string, text: string, isEnough: (samples: number) => boolean): Effect.Effect<string> =>
    Effect.promise(async () => {
      process.write(Buffer.from(typed))
      await until(text)
      let found = await sample(process)
      for (let samples = 1; found.echo === "Unknown" && !isEnough(samples); samples++) found = await sample(process)
      return found.place === 0 ? found.echo : `${found.echo} ${found.place}`
    })
  /** Types text, waits for other text, and finds out who echoes then: a program may be busy for a while. */
  const after = (typed: string, text: string): Effect.Effect<string> =>
    Effect.suspend(() => {
      const deadline = performance.now() + PATIENCE
      return samplesAfter(typed, text, () => performance.now() > deadline)
    })
  /** The same where nothing is expected to be found: looks many times. */
  const stillAfter = (typed: string, text: string): Effect.Effect<string> =>
    samplesAfter(typed, text, (samples) => samples > 50)
  return { process, after, stillAfter }
})

/** How long a program may be busy, ms. */
const PATIENCE = 10_000

const sample = (process: PtyProcess): Promise<Sample> =>
  new Promise((resolve) => {
    process.sampleEcho?.(resolve)
  })

const isInstalled = (program: string) => ["/bin/", "/usr/bin/"].some((path) => existsSync(path + program))

describe.skipIf(process.platform !== "linux")("EchoProbe", () => {
  it.live.skipIf(!isInstalled("bash"))("finds who echoes in bash and its programs", () =>
    Effect.gen(function* () {
      const { after, process, stillAfter } = yield* start("bash", "--norc", "--noprofile", "-i")
      assert.strictEqual(yield* after("", "at> "), "LineEditor 1")
      assert.strictEqual(process.foreground?.()?.program.split(" ")[0], "bash")
      yield* after("cat\r", "2004l")
      assert.strictEqual(yield* after("hello\r", "hello\r\nhello\r\n"), "Kernel")
      assert.strictEqual(process.foreground?.()?.program, "cat")
      assert.strictEqual(yield* after("\x04", "at> "), "LineEditor 1")
      const asked = (command: string) => after(`${command}\r`, "at> ")
      // In the shell itself: by line, by character, in its line editor, and in a subshell that shares its process group.
      assert.strictEqual(yield* asked('read -s -p "$PS1" x'), "Secret")
      assert.strictEqual(yield* after("secret\r", "at> "), "LineEditor 1")
      assert.strictEqual(yield* asked('read -s -n 3 -p "$PS1" x'), "Other")
      assert.strictEqual(yield* after("abc", "at> "), "LineEditor 1")
      // With and without -s, it waits in the same place.
      assert.strictEqual(yield* asked('read -e -p "$PS1" x'), "Other")
      assert.strictEqual(yield* after("x\r", "at> "), "LineEditor 1")
      assert.strictEqual(yield* asked('read -s -e -p "$PS1" x'), "Other")
      assert.strictEqual(yield* after("secret\r", "at> "), "LineEditor 1")
      assert.strictEqual(yield* stillAfter('x=$(read -s -e -p "$PS1" x)\r', "at> "), "Unknown")
      assert.strictEqual(yield* after("secret\r", "at> "), "LineEditor 1")
      // In another process, which imitates the shell.
      assert.strictEqual(yield* asked(`bash -c 'read -s -p "at""> " x'`), "Secret")
      assert.strictEqual(yield* after("secret\r", "at> "), "LineEditor 1")
      assert.strictEqual(yield* asked(`bash -c 'read -e -p "at""> " x'`), "Other")
      assert.strictEqual(yield* after("x\r", "at> "), "LineEditor 1")
      // The prompt comes first, and the flags later.
      const late = `bash -c 'printf "at""> "; sleep 0.2; stty -echo; read x; stty echo'`
      assert.strictEqual(yield* asked(late), "Secret")
      assert.strictEqual(yield* after("secret\r", "at> "), "LineEditor 1")
      // Another shell in the same process has a prompt of its own; a script has none.
      assert.strictEqual(yield* asked("exec bash --norc --noprofile -i"), "LineEditor 2")
      // A shell within the shell, and one that reads its commands from a pipe and asks at the terminal.
      assert.strictEqual(yield* asked("bash --norc --noprofile"), "LineEditor 3")
      assert.strictEqual(yield* asked('read -s -e -p "$PS1" x'), "Other")
      assert.strictEqual(yield* after("secret\r", "at> "), "LineEditor 3")
      assert.strictEqual(yield* after("exit\r", "at> "), "LineEditor 2")
      assert.strictEqual(yield* asked(`echo 'read -es -p "at""> " x < /dev/tty' | bash --norc --noprofile`), "Other")
      assert.strictEqual(yield* after("secret\r", "at> "), "LineEditor 2")
      const script = yield* start("bash", "-c", 'read -e -p "at> "; read -s -e -p "at> "')
      assert.strictEqual(yield* script.after("", "at> "), "Other")
      // Nothing is read: whether the kernel's echo stays on is not known.
      process.write(Buffer.from("echo begun; exec sleep 1000\r"))
      assert.strictEqual(yield* stillAfter("", "begun\r\n"), "Unknown")
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )

  it.live.skipIf(!isInstalled("zsh"))("finds who echoes in zsh", () =>
    Effect.gen(function* () {
      const { after } = yield* start("zsh", "-f", "-i")
      assert.strictEqual(yield* after("PS1='at''> '\r", "at> "), "LineEditor 1")
      assert.strictEqual(yield* after("read -s 'x?pass''word: '\r", "password: "), "Secret")
      assert.strictEqual(yield* after("secret\r", "at> "), "LineEditor 1")
      assert.strictEqual(yield* after("read -sk 3 'x?pass''word: '\r", "password: "), "Other")
      assert.strictEqual(yield* after("abc", "at> "), "LineEditor 1")
      yield* after("cat\r", "2004l")
      assert.strictEqual(yield* after("hello\r", "hello\r\nhello\r\n"), "Kernel")
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )

  it.live.skipIf(!isInstalled("fish"))("finds who echoes in fish", () =>
    Effect.gen(function* () {
      const prompt = "function fish_prompt; echo -n 'at> '; end; function fish_greeting; end"
      const { after } = yield* start("fish", "--private", "--no-config", "-C", prompt)
      assert.strictEqual(yield* after("", "at> "), "LineEditor 1")
      // fish shows a dot for each character, at the prompt that it shows for `read` without -s, too.
      assert.strictEqual(yield* after("read -s x\r", "\x1b[6C"), "Other")
      assert.strictEqual(yield* after("secret\r", "at> "), "LineEditor 1")
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )

  it.live.skipIf(!isInstalled("python3"))("finds who echoes in Python", () =>
    Effect.gen(function* () {
      const { after } = yield* start("python3", "-q")
      assert.strictEqual(yield* after("", ">>> "), "LineEditor 1")
      assert.strictEqual(yield* after("input('>>''> ')\r", ">>> "), "Other")
      assert.strictEqual(yield* after("x\r", ">>> "), "LineEditor 1")
      assert.strictEqual(yield* after("import getpass; getpass.getpass('>>''> ')\r", ">>> "), "Secret")
      assert.strictEqual(yield* after("secret\r", ">>> "), "LineEditor 1")
      // In raw mode without echo, by the program itself.
      const hidden = "import os, sys, tty; print('>>''> ', end='', flush=True); tty.setraw(0); os.read(0, 1)"
      assert.strictEqual(yield* after(`${hidden}\r`, ">>> "), "Other")
      assert.strictEqual(yield* after("x", ">>> "), "LineEditor 1")
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )

  it.live.skipIf(!isInstalled("sqlite3"))("finds who echoes in sqlite3", () =>
    Effect.gen(function* () {
      const { after } = yield* start("sqlite3", ":memory:")
      assert.strictEqual(yield* after("", "sqlite> "), "LineEditor 1")
      assert.strictEqual(yield* after("select\r", "...> "), "LineEditor 1")
      assert.strictEqual(yield* after("1;\r", "sqlite> "), "LineEditor 1")
      const hidden = '.shell sh -c "stty -echo; echo hidden; head -n 1; stty echo"'
      assert.strictEqual(yield* after(`${hidden}\r`, "\rhidden"), "Secret")
      assert.strictEqual(yield* after("secret\r", "sqlite> "), "LineEditor 1")
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )

  it("reads what `stty -g` prints", () => {
    const flags = { canonical: true, echo: true }
    assert.deepStrictEqual(TerminalFlags.parse("4500:5:bf:8a3b:3:1c:7f:15:4\n"), { ...flags })
    assert.deepStrictEqual(TerminalFlags.parse("4500:5:bf:8a33:3:1c\n"), { ...flags, echo: false })
    assert.deepStrictEqual(TerminalFlags.parse("4400:5:bf:8a31:3:1c\n"), {
      canonical: false,
      echo: false
    })
    for (const text of ["", "stty: no such file", "4500:5:bf", "x:5:bf:8a3b:"])
      assert.strictEqual(TerminalFlags.parse(text), undefined)
  })
})
