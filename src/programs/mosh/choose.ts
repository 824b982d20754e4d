/**
 * Lets the user choose one of several sessions on the terminal.
 */
import * as Effect from "effect/Effect"
import * as Readline from "node:readline"
import type { Listed } from "../../domain/registry/SessionRecord.ts"
import * as SessionPrompt from "../../domain/registry/SessionPrompt.ts"
import { startedAt } from "../shared/sessionsReport.ts"

/** Asks on stderr until an answer on stdin chooses a session. `undefined`: the user gave up, by Ctrl-C or Ctrl-D. */
export const choose = (sessions: ReadonlyArray<Listed>): Effect.Effect<Listed | undefined> =>
  Effect.callback<Listed | undefined>((resume) => {
    const lines = Readline.createInterface({ input: process.stdin, terminal: false })
    const finish = (session: Listed | undefined): void => {
      process.removeListener("SIGINT", giveUp)
      lines.removeAllListeners()
      lines.close()
      resume(Effect.succeed(session))
    }
    const giveUp = (): void => {
      process.stderr.write("\n")
      finish(undefined)
    }
    process.on("SIGINT", giveUp)
    lines.on("line", (line) => {
      const session = SessionPrompt.chosen(sessions, line)
      if (session === undefined) process.stderr.write(SessionPrompt.question(sessions))
      else finish(session)
    })
    lines.once("close", giveUp)
    process.stderr.write(
      SessionPrompt.lines(sessions, startedAt)
        .map((line) => `${line}\n`)
        .join("")
    )
    process.stderr.write(SessionPrompt.question(sessions))
  })
