/**
 * Deliberate mistakes in the relay: its frames, its flow control, and when its ssh is started.
 */
import type { Fault } from "./Fault.ts"

export const relayFaults: ReadonlyArray<Fault> = [
  {
    name: "relay-frame-bound",
    what: "reads frames of any length",
    file: "domain/relay/RelayFrame.ts",
    original: "? length > 0 && length <= MAX_DATAGRAM",
    mistaken: "? length > 0",
    caughtBy: ["test/domain/relay/RelayFrame.test.ts"],
    test: "refuses empty and long datagrams"
  },
  {
    name: "relay-window",
    what: "lets a flood fill ssh's buffers",
    file: "domain/relay/RelayFlow.ts",
    original: "inFlight(flow) + bytes <= Math.max(FLOOR, flow.control.window())",
    mistaken: "inFlight(flow) + bytes <= Math.max(2 ** 24, flow.control.window())",
    caughtBy: ["test/domain/relay/RelayEnd.test.ts"],
    test: "in a flood"
  },
  {
    name: "relay-queue",
    what: "holds everything that the window does not permit",
    file: "domain/relay/RelayEnd.ts",
    original: "frame !== undefined && queued > MAX_QUEUE",
    mistaken: "frame !== undefined && queued > 2 ** 30",
    caughtBy: ["test/domain/relay/RelayEnd.test.ts"],
    test: "bounded number of datagrams"
  },
  {
    name: "relay-back-off",
    what: "starts an ssh that fails again and again at once",
    file: "domain/relay/RelayLink.ts",
    original: "FIRST_DELAY * 2 ** Math.min(failures - 1, 16)",
    mistaken: "FIRST_DELAY * Math.min(failures, 1)",
    caughtBy: ["test/domain/relay/RelayLink.test.ts"],
    test: "at growing intervals"
  },
  {
    name: "relay-silence",
    what: "keeps an ssh whose connection is lost",
    file: "domain/relay/RelayLink.ts",
    original: "return phase.unanswered + phase.patience",
    mistaken: "return Math.max(Infinity, phase.unanswered)",
    caughtBy: ["test/domain/relay/RelayLink.test.ts"],
    test: "answers nothing"
  },
  {
    name: "relay-demand",
    what: "starts an ssh for a relay although UDP answers",
    file: "domain/relay/RelayDemand.ts",
    original: "const heard = { ...demand, isHeard: true, unanswered: Infinity, path }",
    mistaken: "const heard = { ...demand, isHeard: true, path }",
    caughtBy: ["test/domain/relay/RelayDemand.test.ts"],
    test: "where UDP answers"
  },
  {
    name: "relay-answer-shown",
    what: "shows a password that ssh asks for",
    file: "domain/client/Question.ts",
    original: "CHOICE.test(prompt) ?",
    mistaken: 'prompt !== "" ?',
    caughtBy: ["test/domain/client/Question.test.ts"],
    test: "never shows"
  }
]
