/**
 * An application that sends known bytes over streams and checks each that arrives.
 */
import * as Network from "./network.ts"

/** A prime length: bytes at a wrong offset do not match. */
const PERIOD = 65_537
const pattern = new Uint8Array(2 * PERIOD)
for (let i = 0, x = 1; i < PERIOD; i++) {
  x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0
  pattern[i] = pattern[i + PERIOD] = x >>> 16
}

/** The bytes of stream `stream` from `offset`. */
export const expected = (stream: number, offset: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length;) {
    const at = (offset + i + stream * 977) % PERIOD
    const part = Math.min(length - i, PERIOD)
    bytes.set(pattern.subarray(at, at + part), i)
    i += part
  }
  return bytes
}

export interface Progress {
  readonly written: Map<number, number>
  readonly read: Map<number, number>
  /** Streams whose end was read. */
  readonly ended: Set<number>
  readonly finished: { client: Set<number>; server: Set<number> }
  readonly failures: Array<string>
  /** When the last byte arrived. */
  lastAt: number
}

export interface Plan extends Network.Options {
  /** Bytes of each stream that the server opens. */
  readonly sizes: ReadonlyArray<number>
  /** Their urgency. */
  readonly urgency?: number
  /** How often the user types, ms; never by default. */
  readonly typedEvery?: number
  /** How many bytes are read at once; all by default. */
  readonly readSize?: number
  /** How long the reader waits before it reads, ms. */
  readonly readDelay?: number
}

/** The server sends streams of these sizes to the client. */
export const start = (plan: Plan): { readonly network: Network.Network; readonly progress: Progress } => {
  const progress: Progress = {
    written: new Map(),
    read: new Map(),
    ended: new Set(),
    finished: { client: new Set(), server: new Set() },
    failures: [],
    lastAt: 0
  }
  const sizes = [...plan.sizes]
  const sizeOf = new Map<number, number>()

  const write = (network: Network.Network, end: Network.End, stream: number): void => {
    const offset = progress.written.get(stream) ?? 0
    const size = sizeOf.get(stream) ?? 0
    const chunk = Math.min(size - offset, PERIOD)
    if (chunk === 0) return network.give(end, { _tag: "Finish", stream })
    network.give(end, { _tag: "Write", stream, bytes: expected(stream, offset, chunk) })
  }
  /** Reads to be done, one after the other: if each began within the one before, many small ones would overflow the stack. */
  const reads: Array<() => void> = []
  let isReading = false
  const read = (network: Network.Network, end: Network.End, stream: number): void => {
    reads.push(() => network.give(end, { _tag: "Read", stream, max: plan.readSize ?? Infinity }))
    if (isReading) return
    isReading = true
    for (let next = reads.shift(); next !== undefined; next = reads.shift()) next()
    isReading = false
  }

  const network = Network.make(plan, (network, end, output) => {
    switch (output._tag) {
      case "Opened":
        sizeOf.set(output.stream, sizes.shift() ?? 0)
        return write(network, end, output.stream)
      case "Written": {
        const offset = (progress.written.get(output.stream) ?? 0) + output.bytes
        const asked = Math.min((sizeOf.get(output.stream) ?? 0) - offset + output.bytes, PERIOD)
        progress.written.set(output.stream, offset)
        if (output.bytes === asked) write(network, end, output.stream)
        return
      }
      case "Writable":
        return write(network, end, output.stream)
      case "Readable":
        if (plan.readDelay === undefined) return read(network, end, output.stream)
        return network.after(plan.readDelay, () => read(network, end, output.stream))
      case "Data": {
        const { bytes, isEnd, stream } = output
        if (end === network.server) return
        const offset = progress.read.get(stream) ?? 0
        if (Buffer.compare(bytes, expected(stream, offset, bytes.length)) !== 0)
          progress.failures.push(`stream ${stream}: other bytes at ${offset}`)
        if (progress.ended.has(stream)) progress.failures.push(`stream ${stream}: read after its end`)
        progress.read.set(stream, offset + bytes.length)
        progress.lastAt = network.now()
        if (isEnd) {
          progress.ended.add(stream)
          if (offset + bytes.length !== sizeOf.get(stream)) progress.failures.push(`stream ${stream}: ended early`)
          network.give(end, { _tag: "Finish", stream })
        } else if (bytes.length > 0) read(network, end, stream)
        return
      }
      case "Finished":
        if (progress.finished[end.name].has(output.stream)) progress.failures.push(`${output.stream} finished twice`)
        progress.finished[end.name].add(output.stream)
        return
      case "Ended":
        progress.failures.push(`ended: ${JSON.stringify(output.reason)}`)
        return
      case "OpenRefused":
        progress.failures.push("refused to open")
        return
      default:
        return
    }
  })
  const { typedEvery, urgency } = plan
  for (let i = 0; i < plan.sizes.length; i++)
    network.give(network.server, {
      _tag: "Open",
      kind: 1,
      header: new Uint8Array([i & 255]),
      ...(urgency !== undefined && { urgency })
    })
  const typed = (): void => {
    network.give(network.server, { _tag: "Typed" })
    if (typedEvery !== undefined) network.after(typedEvery, typed)
  }
  if (typedEvery !== undefined) typed()
  return { network, progress }
}

/** Whether everything arrived and both ends have forgotten the streams. */
export const isComplete = ({ sizes }: Plan, progress: Progress): boolean =>
  progress.failures.length > 0 ||
  (progress.ended.size === sizes.length &&
    progress.finished.client.size === sizes.length &&
    progress.finished.server.size === sizes.length)
