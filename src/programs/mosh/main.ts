/**
 * `mosh`: parses the command line, and loads the part of the program that it needs.
 */
import * as Result from "effect/Result"
import { ASKPASS } from "./askpassArgument.ts"
import * as WrapperArguments from "../../domain/arguments/WrapperArguments.ts"
import * as StandardStreams from "../shared/standardStreams.ts"

/** ssh's exit status for its own failures: no session was opened. */
const NO_SESSION = 255

/** A function, because Node 24 embeds only CommonJS in an executable, which has no top-level `await`. */
const start = async (asked: Result.Success<WrapperArguments.WrapperArguments, unknown>): Promise<void> => {
  switch (asked.success._tag) {
    case "Help":
      process.stdout.write((await import("./help.ts")).HELP)
      break
    case "Version":
      process.stdout.write((await import("../shared/version.ts")).about("mosh").join("\n") + "\n")
      break
    case "FakeProxy":
      ;(await import("./fakeProxy.ts")).run(asked.success)
      break
    case "Doctor":
      ;(await import("./doctor.ts")).run(asked.success.request)
      break
    case "List":
      ;(await import("./sessions.ts")).list(asked.success.request, asked.success.json ? "Json" : "Table")
      break
    case "Kill":
      ;(await import("./sessions.ts")).kill(asked.success.request, asked.success.which, asked.success.force)
      break
    case "Run": {
      const { request, run } = asked.success
      const settings = (await import("./sshSettings.ts")).ask(request)
      ;(await import("./command.ts")).run(request, run, settings)
      break
    }
    case "Open": {
      const { request } = asked.success
      const settings = (await import("./sshSettings.ts")).ask(request)
      ;(await import("./session.ts")).run(request, settings)
    }
  }
}

const [first, socket = "", prompt = ""] = process.argv.slice(2)
const isAskpass = first === ASKPASS
const asked = WrapperArguments.parse(process.argv.slice(2), {
  predictionDisplay: process.env["MOSH_PREDICTION_DISPLAY"],
  predictionOverwrite: process.env["MOSH_PREDICTION_OVERWRITE"],
  detachable: process.env["MOSH_DETACHABLE"]
})
// The proxy command ends with ssh, by its own rules.
if (Result.isSuccess(asked) && ["Open", "Run", "FakeProxy"].includes(asked.success._tag)) {
  StandardStreams.outliveReaders()
} else StandardStreams.endWithReader("mosh")
if (isAskpass) {
  void import("../../services/node/ssh/Askpass.ts").then(({ answer }) => answer(socket, prompt))
} else if (Result.isFailure(asked)) {
  process.stderr.write(`mosh: ${asked.failure}\nmosh --help shows how it is used.\n`)
  process.exitCode = NO_SESSION
} else {
  void start(asked)
}
