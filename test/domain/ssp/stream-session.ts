/**
 * Applications with streams at both ends of a simulated session: a transfer whose every byte is checked, and keystrokes that
 * the server's program echoes.
 */
import * as UserStream from "../../../src/domain/objects/UserStream.ts"
import type * as Endpoint from "../../../src/domain/ssp/Endpoint.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import { expected } from "../streams/transfer.ts"
import * as Note from "./Note.ts"
import { type Conditions, type End, type Session, start as startSession } from "./session.ts"

type Ends = Session<UserStream.UserStream, string>
type AnyEnd = End<UserStream.UserStream, string> | End<string, UserStream.UserStream>

export const OURS = Features.frames | Features.copies | Features.endings | Features.streams
export const WITHOUT_STREAMS = OURS & ~Features.streams

export const start = (conditions: Conditions, features = { client: OURS, server: OURS }): Ends =>
  startSession({
    client: { object: UserStream.object, initial: UserStream.EMPTY },
    server: { object: Note.object, initial: "" },
    conditions,
    features,
    isWholeMillis: true
  })

export interface Transfer {
  /** Bytes that arrived. */
  readonly received: () => number
  readonly isComplete: () => boolean
  /** What went wrong; empty if nothing did. */
  readonly failures: ReadonlyArray<string>
}

const CHUNK = 65_536

/** `from` opens a stream and sends so many bytes, which `to` reads as they arrive. Once per session. */
export const transfer = (from: AnyEnd, to: AnyEnd, size: number): Transfer => {
  const failures: Array<string> = []
  let written = 0
  let received = 0
  let isEnd = false
  let isFinished = false

  const write = (stream: number): void => {
    if (written === size) return from.stream({ _tag: "Finish", stream })
    from.stream({ _tag: "Write", stream, bytes: expected(stream, written, Math.min(CHUNK, size - written)) })
  }
  from.onStream((event) => {
    switch (event._tag) {
      case "Opened":
        return write(event.stream)
      case "Written": {
        const wanted = Math.min(CHUNK, size - written)
        written += event.bytes
        return event.bytes === wanted ? write(event.stream) : undefined
      }
      case "Writable":
        return write(event.stream)
      case "Readable":
        return from.stream({ _tag: "Read", stream: event.stream, max: CHUNK })
      case "Finished":
        isFinished = true
        return
      case "Data":
      case "Openable":
        return
      default:
        failures.push(`the sender reports ${JSON.stringify(event)}`)
    }
  })
  const onRead = (event: Endpoint.StreamEvent): void => {
    switch (event._tag) {
      case "Readable":
        return to.stream({ _tag: "Read", stream: event.stream, max: CHUNK })
      case "Data": {
        const { bytes, isEnd: isLast, stream } = event
        if (isEnd) failures.push("read after the end")
        if (Buffer.compare(bytes, expected(stream, received, bytes.length)) !== 0)
          failures.push(`other bytes at ${received}`)
        received += bytes.length
        isEnd ||= isLast
        if (isLast) return to.stream({ _tag: "Finish", stream })
        return bytes.length === 0 ? undefined : to.stream({ _tag: "Read", stream, max: CHUNK })
      }
      case "PeerOpened":
      case "Finished":
      case "Openable":
        return
      default:
        failures.push(`the receiver reports ${JSON.stringify(event)}`)
    }
  }
  to.onStream(onRead)
  from.stream({ _tag: "Open", kind: 1, header: new Uint8Array([7]) })
  return {
    received: () => received,
    isComplete: () => failures.length > 0 || (isEnd && isFinished && received === size),
    failures
  }
}

/** Types a key and returns the time until the client shows its echo. */
export const type = ({ client, now, run, server }: Ends, limit = 5000): number => {
  client.publish(UserStream.push(client.local(), Buffer.from("k")))
  const [before, typed] = [client.remote().state.length, now()]
  let echoed = server.remote().state.end
  while (client.remote().state.length === before && now() - typed < limit) {
    run(1)
    for (; echoed < server.remote().state.end; echoed++) server.publish(`${server.local()}k`)
  }
  return now() - typed
}
