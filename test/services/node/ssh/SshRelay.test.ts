/**
 * The process that carries a relay: a program that stands in for ssh.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as RelayFrame from "../../../../src/domain/relay/RelayFrame.ts"
import type { RelayFailure } from "../../../../src/domain/relay/RelayFailure.ts"
import * as SshRelay from "../../../../src/services/node/ssh/SshRelay.ts"

const ASKPASS = Path.resolve(import.meta.dirname, "../../../../src/services/node/ssh/Askpass.ts")

/** Prints noise and the greeting, and sends every datagram back. */
const ECHO = `printf 'Welcome!\\n${RelayFrame.GREETING.trimEnd()}\\n'; exec cat`

interface Run {
  readonly relay: SshRelay.SshRelay
  /** The datagram that arrived first, as text. */
  readonly datagram: Effect.Effect<string>
  readonly failure: Effect.Effect<RelayFailure>
  /** Resumes when a relay is usable. */
  readonly usable: Effect.Effect<void>
}

const run = Effect.fnUntraced(function* (script: string, askpass?: SshRelay.AskpassOptions) {
  const datagram = yield* Deferred.make<string>()
  const failure = yield* Deferred.make<RelayFailure>()
  const usable = yield* Deferred.make<void>()
  const relay = yield* SshRelay.make({
    words: ["/bin/sh", "-c", script],
    environment: { PATH: process.env["PATH"] },
    askpass
  })
  yield* relay.receive({
    onDatagram: (bytes) => void Deferred.doneUnsafe(datagram, Effect.succeed(Buffer.from(bytes).toString())),
    onChange: (isUsable) => {
      if (isUsable) Deferred.doneUnsafe(usable, Effect.void)
    },
    onFailure: (reason) => void Deferred.doneUnsafe(failure, Effect.succeed(reason))
  })
  relay.want(true)
  const started: Run = {
    relay,
    datagram: Deferred.await(datagram),
    failure: Deferred.await(failure),
    usable: Deferred.await(usable)
  }
  return started
})

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe("SshRelay", () => {
  it.live("carries datagrams after what the login prints, and ends its ssh when it is not wanted", () =>
    Effect.gen(function* () {
      const { datagram, relay, usable } = yield* run(ECHO)
      relay.send(bytes("lost: there is no relay yet"))
      yield* usable
      relay.send(bytes("first"))
      expect(yield* datagram).toBe("first")
      relay.want(false)
      expect(relay.isUsable()).toBe(false)
    })
  )

  it.live("reports why ssh ended, and what is no relay", () =>
    Effect.gen(function* () {
      const refused = yield* run("echo 'root@host: Permission denied (publickey).' >&2; exit 255")
      expect((yield* refused.failure).reason).toBe("NotLetIn")
      const strange = yield* run(`printf '${RelayFrame.GREETING.trimEnd()}\\n'; echo no frame; exec sleep 60`)
      expect((yield* strange.failure).text).toContain("something else than datagrams")
      const missing = yield* run("exec /nowhere/mosh-server 2>/dev/null")
      expect((yield* missing.failure).reason).toBe("ServerNotFound")
    })
  )

  it.live("lets ssh ask, through a private socket, and forbids it after the user declined", () =>
    Effect.gen(function* () {
      const prompts: Array<string> = []
      const answers = ["geheim", undefined]
      const words = [
        process.execPath,
        "--input-type=module",
        "-e",
        `import { answer } from ${JSON.stringify(ASKPASS)}; answer(process.argv[1], process.argv[2])`
      ]
      // Sends the answer, or that there was none, as a datagram.
      const script = `
        for i in 1 2 3; do answer=$answer/$("$SSH_ASKPASS" "Password $i: " || echo none); done
        printf '${RelayFrame.GREETING.trimEnd()}\\n\\000\\000\\021%s' "$answer"
        exec sleep 60`
      const { datagram } = yield* run(script, {
        words,
        ask: (prompt) => {
          prompts.push(prompt)
          return Promise.resolve(answers.shift())
        }
      })
      expect(yield* datagram).toBe("/geheim/none/none")
      expect(prompts).toEqual(["Password 1: ", "Password 2: "])
    })
  )

  it.live("removes the directory of its questions", () =>
    Effect.gen(function* () {
      let directory = ""
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { failure } = yield* run(
            'dirname "$SSH_ASKPASS" >&2; stat -c %a "$(dirname "$SSH_ASKPASS")" >&2; exit 1',
            {
              words: ["false"],
              ask: () => Promise.resolve(undefined)
            }
          )
          expect((yield* failure).text).toBe("700")
          const again = yield* run('dirname "$SSH_ASKPASS" >&2; exit 1', {
            words: ["false"],
            ask: () => Promise.resolve(undefined)
          })
          directory = (yield* again.failure).text
          expect(Fs.statSync(Path.join(directory, "socket")).mode & 0o777).toBe(0o600)
        })
      )
      expect(Fs.existsSync(directory)).toBe(false)
    })
  )
})
