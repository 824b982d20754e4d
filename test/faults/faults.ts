/**
 * Deliberate mistakes in the protocol. Each is planted alone, and some law or simulation must notice it.
 *
 * A fault changes one place of one source file while the tests load it; the file itself stays as it is. So the programs
 * need no switches for faults. A test that cannot fail is exposed. `npm run faults` plants them all.
 */
import { attachmentFaults } from "./attachments.ts"
import { commandFaults } from "./commands.ts"
import { echoFaults } from "./echo.ts"
import { eventFaults } from "./events.ts"
import { forwardingFaults } from "./forwarding.ts"
import { relayFaults } from "./relay.ts"
import { historyFaults } from "./history.ts"
import { mtuFaults } from "./mtu.ts"
import { nameFaults } from "./names.ts"
import { pathFaults } from "./paths.ts"
import { sharingFaults } from "./sharing.ts"
import { streamFaults } from "./streams.ts"
import { terminalFaults } from "./terminal.ts"

export interface Fault {
  readonly name: string
  /** What goes wrong, in a protocol's terms. */
  readonly what: string
  /** The source file, below `src/`. */
  readonly file: string
  /** The text to be replaced; it must occur exactly once. */
  readonly original: string
  readonly mistaken: string
  /** The test files of which at least one test must fail. They run in this order, up to the first failure. */
  readonly caughtBy: ReadonlyArray<string>
  /** A part of the name of the test that must fail. Saves the time of the tests before it. */
  readonly test?: string
}

export const faults: ReadonlyArray<Fault> = [
  {
    name: "ack-ahead",
    what: "acknowledges one state more than was received",
    file: "domain/ssp/SenderInstruction.ts",
    original: "acknowledged: peer.received,",
    mistaken: "acknowledged: peer.received + 1n,",
    caughtBy: ["test/domain/ssp/convergence.test.ts"]
  },
  {
    name: "empty-state-unacknowledged",
    what: "leaves a stock server's empty state unacknowledged until the next heartbeat",
    file: "domain/ssp/Sender.ts",
    original: "isStockServer(state) ? now + Timing.EMPTY_ACK_DELAY : Infinity",
    mistaken: "isStockServer(state) ? Infinity : Infinity",
    caughtBy: ["test/domain/ssp/stock-server.test.ts"]
  },
  {
    name: "deep-queue-uncopied",
    what: "sends no copies behind a queue that drops datagrams",
    file: "domain/ssp/Retransmission.ts",
    original: "if (isDeeplyQueued(path)) return nextDeeplyQueued(state, path, at, datagrams)",
    mistaken: "if (isDeeplyQueued(path)) return Infinity",
    caughtBy: ["test/domain/ssp/Retransmission.test.ts"]
  },
  {
    name: "ack-unknown",
    what: "accepts an acknowledgement of a state that it never sent",
    file: "domain/ssp/Sender.ts",
    original: "if (sent === undefined || base === undefined) return state",
    mistaken:
      "if (sent === undefined || base === undefined) return number === 0n ? state : { ...state, sent: [newest(state)] }",
    caughtBy: ["test/domain/ssp/Sender.test.ts"]
  },
  {
    name: "wrong-base",
    what: "names another base than the one that the difference applies to",
    file: "domain/ssp/SenderInstruction.ts",
    original: "oldNumber: base.number,",
    mistaken: "oldNumber: newest(state).number < number ? newest(state).number : base.number,",
    caughtBy: ["test/domain/ssp/convergence.test.ts"]
  },
  {
    name: "number-reused",
    what: "gives a new state the number of the previous one",
    file: "domain/ssp/SenderInstruction.ts",
    original: ": isSame ? last.number : last.number + 1n",
    mistaken: ": last.number > 0n && diff.length > 0 ? last.number : last.number + 1n",
    caughtBy: ["test/domain/ssp/convergence.test.ts"]
  },
  {
    name: "freed-early",
    what: "lets the peer discard states that are still bases of differences",
    file: "domain/ssp/SenderInstruction.ts",
    original: "throwaway: certain,",
    mistaken: "throwaway: newest(state).number,",
    caughtBy: ["test/domain/ssp/convergence.test.ts"]
  },
  {
    name: "never-repeats",
    what: "never retransmits, however long the peer acknowledges nothing",
    file: "domain/ssp/SenderSchedule.ts",
    original: "retransmissionAt(object, state, now) : Infinity",
    mistaken: "Infinity : Infinity",
    caughtBy: ["test/domain/ssp/convergence.test.ts", "test/domain/ssp/Sender.test.ts"]
  },
  {
    name: "shutdown-early",
    what: "ends a session before everything is sent",
    file: "domain/ssp/SenderState.ts",
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
    name: "receiver-grows-slowly",
    what: "keeps every state that it admits beyond its limits, one in 15 s for as long as the session lasts",
    file: "domain/ssp/Receiver.ts",
    original: "const before = full ? displace(kept.received, reference, entry.weight) : kept.received",
    mistaken: "const before = kept.received",
    caughtBy: ["test/domain/ssp/Receiver.test.ts"]
  },
  {
    name: "text-retains-host-string",
    what: "keeps a title as a slice that retains the whole host string",
    file: "domain/display/OscText.ts",
    original: "` ${text}`.slice(1)",
    mistaken: "text",
    caughtBy: ["test/domain/display/retention.test.ts"]
  },
  {
    name: "pieces-not-joined",
    what: "keeps each piece of unread typing as an object of its own",
    file: "services/server/ByteQueue.ts",
    original: "if (chunk !== undefined && to < chunk.length) return chunk",
    mistaken: "",
    caughtBy: ["test/services/server/ByteQueue.test.ts"]
  },
  {
    name: "effort-of-each-string",
    what: "lets each host string of an instruction cost as much as all may",
    file: "domain/objects/Screen.ts",
    original: "new HostInterpreter(frame, effort)",
    mistaken: "new HostInterpreter(frame, Effort.none())",
    caughtBy: ["test/domain/display/Effort.test.ts"],
    test: "has one effort for all its host strings"
  },
  {
    name: "characters-free",
    what: "limits what an instruction erases and scrolls, but not what it prints",
    file: "domain/display/ScreenEditor.ts",
    original: "this.effort.spent += width === 1 ? Effort.PRINT : Effort.PRINT_WIDE",
    mistaken: "",
    caughtBy: ["test/domain/display/Effort.test.ts"],
    test: "has one effort for all its host strings"
  },
  {
    name: "large-instructions-in-one-turn",
    what: "processes all large instructions that are there before keystrokes",
    file: "domain/ssp/Endpoint.ts",
    original: "inflated.length >= LARGE",
    mistaken: "inflated.length < 0",
    caughtBy: ["test/services/runtime/Turns.test.ts"]
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
    test: "rule 4: acknowledges before it changes the round trip"
  },
  {
    name: "forgery-believed",
    what: "reports a packet before the cipher has opened it",
    file: "domain/ssp/Endpoint.ts",
    original: "  const opened = open(step.parts.cipher, datagram)\n",
    mistaken: '  const opened = open(step.parts.cipher, datagram)\n  step.outputs.push({ _tag: "PacketReceived" })\n',
    caughtBy: ["test/domain/ssp/Endpoint.test.ts"]
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
    name: "nonce-repeated",
    what: "encrypts every sixteenth datagram under the number of the one before",
    file: "domain/ssp/ConnectionSending.ts",
    original: "nextSequence++\n",
    mistaken: "if (nextSequence % 16n !== 15n || fragment.number > 0) nextSequence++\n",
    caughtBy: ["test/domain/ssp/Connection.test.ts"]
  },
  {
    name: "own-datagrams",
    what: "accepts its own datagrams, reflected by an attacker, as the peer's",
    file: "domain/ssp/Connection.ts",
    original: `if (Nonce.sender(datagram.nonce) === options.role) return drop("misdirected", state)`,
    mistaken: "",
    caughtBy: ["test/domain/ssp/Connection.test.ts"]
  },
  {
    name: "straggler-roams",
    what: "follows a client to the source address of an old datagram",
    file: "domain/ssp/PathValidation.ts",
    original: "return arrival.isNews || isCopy ? open",
    mistaken: "return arrival.isNews || arrival.sequence >= 0n ? open",
    caughtBy: ["test/domain/ssp/Connection.test.ts", "test/domain/ssp/PathValidation.test.ts"]
  },
  {
    name: "path-unproved",
    what: "accepts a new address as the client's before the client echoes anything from there",
    file: "domain/ssp/PathValidation.ts",
    original: "if (only.isEchoed) return only",
    mistaken: "return only",
    caughtBy: ["test/domain/ssp/PathValidation.test.ts"]
  },
  {
    name: "path-any-echo",
    what: "accepts an echo of a datagram to one address as proof of another",
    file: "domain/ssp/PathValidation.ts",
    original: "Timestamp16.since(Timestamp16.at(now + path.offset), reply)",
    mistaken: "Timestamp16.since(Timestamp16.at(now), reply) % OFFSET_STEP",
    caughtBy: ["test/domain/ssp/PathValidation.test.ts"]
  },
  {
    name: "path-copy-decides",
    what: "returns to an address that delivers copies, though the client receives nothing there",
    file: "domain/ssp/PathValidation.ts",
    original: "peer.isEchoed && used.includes(peer)",
    mistaken: "used.includes(peer)",
    caughtBy: ["test/domain/ssp/PathValidation.test.ts"],
    test: "and who is there before the session starts"
  },
  {
    name: "path-unbounded",
    what: "sends without bound to an address from which the client echoed nothing",
    file: "domain/ssp/ConnectionSending.ts",
    original: "if (path.offset !== undefined && bytes >= path.allowance) break",
    mistaken: "",
    caughtBy: ["test/domain/ssp/PathValidation.test.ts"],
    test: "makes a server send little to a victim's address"
  },
  {
    name: "replay-heeded",
    what: "processes a datagram that arrived before",
    file: "domain/ssp/ReplayWindow.ts",
    original: "return back < WINDOW && ((received >> back) & 1n) === 0n",
    mistaken: "return back < WINDOW",
    caughtBy: ["test/domain/ssp/ReplayWindow.test.ts", "test/services/transport/Transport.test.ts"]
  },
  {
    name: "straggler-refused",
    what: "takes a datagram that the network delayed for a replay",
    file: "domain/ssp/ReplayWindow.ts",
    original: "return back < WINDOW && ((received >> back) & 1n) === 0n",
    mistaken: "return false",
    caughtBy: ["test/domain/ssp/ReplayWindow.test.ts", "test/domain/ssp/Connection.test.ts"]
  },
  {
    name: "never-hops",
    what: "stays on a port where nothing arrives",
    file: "domain/ssp/Connection.ts",
    original: "now - state.portChosenAt <= Timing.PORT_HOP ||",
    mistaken: "now >= 0 ||",
    caughtBy: ["test/domain/ssp/Connection.test.ts", "test/simulation/outage.test.ts"]
  },
  {
    name: "echo-held",
    what: "counts the time that a timestamp was held as network delay",
    file: "domain/ssp/ConnectionSending.ts",
    original: "Timestamp16.add(state.saved.timestamp, now - state.saved.at)",
    mistaken: "state.saved.timestamp",
    caughtBy: ["test/domain/ssp/Connection.test.ts"]
  },
  {
    name: "sleep-is-delay",
    what: "measures the time for which a host was suspended as a round trip",
    file: "domain/ssp/Rtt.ts",
    original: "if (r >= Timing.RTT_IGNORED) return rtt",
    mistaken: "",
    caughtBy: ["test/domain/ssp/Rtt.test.ts", "test/simulation/sleep.test.ts"]
  },
  {
    name: "fragments-mixed",
    what: "puts fragments of two instructions together",
    file: "domain/wire/FragmentAssembly.ts",
    original: "fragment.id === assembly.id ? assembly : { ...EMPTY, id: fragment.id }",
    mistaken: "{ ...assembly, id: fragment.id }",
    caughtBy: ["test/domain/wire/datagrams.test.ts"]
  },
  {
    name: "fragments-unbounded",
    what: "collects fragments without bound",
    file: "domain/wire/FragmentAssembly.ts",
    original: "if (bytes > MAX_BYTES)",
    mistaken: "if (bytes > 1e15)",
    caughtBy: ["test/domain/wire/datagrams.test.ts", "test/simulation/hostile.test.ts"]
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
    name: "typing-cut",
    what: "loses a byte of typing where an acknowledgement falls within a piece",
    file: "domain/objects/UserStream.ts",
    original: "if (start + length > acknowledged.end) break",
    mistaken: "if (start + length > acknowledged.end + 1) break",
    caughtBy: ["test/domain/objects/UserStream.test.ts"]
  },
  {
    name: "cursor-left",
    what: "draws a change, and leaves the cursor at its end",
    file: "domain/display/FrameDiff.ts",
    original: "writer.move(cursor.row, cursor.column)",
    mistaken: "",
    caughtBy: ["test/domain/display/FrameDiff.laws.test.ts"]
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
    file: "domain/ssp/Retransmission.ts",
    original: "return left < 0 ? undefined : {",
    mistaken: "return {",
    caughtBy: ["test/domain/ssp/Retransmission.test.ts"]
  },
  {
    name: "repeats-on-clean-links",
    what: "sends copies where nothing is lost",
    file: "domain/ssp/Retransmission.ts",
    original: "if (loss < Timing.LOSS_SIGNIFICANT) return 1",
    mistaken: "if (loss < 0) return 1",
    caughtBy: ["test/domain/ssp/Retransmission.test.ts"]
  },
  {
    name: "gives-up-a-blackout",
    what: "stops probing a peer that is silent",
    file: "domain/ssp/PathLiveness.ts",
    original: "Math.max(receivedAt + overdueAfter(rto), Math.ceil(lastSent + probeInterval(now - receivedAt))),",
    mistaken: "Infinity,",
    caughtBy: ["test/domain/ssp/recovery.test.ts"],
    test: "the client probes four times a second"
  },
  {
    name: "password-predicted",
    what: "trusts after Enter what it learnt before, and so shows a password",
    file: "domain/prediction/Learning.ts",
    original: "echo: trusted.echo === nextEpoch,",
    mistaken: "echo: trusted.echo >= 0,",
    caughtBy: ["test/domain/prediction/Prediction.test.ts"]
  },
  {
    name: "key-is-echo",
    what: "takes keys for echoed that were only typed",
    file: "domain/prediction/Epoch.ts",
    original: `const echo = !maybePassword && (inherited === "echo" || arrived > 0)`,
    mistaken: "const echo = true",
    caughtBy: ["test/domain/prediction/Prediction.test.ts"]
  },
  {
    name: "login-unfiltered",
    what: "passes a terminal's control sequences through before the session",
    file: "domain/bootstrap/LineFilter.ts",
    original: `HARMLESS.test(sequence) ? sequence : ""`,
    mistaken: `sequence.startsWith("\u001b[") ? sequence : ""`,
    caughtBy: ["test/domain/bootstrap/LineFilter.test.ts"]
  },
  {
    name: "key-shown",
    what: "shows the user a line that holds the session's key",
    file: "domain/bootstrap/BootstrapTranscript.ts",
    original: "withoutKey(LineFilter.filter(read.text))",
    mistaken: "LineFilter.filter(read.text)",
    caughtBy: ["test/domain/bootstrap/BootstrapTranscript.test.ts"]
  },
  {
    name: "foreign-directory",
    what: "trusts a directory that another user owns",
    file: "services/node/files/TrustedPath.ts",
    original: "(found.uid === user() || found.uid === 0) &&",
    mistaken: "",
    caughtBy: ["test/security/trusted-path.test.ts"]
  },
  {
    name: "foreign-home",
    what: "makes directories in another user's home",
    file: "services/node/files/TrustedPath.ts",
    original: "found.isDirectory() && found.uid === user() &&",
    mistaken: "found.isDirectory() &&",
    caughtBy: ["test/security/trusted-path.test.ts"]
  },
  {
    name: "log-anywhere",
    what: "writes a log into whatever file is in its place",
    file: "services/node/files/BoundedFile.ts",
    original: "if (objection !== undefined) return objection",
    mistaken: "",
    caughtBy: ["test/security/log.test.ts"]
  },
  {
    name: "host-runs-commands",
    what: "passes a host's name to a shell that would act on it",
    file: "domain/bootstrap/RemoteAddress.ts",
    original: "!IN_NO_HOST.test(host) &&",
    mistaken: "",
    caughtBy: ["test/domain/bootstrap/SshCommand.test.ts"]
  },
  {
    name: "cells-joined",
    what: "draws a cell that the terminal may join to the previous one",
    file: "domain/display/RowPainter.ts",
    original: "JoinDoubt.mayJoin(row, x) || (",
    mistaken: "(",
    caughtBy: ["test/domain/display/JoinDoubt.test.ts"]
  },
  {
    name: "copy-unnumbered",
    what: "sends a copied text again only if it is a different text",
    file: "domain/display/FrameDiff.ts",
    original: `mode !== "changes" && copies >`,
    mistaken: `mode === "writes" && copies >`,
    caughtBy: ["test/domain/display/FrameDiff.laws.test.ts"]
  },
  {
    name: "mouse-last-only",
    what: "forgets the mouse modes before the last, which a terminal may support alone",
    file: "domain/terminal/MouseRequests.ts",
    original: "return settled([...others, request])",
    mistaken: "return settled([...others.slice(others.length), request])",
    caughtBy: ["test/domain/terminal/MouseRequests.test.ts"]
  },
  {
    name: "color-space-is-red",
    what: "reads the first of three values of a colour as its colour space",
    file: "domain/display/SgrColor.ts",
    original: "const red = values === 3 ? kind + 1 : kind + 2",
    mistaken: "const red = kind + 2",
    caughtBy: ["test/domain/display/Sgr.test.ts"]
  },
  ...mtuFaults,
  ...streamFaults,
  ...terminalFaults,
  ...nameFaults,
  ...sharingFaults,
  ...historyFaults,
  ...forwardingFaults,
  ...relayFaults,
  ...attachmentFaults,
  ...echoFaults,
  ...eventFaults,
  ...commandFaults,
  ...pathFaults
]
