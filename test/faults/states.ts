/**
 * Deliberate mistakes in synchronisation of states: what is sent, acknowledged, repeated and freed.
 */
import type { Fault } from "./Fault.ts"

export const stateFaults: ReadonlyArray<Fault> = [
  {
    name: "ack-ahead",
    what: "acknowledges one state more than was received",
    file: "domain/ssp/sender/SenderInstruction.ts",
    original: "acknowledged: peer.received,",
    mistaken: "acknowledged: peer.received + 1n,",
    caughtBy: ["test/domain/ssp/convergence.test.ts"]
  },
  {
    name: "empty-state-unacknowledged",
    what: "leaves a stock server's empty state unacknowledged until the next heartbeat",
    file: "domain/ssp/sender/Sender.ts",
    original: "isStockServer(state) ? now + Timing.EMPTY_ACK_DELAY : Infinity",
    mistaken: "isStockServer(state) ? Infinity : Infinity",
    caughtBy: ["test/domain/ssp/stock-server.test.ts"]
  },
  {
    name: "deep-queue-uncopied",
    what: "sends no copies behind a queue that drops datagrams",
    file: "domain/ssp/sender/Retransmission.ts",
    original: "if (isDeeplyQueued(path)) return nextDeeplyQueued(state, path, at, datagrams)",
    mistaken: "if (isDeeplyQueued(path)) return Infinity",
    caughtBy: ["test/domain/ssp/sender/Retransmission.test.ts"]
  },
  {
    name: "ack-unknown",
    what: "accepts an acknowledgement of a state that it never sent",
    file: "domain/ssp/sender/Sender.ts",
    original: "if (sent === undefined || base === undefined) return state",
    mistaken:
      "if (sent === undefined || base === undefined) return number === 0n ? state : { ...state, sent: [newest(state)] }",
    caughtBy: ["test/domain/ssp/sender/Sender.test.ts"]
  },
  {
    name: "uncompressed-unannounced",
    what: "sends instructions without compression before the peer has announced that it reads them",
    file: "domain/ssp/EndpointSending.ts",
    original: "const isUncompressed = Sender.areNegotiated(state.sender, Features.uncompressed)",
    mistaken: "const isUncompressed = (state.sender.features & Features.uncompressed) !== 0",
    caughtBy: ["test/domain/ssp/uncompressed.test.ts"]
  },
  {
    name: "wrong-base",
    what: "names another base than the one that the difference applies to",
    file: "domain/ssp/sender/SenderInstruction.ts",
    original: "oldNumber: base.number,",
    mistaken: "oldNumber: newest(state).number < number ? newest(state).number : base.number,",
    caughtBy: ["test/domain/ssp/sender/Sender.test.ts", "test/domain/ssp/convergence.test.ts"]
  },
  {
    name: "number-reused",
    what: "gives a new state the number of the previous one",
    file: "domain/ssp/sender/SenderInstruction.ts",
    original: ": isSame ? last.number : last.number + 1n",
    mistaken: ": last.number > 0n && diff.length > 0 ? last.number : last.number + 1n",
    caughtBy: ["test/domain/ssp/convergence.test.ts"]
  },
  {
    name: "freed-early",
    what: "lets the peer discard states that are still bases of differences",
    file: "domain/ssp/sender/SenderInstruction.ts",
    original: "throwaway: certain,",
    mistaken: "throwaway: newest(state).number,",
    caughtBy: ["test/domain/ssp/convergence.test.ts"]
  },
  {
    name: "never-repeats",
    what: "never retransmits, however long the peer acknowledges nothing",
    file: "domain/ssp/sender/SenderSchedule.ts",
    original: "Math.max(retransmissionAt(object, state, now), postponement.until)",
    mistaken: "Infinity",
    caughtBy: ["test/domain/ssp/convergence.test.ts", "test/domain/ssp/sender/Sender.test.ts"]
  },
  {
    name: "shutdown-early",
    what: "ends a session before everything is sent",
    file: "domain/ssp/sender/SenderState.ts",
    original: "shutdown !== undefined && object.equals(window.target, window.current)",
    mistaken: "shutdown !== undefined",
    caughtBy: ["test/domain/ssp/convergence.test.ts"]
  },
  {
    name: "receiver-frees-early",
    what: "drops the very state that the peer asked to keep",
    file: "domain/ssp/Receiver.ts",
    original: "(entry) => entry.number >= throwaway)",
    mistaken: "(entry) => entry.number > throwaway)",
    caughtBy: ["test/domain/ssp/Receiver.test.ts", "test/domain/ssp/convergence.test.ts"]
  },
  {
    name: "answers-at-once",
    what: "decides what to send before the program has reacted to the datagram",
    file: "domain/ssp/Endpoint.ts",
    original: "if (step.state.unsettled) plan(step)",
    mistaken: "if (step.state.unsettled) settle(step)",
    caughtBy: ["test/domain/ssp/Endpoint.test.ts"],
    test: "rule 5: responds to a keystroke"
  },
  {
    name: "acknowledged-after-difference",
    what: "drops the acknowledgement of an instruction whose difference it refuses",
    file: "domain/ssp/Endpoint.ts",
    original: 'for (const output of outputs) {\n    switch (output._tag) {\n      case "PeerAcknowledged":',
    mistaken:
      'for (const output of outputs.toReversed()) {\n    switch (output._tag) {\n      case "PeerAcknowledged":',
    caughtBy: ["test/domain/ssp/Endpoint.test.ts"],
    test: "rule 3: applies the acknowledgement"
  },
  {
    name: "round-trip-before-delivery",
    what: "updates the round trip before it applies the acknowledgement in the same packet",
    file: "domain/ssp/Connection.ts",
    original: 'outputs.push({ _tag: "RoundTrip", estimate })',
    mistaken: 'outputs.unshift({ _tag: "RoundTrip", estimate })',
    caughtBy: ["test/domain/ssp/Endpoint.test.ts"],
    test: "rule 4: acknowledges a keystroke before"
  },
  {
    name: "state-twice",
    what: "applies a repeated instruction once more",
    file: "domain/ssp/Receiver.ts",
    original: "if (state.received.some((entry) => entry.number === newNumber)) {",
    mistaken: "if (newNumber < 0n) {",
    caughtBy: ["test/domain/ssp/Receiver.test.ts"]
  },
  {
    name: "late-is-newest",
    what: "takes a late state for the newest",
    file: "domain/ssp/Receiver.ts",
    original: "if (later >= 0)",
    mistaken: "if (later < -1)",
    caughtBy: ["test/domain/ssp/Receiver.test.ts", "test/domain/ssp/convergence.test.ts"]
  },
  {
    name: "echo-at-once",
    what: "acknowledges the effect of typing before the program could show it",
    file: "domain/objects/EchoAck.ts",
    original: "if (entry.at + DELAY > now) break",
    mistaken: "",
    caughtBy: ["test/domain/objects/EchoAck.test.ts"]
  },
  {
    name: "echo-held-back",
    what: "lets the acknowledgement of a key that no screen shows wait for a screen",
    file: "domain/objects/EchoAck.ts",
    original: "next === undefined ? Infinity : next.at + DELAY",
    mistaken: "Infinity",
    caughtBy: ["test/domain/objects/EchoAck.test.ts"]
  },
  {
    name: "echo-of-a-part",
    what: "acknowledges all keys with a screen that shows some of them",
    file: "domain/objects/ExpectedEcho.ts",
    original: "bytes.length === text.length && ",
    mistaken: "",
    caughtBy: ["test/domain/objects/EchoAck.test.ts"]
  },
  {
    name: "echo-by-chance",
    what: "acknowledges a key with a screen that showed the same letter before",
    file: "domain/objects/ExpectedEcho.ts",
    original: "Row.textBetween(shown, column, cursor.column)",
    mistaken: "Row.textBetween(shown, cursor.column - text.length, cursor.column)",
    caughtBy: ["test/domain/objects/ExpectedEcho.test.ts"]
  },
  {
    name: "echo-at-once-to-stock",
    what: "acknowledges a key sooner to a stock client, too",
    file: "domain/objects/EchoAck.ts",
    original: "input.peer === Features.stock || input.isLossy",
    mistaken: "input.isLossy",
    caughtBy: ["test/domain/objects/EchoAck.test.ts"]
  },
  {
    name: "typing-cut",
    what: "loses a byte of typing where an acknowledgement falls within a piece",
    file: "domain/objects/UserStream.ts",
    original: "if (start + length > acknowledged.end) break",
    mistaken: "if (start + length > acknowledged.end + 1) break",
    caughtBy: ["test/domain/objects/UserStream.test.ts"]
  },
  {
    name: "echo-goes-back",
    what: "accepts an echo acknowledgement that decreases",
    file: "domain/objects/Screen.ts",
    original: `if (event.number < echoAck) return Result.fail("an echo ack that goes back")`,
    mistaken: "",
    caughtBy: ["test/domain/objects/Screen.test.ts"]
  },
  {
    name: "repeats-unbounded",
    what: "sends copies without regard to what the network can carry",
    file: "domain/ssp/sender/Retransmission.ts",
    original: "return left < 0 ? undefined : {",
    mistaken: "return {",
    caughtBy: ["test/domain/ssp/sender/Retransmission.test.ts"]
  },
  {
    name: "repeats-on-clean-links",
    what: "sends copies where nothing is lost",
    file: "domain/ssp/sender/Retransmission.ts",
    original: "return loss < Timing.LOSS_SIGNIFICANT ? 0 : loss",
    mistaken: "return Math.max(loss, Timing.LOSS_SIGNIFICANT)",
    caughtBy: ["test/domain/ssp/sender/Retransmission.test.ts"]
  },
  {
    name: "gives-up-a-blackout",
    what: "stops probing a peer that is silent",
    file: "domain/ssp/path/PathLiveness.ts",
    original: "Math.max(receivedAt + overdueAfter(rto), Math.ceil(lastSent + probeInterval(now - receivedAt))),",
    mistaken: "Infinity,",
    caughtBy: ["test/domain/ssp/recovery.test.ts"],
    test: "the client probes four times a second"
  }
]
