/**
 * Carries a session's datagrams through an ssh to `mosh-server relay`, and starts another ssh when one ends.
 *
 * `RelayLink` decides when. ssh runs without a controlling terminal, which the session is drawn on: it can ask only through
 * `Askpass`.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import type { Environment } from "../../../domain/environment/Locale.ts"
import * as RelayEnd from "../../../domain/relay/RelayEnd.ts"
import * as RelayFailure from "../../../domain/relay/RelayFailure.ts"
import * as RelayLink from "../../../domain/relay/RelayLink.ts"
import * as Actor from "../../runtime/Actor.ts"
import * as Askpass from "./Askpass.ts"

export interface SshRelayOptions {
  /** The command line of ssh (`SshCommand.relayCommand`). */
  readonly words: ReadonlyArray<string>
  readonly environment: Environment
  /** A relay through the login of the session, which is tried once, first. Default: none. */
  readonly first?: FirstRelay | undefined
  /** How ssh may ask the user. Default: it may not, so that only keys and agents authenticate. */
  readonly askpass?: AskpassOptions | undefined
}

/** A relay that needs no login of its own. */
export interface FirstRelay {
  /** The command line of ssh. */
  readonly words: ReadonlyArray<string>
  /** Whether its connection may still work: not after `release`. */
  readonly isUsable: () => boolean
  /** The relay has ended, or will not be needed. May be called twice. */
  readonly release: () => void
}

export interface AskpassOptions {
  /** The words that start the program which ssh asks (`Askpass.answer`). */
  readonly words: ReadonlyArray<string>
  readonly ask: Askpass.Ask
}

/** Its functions are synchronous, never throw, and may be called from any callback. */
export interface SshRelay {
  /** Whether a relay is wanted. Without one, no ssh runs. */
  readonly want: (wanted: boolean) => void
  /** Sends a datagram. It is dropped while no relay is usable, or ssh takes no more. */
  readonly send: (datagram: Uint8Array) => void
  /** Whether a relay is usable. */
  readonly isUsable: () => boolean
  /** Why the last ssh ended; `undefined` if none has, or a relay was usable since. */
  readonly failure: () => RelayFailure.RelayFailure | undefined
  /** The host slept, or its network changed. */
  readonly disrupted: () => void
  /** Calls `handlers` while the scope is open. */
  readonly receive: (handlers: RelayHandlers) => Effect.Effect<void, never, Scope.Scope>
}

/** Called by the relay. None may throw. */
export interface RelayHandlers {
  readonly onDatagram: (datagram: Uint8Array) => void
  /** A relay is usable, or no longer. */
  readonly onChange: (isUsable: boolean) => void
  /** An ssh ended by itself. */
  readonly onFailure: (failure: RelayFailure.RelayFailure) => void
}

/** Bytes in Node's buffer above which datagrams are dropped: ssh does not read. */
const MAX_BUFFERED = 262_144
/** Lines of stderr that are kept, and the length of each. */
const LINES_KEPT = 20
const ERRORS_KEPT = 16_384
/** How long after ssh's end its output may still arrive, ms. */
const GRACE_MS = 300

interface Running {
  readonly child: ChildProcess.ChildProcessWithoutNullStreams
  readonly isFirst: boolean
  channel: RelayEnd.RelayEnd
}

export const make = Effect.fnUntraced(function* (
  options: SshRelayOptions
): Effect.fn.Return<SshRelay, never, Scope.Scope> {
  const now = yield* Actor.millis
  let handlers: RelayHandlers | undefined
  let running: Running | undefined
  let failure: RelayFailure.RelayFailure | undefined
  const askpass =
    options.askpass === undefined
      ? undefined
      : Askpass.make({
          ...options.askpass,
          onAsking: (asking) => actor.offer({ _tag: "Asking", asking })
        })

  let first = options.first

  const start = (): void => {
    const isFirst = first?.isUsable() === true
    const [program = "", ...parameters] = isFirst ? (first?.words ?? []) : options.words
    first = undefined
    const child = ChildProcess.spawn(program, parameters, {
      env: { ...options.environment, ...(askpass?.environment() ?? Askpass.FORBIDDEN) },
      // A session of its own: no terminal, and no signals of the terminal.
      detached: true,
      stdio: "pipe"
    })
    const current: Running = { child, isFirst, channel: RelayEnd.init("Client", now()) }
    running = current
    let errors = ""
    const ended = (reason: RelayFailure.RelayFailure): void => {
      if (running !== current) return
      running = undefined
      askpass?.withdraw()
      if (isFirst) options.first?.release()
      failure = reason
      handlers?.onFailure(reason)
      actor.offer({ _tag: "Ended", isFinal: RelayFailure.isFinal(reason) })
    }
    child.on("error", ({ message }) => ended({ reason: "SshFailed", text: message }))
    const conclude = (code: number | null, signal: string | null): void => {
      const lines = errors
        .split(/\r?\n/)
        .filter((line) => line !== "")
        .slice(-LINES_KEPT)
      ended(RelayFailure.diagnose({ code: code ?? undefined, signal: signal ?? undefined }, lines))
    }
    child.on("close", conclude)
    // A proxy command may keep the pipes open.
    child.on("exit", (code, signal) => setTimeout(conclude, GRACE_MS, code, signal).unref())
    child.stdin.on("error", () => undefined)
    child.stdout.on("error", () => undefined)
    child.stderr.on("error", () => undefined)
    child.stderr.on("data", (bytes: Buffer) => (errors = (errors + bytes.toString()).slice(-ERRORS_KEPT)))
    child.stdout.on("data", (bytes: Buffer) => {
      if (running !== current) return
      const [next, outputs] = RelayEnd.machine.step(current.channel, { _tag: "Receive", bytes }, now())
      current.channel = next
      if (outputs.some(({ _tag }) => _tag === "Datagram")) actor.offer({ _tag: "Received" })
      for (const output of outputs) perform(current, output, ended)
    })
  }

  const perform = (
    current: Running,
    output: RelayEnd.Output,
    ended: (reason: RelayFailure.RelayFailure) => void
  ): void => {
    switch (output._tag) {
      case "Greeted":
        return actor.offer({ _tag: "Greeted" })
      case "Datagram":
        return handlers?.onDatagram(output.datagram)
      case "Write":
        return write(current, output.bytes)
      case "Malformed":
        if (running !== current) return
        kill()
        running = current
        return ended({ reason: "SshFailed", text: "the relay sent something else than datagrams" })
    }
  }

  const write = ({ child }: Running, bytes: Uint8Array): void => {
    if (!child.stdin.destroyed) child.stdin.write(bytes)
  }

  const kill = (): void => {
    const ending = running
    running = undefined
    askpass?.withdraw()
    if (ending === undefined) return
    ending.child.stdin.destroy()
    ending.child.kill("SIGTERM")
    // Its connection may be dead, which ssh notices late.
    if (ending.isFirst) options.first?.release()
  }

  const actor: Actor.Actor<RelayLink.RelayLink, RelayLink.Input> = yield* Actor.spawn({
    machine: RelayLink.machine,
    initial: RelayLink.STOPPED,
    tick: { _tag: "Tick" },
    perform: (output: RelayLink.Output) => {
      switch (output._tag) {
        case "Start":
          return start()
        case "Kill":
          return kill()
        case "Usable":
          failure = undefined
          return handlers?.onChange(true)
        case "Unusable":
          return handlers?.onChange(false)
      }
    }
  })

  yield* Effect.acquireRelease(
    Effect.sync(() => process.on("exit", kill)),
    () =>
      Effect.sync(() => {
        process.removeListener("exit", kill)
        kill()
        askpass?.close()
      })
  )

  return {
    want: (wanted) => actor.offer({ _tag: "Wanted", wanted }),
    isUsable: () => RelayLink.isUp(actor.state()),
    failure: () => failure,
    disrupted: () => actor.offer({ _tag: "Disrupted" }),
    send: (datagram) => {
      const current = running
      if (current === undefined || !RelayLink.isUp(actor.state())) return
      actor.offer({ _tag: "Sent" })
      if (running !== current || current.child.stdin.writableLength > MAX_BUFFERED) return
      const [next, outputs] = RelayEnd.machine.step(current.channel, { _tag: "Send", datagram }, now())
      current.channel = next
      for (const output of outputs) if (output._tag === "Write") write(current, output.bytes)
    },
    receive: (receiver) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          handlers = receiver
        }),
        () =>
          Effect.sync(() => {
            handlers = undefined
          })
      )
  }
})
