import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { createHash } from "node:crypto"
import * as NodePty from "../../../../src/services/node/pty/NodePty.ts"
import { Pty, type PtyExit, type PtyOptions } from "../../../../src/services/server/Pty.ts"

const base = {
  environment: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", TERM: "xterm-256color", LC_ALL: "C.UTF-8" },
  directory: "/",
  size: { columns: 80, rows: 24 }
} satisfies Partial<PtyOptions>

/** Starts a program whose output is collected. */
const start = (file: string, args: ReadonlyArray<string>, options: Partial<PtyOptions> = {}) =>
  Effect.gen(function* () {
    const pty = yield* Pty
    const ended = yield* Deferred.make<PtyExit>()
    const output: Array<Buffer> = []
    const waiting: Array<{ readonly text: string; readonly found: Deferred.Deferred<void> }> = []
    const text = () => Buffer.concat(output).toString("utf8")
    const process = yield* pty.spawn({
      ...base,
      file,
      arguments: args,
      onOutput: (bytes) => {
        output.push(Buffer.from(bytes))
        for (const wait of waiting) if (text().includes(wait.text)) Deferred.doneUnsafe(wait.found, Effect.void)
      },
      onExit: (exit) => {
        output.push(Buffer.from("<exit>"))
        Deferred.doneUnsafe(ended, Effect.succeed(exit))
      },
      ...options
    })
    const shows = Effect.fnUntraced(function* (wanted: string) {
      if (text().includes(wanted)) return
      const found = yield* Deferred.make<void>()
      waiting.push({ text: wanted, found })
      yield* Deferred.await(found)
    })
    return { process, text, shows, bytes: () => Buffer.concat(output), exit: Deferred.await(ended) }
  })

/** Runs a program until it exits. Returns its output and its exit status. */
const run = (file: string, args: ReadonlyArray<string>, options: Partial<PtyOptions> = {}) =>
  Effect.scoped(
    Effect.gen(function* () {
      const program = yield* start(file, args, options)
      const exit = yield* program.exit
      return { exit, output: program.text() }
    })
  )

const bash = (script: string, options: Partial<PtyOptions> = {}) => run("bash", ["-c", script], options)

describe("NodePty", () => {
  it.live("starts on a terminal of any size, and accepts any later size", () =>
    Effect.gen(function* () {
      const size = { columns: NaN, rows: 12.7 }
      const cat = yield* start("bash", ["-c", "stty size; read; stty size"], { size })
      yield* cat.shows("12 1")
      for (const side of [NaN, -1, 0, 1e9, 33.9]) cat.process.resize({ columns: side, rows: side })
      cat.process.write(Buffer.from("\r"))
      yield* cat.shows("33 33")
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )

  it.live("runs a program on a terminal with IUTF8, in its environment and directory", () =>
    Effect.gen(function* () {
      const { exit, output } = yield* bash("stty -a; pwd; echo $GREETING; tty", {
        environment: { ...base.environment, GREETING: "hello" },
        directory: "/usr"
      })
      assert.deepStrictEqual(exit, { code: 0, signal: 0 })
      assert.match(output, /(?<!-)iutf8/)
      assert.match(output, /rows 24; columns 80/)
      assert.match(output, /\/usr\r\nhello\r\n\/dev\/(pts\/|tty)/)
      assert.isTrue(output.endsWith("<exit>"))
    }).pipe(Effect.provide(NodePty.layer))
  )

  it.live("reports exit codes and signals", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* bash("exit 7")).exit, { code: 7, signal: 0 })
      assert.deepStrictEqual((yield* bash("kill -KILL $$")).exit, { code: 0, signal: 9 })
      assert.deepStrictEqual((yield* bash("kill -TERM $$")).exit, { code: 0, signal: 15 })
    }).pipe(Effect.provide(NodePty.layer))
  )

  it.live("fails before starting what cannot be run", () =>
    Effect.gen(function* () {
      const reason = (file: string, options: Partial<PtyOptions> = {}) =>
        Effect.map(Effect.flip(run(file, [], options)), (error) => error.message)
      assert.strictEqual(yield* reason("no-such-program"), "cannot run no-such-program: command not found")
      assert.strictEqual(yield* reason(""), "cannot run : command not found")
      assert.strictEqual(yield* reason("/no/such"), "cannot run /no/such: no such file")
      assert.strictEqual(yield* reason("/usr"), "cannot run /usr: it is not a file")
      assert.strictEqual(yield* reason("/etc/passwd"), "cannot run /etc/passwd: permission denied")
      assert.strictEqual(
        yield* reason("bash", { environment: { PATH: "/nowhere" } }),
        "cannot run bash: command not found"
      )
    }).pipe(Effect.provide(NodePty.layer))
  )

  it.live("starts in / when the directory cannot be entered", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* bash("pwd", { directory: "/no/such" })).output, "/\r\n<exit>")
    }).pipe(Effect.provide(NodePty.layer))
  )

  it.live("passes on the whole environment, however the program is started", () =>
    Effect.gen(function* () {
      const environment = { ...base.environment, PS1: "one> ", PS2: "two> ", SHLVL: "3", BASH_ENV: "/etc/passwd" }
      const other = yield* start("cat", [])
      for (const login of [false, true]) {
        const { output } = yield* run("env", [], { environment, login })
        for (const [name, value] of Object.entries(environment)) assert.include(output, `${name}=${value}\r\n`)
      }
      other.process.write(Buffer.from("\x04"))
      yield* other.exit
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )

  it.live("starts login shells", () =>
    Effect.gen(function* () {
      assert.match((yield* run("bash", ["-c", "echo [$0]"], { login: true })).output, /\[-bash\]/)
      const script = ["-c", "shopt -q login_shell && echo login || echo not"]
      const environment = { ...base.environment, HOME: "/nowhere" }
      assert.match((yield* run("bash", script, { environment })).output, /not/)
      assert.match((yield* run("bash", script, { environment, login: true })).output, /login/)
    }).pipe(Effect.provide(NodePty.layer))
  )

  it.live("passes every byte both ways", () =>
    Effect.gen(function* () {
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      const program = yield* start("bash", ["-c", "stty raw -echo; echo ready; head -c 256"])
      yield* program.shows("ready")
      program.process.write(every)
      yield* program.exit
      assert.deepStrictEqual([...program.bytes().subarray(-256 - 6, -6)], [...every])
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )

  it.live("delivers a megabyte to a slow reader, whole, and stays responsive meanwhile", () =>
    Effect.gen(function* () {
      const size = 1_000_000
      const paste = Buffer.alloc(size)
      for (let i = 0; i < size; i++) paste[i] = (i * 7 + (i >> 8)) & 0xff
      const script = `stty raw -echo; echo ready; sleep 0.3; head -c ${size} | sha1sum`
      const program = yield* start("bash", ["-c", script])
      yield* program.shows("ready")
      program.process.write(paste.subarray(0, 10))
      program.process.write(paste.subarray(10))
      // The output is not read yet, and still other fibers run.
      assert.isAbove(program.process.pending(), 0)
      yield* program.exit
      assert.include(program.text(), createHash("sha1").update(paste).digest("hex"))
      assert.strictEqual(program.process.pending(), 0)
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )

  it.live("forgets input that an exited program left unread", () =>
    Effect.gen(function* () {
      const program = yield* start("bash", ["-c", "stty raw -echo; echo ready; sleep 0.2; echo last words"])
      yield* program.shows("ready")
      program.process.write(new Uint8Array(500_000))
      yield* program.exit
      assert.isTrue(program.text().endsWith("last words\n<exit>"))
      program.process.write(new Uint8Array(10))
      program.process.resize({ columns: 10, rows: 10 })
      assert.strictEqual(program.process.pending(), 0)
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )

  it.live("reads 5 MB exactly", () =>
    Effect.gen(function* () {
      const hash = createHash("sha1")
      let length = 0
      const script = "stty raw; head -c 5000000 < <(yes 0123456789abcdef)"
      yield* bash(script, {
        onOutput: (bytes) => {
          hash.update(bytes)
          length += bytes.length
        }
      })
      const expected = "0123456789abcdef\n".repeat(5_000_000 / 17 + 1).slice(0, 5_000_000)
      assert.strictEqual(length, 5_000_000)
      assert.strictEqual(hash.digest("hex"), createHash("sha1").update(expected).digest("hex"))
    }).pipe(Effect.provide(NodePty.layer))
  )

  it.live("loses no output of a program that prints and exits", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 20; i++) {
        const { output } = yield* bash("seq 1 20000; echo the very end")
        assert.isTrue(output.endsWith("20000\r\nthe very end\r\n<exit>"))
        assert.isTrue(output.startsWith("1\r\n2\r\n"))
      }
    }).pipe(Effect.provide(NodePty.layer))
  )

  it.live("loses no output even if this process is stopped while the program exits", () =>
    Effect.gen(function* () {
      const program = yield* start("bash", ["-c", "echo ready; sleep 0.1; seq 1 9000; echo the very end"])
      yield* program.shows("ready")
      const still = new Int32Array(new SharedArrayBuffer(4))
      setImmediate(() => Atomics.wait(still, 0, 0, 600))
      setTimeout(() => Atomics.wait(still, 0, 0, 600), 1)
      yield* program.exit
      assert.isTrue(program.text().endsWith("the very end\r\n<exit>"))
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )

  it.live("notifies the program of a new size", () =>
    Effect.gen(function* () {
      const program = yield* start("bash", [
        "-c",
        "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done"
      ])
      yield* program.shows("ready")
      program.process.resize({ columns: 132, rows: 43 })
      yield* program.exit
      assert.include(program.text(), "43 132")
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )

  it.live("hangs up when the scope closes, and is silent afterwards", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const program = yield* start("bash", ["-c", "trap 'exit 3' HUP; echo ready; while :; do sleep 0.05; done"]).pipe(
        Scope.provide(scope)
      )
      yield* program.shows("ready")
      yield* Scope.close(scope, Exit.void)
      let alive = true
      for (let i = 0; i < 500 && alive; i++) {
        yield* Effect.sleep("10 millis")
        try {
          process.kill(program.process.pid, 0)
        } catch {
          alive = false
        }
      }
      assert.isFalse(alive)
      assert.notInclude(program.text(), "<exit>")
    }).pipe(Effect.provide(NodePty.layer))
  )

  it.live("reports the status of a program that closes its terminal before it exits", () =>
    Effect.gen(function* () {
      const { exit, output } = yield* bash("echo last; exec <&- >&- 2>&-; sleep 0.2; exit 7")
      assert.deepStrictEqual(exit, { code: 7, signal: 0 })
      assert.include(output, "last")
    }).pipe(Effect.provide(NodePty.layer))
  )

  it.live("hangs up a program that closes its terminal and goes on", () =>
    Effect.gen(function* () {
      const { exit } = yield* bash("exec <&- >&- 2>&-; sleep 60; exit 7")
      assert.deepStrictEqual(exit, { code: 0, signal: 1 })
    }).pipe(Effect.provide(NodePty.layer))
  )

  it.live("ends a session although a background process still holds the terminal", () =>
    Effect.gen(function* () {
      const { exit, output } = yield* bash("trap '' HUP; sleep 5 & echo done; exit 4")
      assert.deepStrictEqual(exit, { code: 4, signal: 0 })
      assert.include(output, "done")
    }).pipe(Effect.provide(NodePty.layer))
  )

  it.live("gives programs no other open files, not even other terminals", () =>
    Effect.gen(function* () {
      const other = yield* start("cat", [])
      const list = yield* bash("ls -l /proc/$$/fd", {
        environment: { PATH: base.environment.PATH, "BASH_FUNC_exec%%": "() { exit 1; }", BASH_ENV: "/etc/passwd" }
      })
      assert.notInclude(list.output, "ptmx")
      assert.deepStrictEqual(
        [...list.output.matchAll(/ (\d+) -> \/dev\/pts/g)].map((match) => match[1]),
        ["0", "1", "2"]
      )
      other.process.write(Buffer.from("\x04"))
      yield* other.exit
    }).pipe(Effect.scoped, Effect.provide(NodePty.layer))
  )
})
