/**
 * Handles a server that was started but never answered by UDP: reports the likely cause, and switches to plain ssh if the
 * user wants that.
 */
import * as Effect from "effect/Effect"
import * as Dgram from "node:dgram"
import * as Tty from "node:tty"
import type { ServerEndpoint } from "../../domain/bootstrap/BootstrapTranscript.ts"
import type { Environment } from "../../domain/environment/Locale.ts"
import * as NoAnswer from "../../domain/bootstrap/NoAnswer.ts"
import * as ShellWords from "../../domain/arguments/ShellWords.ts"
import * as SshCommand from "../../domain/bootstrap/SshCommand.ts"
import type { Place, SessionRequest } from "../../domain/arguments/WrapperArguments.ts"
import { words } from "../../services/node/NodeSystemError.ts"
import * as Consent from "../shared/consent.ts"
import * as ExecProgram from "./execProgram.ts"

export interface Failed {
  readonly request: SessionRequest
  readonly place: Extract<Place, { _tag: "Ssh" }>
  readonly server: ServerEndpoint
  readonly hostname: string | undefined
  readonly environment: Environment
  /** The exit status without a fallback. */
  readonly status: number
}

/** Reports what the client's own lines do not contain, then runs plain ssh or not. Returns the exit status. */
export const goOn = Effect.fnUntraced(function* (failed: Failed) {
  const { place, request, server, status } = failed
  const refused = yield* refusal(server.address, server.port)
  print(
    ...NoAnswer.lines({
      destination: place.destination,
      login: ShellWords.display(SshCommand.loginCommand(place)),
      address: server.address,
      port: server.port,
      addressUncertain: server.addressUncertain,
      hostname: failed.hostname,
      refused
    })
  )
  if (request.attach !== undefined || request.session !== undefined) {
    print("mosh: plain ssh would open another shell, so it is not used; the session keeps running.")
    return status
  }
  const words = SshCommand.plainSession(place, request)
  if (!Tty.isatty(0)) {
    // Piped input has been consumed: a session with the rest of it would be worse than none.
    print(`mosh: without UDP: ${ShellWords.display(words)}`)
    return status
  }
  if (request.fallback === "ssh") {
    print("mosh: going on by plain ssh: no roaming, and the session ends with its connection.")
    return yield* plainSsh(words, failed.environment)
  }
  if (!Tty.isatty(2)) return status
  print(`mosh: plain ssh needs no UDP; --fallback=ssh takes it without asking.`)
  if (yield* Consent.ask("Use plain ssh instead? [y/N] ")) return yield* plainSsh(words, failed.environment)
  return status
})

/** The system's error message when the host refuses datagrams on the port; `undefined` when it does not answer. */
const refusal = (address: string, port: number): Effect.Effect<string | undefined> =>
  Effect.callback<string | undefined>((resume) => {
    const socket = Dgram.createSocket(address.includes(":") ? "udp6" : "udp4")
    const finish = (words: string | undefined) => {
      clearTimeout(timer)
      socket.removeAllListeners()
      socket.on("error", () => undefined)
      socket.close()
      resume(Effect.succeed(words))
    }
    const timer = setTimeout(finish, PROBE_MS, undefined)
    socket.on("error", (error) => finish(words(error)))
    // Only a connected socket reports refusals.
    socket.connect(port, address, () => socket.send(""))
  })

const PROBE_MS = 700

const plainSsh = (words: ReadonlyArray<string>, environment: Environment): Effect.Effect<number> =>
  ExecProgram.run(words, environment).pipe(
    Effect.catch(({ message }) => {
      print(`mosh: ${message}`)
      return Effect.succeed(NO_SESSION)
    })
  )

const NO_SESSION = 255

const print = (...lines: ReadonlyArray<string>): void => {
  for (const line of lines) process.stderr.write(`${line}\n`)
}
