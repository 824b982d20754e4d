/**
 * Asks the user a yes-or-no question on the terminal.
 */
import * as Effect from "effect/Effect"
import * as Readline from "node:readline"

/** Asks `question` on stderr, and reads the answer from stdin. The end of the input and Ctrl-C count as no. */
export const ask = (question: string): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const lines = Readline.createInterface({ input: process.stdin, terminal: false })
    const finish = (yes: boolean) => {
      process.removeListener("SIGINT", refuse)
      lines.removeAllListeners()
      lines.close()
      resume(Effect.succeed(yes))
    }
    const refuse = () => {
      process.stderr.write("\n")
      finish(false)
    }
    process.on("SIGINT", refuse)
    lines.once("line", (line) => finish(/^\s*y(es)?\s*$/i.test(line)))
    lines.once("close", refuse)
    process.stderr.write(question)
  })
