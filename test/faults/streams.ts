/**
 * Deliberate mistakes in streams (`src/domain/streams`).
 */
import type { Fault } from "./Fault.ts"

export const streamFaults: ReadonlyArray<Fault> = [
  {
    name: "stream-background-fills",
    what: "fills a slow path with rows of the history while the user types",
    file: "domain/streams/Background.ts",
    original: "const SHARE = 1 / 4",
    mistaken: "const SHARE = 1",
    caughtBy: ["test/domain/streams/congestion.test.ts"],
    test: "goes on, but hardly delays screens"
  },
  {
    name: "stream-background-all",
    what: "slows down every transfer while the user types",
    file: "domain/streams/SendQueue.ts",
    original: "(ready?.size ?? 0) > 0 === (urgency === URGENCY_LAST)",
    mistaken: "urgency >= 6 || (ready?.size ?? 0) === 0",
    caughtBy: ["test/domain/streams/congestion.test.ts"],
    test: "has other transfers pass"
  },
  {
    name: "stream-ack-unsent",
    what: "accepts an acknowledgement of stream packets that it never sent",
    file: "domain/streams/recovery/LossRecovery.ts",
    original: "newest.last >= recovery.nextNumber",
    mistaken: "newest.last >= Infinity",
    caughtBy: ["test/domain/streams/hostile.test.ts"]
  },
  {
    name: "stream-window-unchecked",
    what: "accepts more of a stream than it allowed",
    file: "domain/streams/ReceiveStream.ts",
    original: 'return end > advertised ? "window-exceeded" : undefined',
    mistaken: 'return end > advertised + 1e6 ? "window-exceeded" : undefined',
    caughtBy: ["test/domain/streams/hostile.test.ts"]
  },
  {
    name: "stream-windows-hoarded",
    what: "lets connections that are not read keep all windows beyond the initial ones",
    file: "domain/streams/FlowControl.ts",
    original: "flow.receivePool - window >= kept(stream)",
    mistaken: "flow.receivePool >= window",
    caughtBy: ["test/domain/streams/FlowControl.test.ts"]
  },
  {
    name: "stream-count-unchecked",
    what: "lets a peer open more streams than it allowed",
    file: "domain/streams/StreamTable.ts",
    original: "if (index >= table.advertised)",
    mistaken: "if (index >= table.advertised + 64)",
    caughtBy: ["test/domain/streams/hostile.test.ts"]
  },
  {
    name: "stream-count-late",
    what: "raises the limit of streams only when the last of them was opened",
    file: "domain/streams/StreamTable.ts",
    original: "table.advertised - table.accepted > Limits.INITIAL_STREAMS / 4",
    mistaken: "table.advertised - table.accepted > -1",
    caughtBy: ["test/domain/streams/StreamTable.test.ts"]
  },
  {
    name: "stream-gaps-unbounded",
    what: "keeps any number of gaps in a stream",
    file: "domain/streams/ReceiveStream.ts",
    original: "RangeSet.count(beyond) >= Limits.RECEIVE_GAPS",
    mistaken: "RangeSet.count(beyond) >= Infinity",
    caughtBy: ["test/domain/streams/hostile.test.ts"]
  },
  {
    name: "stream-gap-delivered",
    what: "delivers stream data before the data that precedes it",
    file: "domain/streams/ReceiveStream.ts",
    original: "if (start > stream.ready) return RangeSet.add",
    mistaken: "if (start > stream.ready + 1500) return RangeSet.add",
    caughtBy: ["test/domain/streams/delivery.test.ts"]
  },
  {
    name: "stream-end-unrepeated",
    what: "does not send the end of a stream again when it was lost",
    file: "domain/streams/SendStream.ts",
    original: 'if (isFinal && stream.fin === "sent")',
    mistaken: 'if (isFinal && stream.fin === "none")',
    caughtBy: ["test/domain/streams/delivery.test.ts"]
  },
  {
    name: "stream-limit-unrepeated",
    what: "does not send a stream's limit again when it was lost",
    file: "domain/streams/Delivery.ts",
    original: "queue.windows.add(frame.stream)",
    mistaken: "queue.windows.delete(frame.stream)",
    caughtBy: ["test/domain/streams/delivery.test.ts"]
  },
  {
    name: "stream-gaps-of-states",
    what: "leaves gaps in acknowledgements where state datagrams arrived",
    file: "domain/streams/Reception.ts",
    original: "if (payload === undefined) return AckRanges.received(state.acks, number, false, now)",
    mistaken: "if (payload === undefined) return",
    caughtBy: ["test/domain/streams/recovery.test.ts"]
  },
  {
    name: "stream-states-counted",
    what: "counts state datagrams among the stream packets that were sent after one",
    file: "domain/streams/recovery/LossRecovery.ts",
    original: "const index = recovery.nextIndex++",
    mistaken: "const index = (recovery.nextIndex = number + 1) - 1",
    caughtBy: ["test/domain/streams/recovery.test.ts"]
  },
  {
    name: "stream-old-path-measured",
    what: "measures a new path by packets that were sent on the old one",
    file: "domain/streams/recovery/LossRecovery.ts",
    original: "if (largest.index >= recovery.pathIndex &&",
    mistaken: "if (largest.index >= 0 &&",
    caughtBy: ["test/domain/streams/recovery.test.ts"]
  },
  {
    name: "stream-loss-feared",
    what: "shrinks the window for random losses",
    file: "domain/streams/recovery/Copa.ts",
    original:
      "if (share > HEAVY_LOSS && lost > 4 * Limits.PACKET) {\n    copa.window = clamp(copa.window * (1 - share / 2))",
    mistaken: "if (lost > 0) {\n    copa.window = clamp(copa.window / 2)",
    caughtBy: ["test/domain/streams/congestion.test.ts"]
  },
  {
    name: "stream-queue-filled",
    what: "lets streams keep a long queue before keystrokes",
    file: "domain/streams/recovery/Copa.ts",
    original: "const TOLERANCE: Millis = 4",
    mistaken: "const TOLERANCE: Millis = 80",
    caughtBy: ["test/domain/streams/congestion.test.ts"]
  },
  {
    name: "stream-states-unpaced",
    what: "does not charge the pacer for the bytes of states",
    file: "domain/streams/Streams.ts",
    original: "Pacer.sent(state.pacer, input.bytes, state.congestion.rate(), now)",
    mistaken: "Pacer.sent(state.pacer, 0, state.congestion.rate(), now)",
    caughtBy: ["test/domain/streams/recovery.test.ts"]
  },
  {
    name: "stream-before-states",
    what: "sends stream packets while a state is due",
    file: "domain/ssp/EndpointStreams.ts",
    original: " && parts.sender.deadline(step.state.sender) > step.now",
    mistaken: "",
    caughtBy: ["test/domain/ssp/EndpointStreams.test.ts"]
  },
  {
    name: "stream-unannounced",
    what: "sends stream packets to a peer that has not announced them",
    file: "domain/ssp/EndpointStreams.ts",
    original: "(sender.peer.features & Features.streams) !== 0 && Connection",
    mistaken: "Connection",
    caughtBy: ["test/domain/ssp/EndpointStreams.test.ts", "test/domain/ssp/streams.test.ts"]
  },
  {
    name: "stream-late-pace-suspends",
    what: "takes an old deadline of the pacer for a suspension of the host, and retransmits what is in flight",
    file: "domain/ssp/EndpointStreams.ts",
    original: "const due = step.parts.sender.deadline(step.state.sender)",
    mistaken: "const due = deadline(step.parts.role, step.state)",
    caughtBy: ["test/domain/ssp/streams.test.ts"],
    test: "do not delay keystrokes"
  },
  {
    name: "stream-copies-unlimited",
    what: "sends stream packets to whichever address an attacker forwards copies from",
    file: "domain/ssp/path/PathValidation.ts",
    original: "if (candidates.length === 0 || now - copiedAt < Timing.PATH_SUSPICION) return [peer]",
    mistaken: "if (candidates.length === 0) return [peer]",
    caughtBy: ["test/domain/ssp/streams.test.ts"],
    test: "send little to an address"
  },
  {
    name: "stream-sleep-sampled",
    what: "measures the time for which a host slept as a round trip",
    file: "domain/streams/recovery/LossRecovery.ts",
    original: "latest < Limits.RTT_IGNORED",
    mistaken: "latest < Infinity",
    caughtBy: ["test/domain/streams/recovery.test.ts"]
  }
]
