/**
 * Deliberate mistakes in the attachments of a session: who may do what, and what remains of a client that was replaced.
 */
import type { Fault } from "./Fault.ts"

const MACHINE = "test/domain/session/Attachments.test.ts"
const SERVICE = "test/services/server/Attachments.test.ts"

export const attachmentFaults: ReadonlyArray<Fault> = [
  {
    name: "old-key-accepted",
    what: "does not end the listener of a client that was replaced, so that its key still types",
    file: "services/server/SessionTransport.ts",
    original: "      closed = { by: closed?.by ?? from, name }\n",
    mistaken: "",
    caughtBy: [SERVICE]
  },
  {
    name: "old-port-open",
    what: "keeps the port of a client that was replaced",
    file: "services/server/Attachments.ts",
    original: "Effect.ensuring(Scope.close(own, Exit.void)),",
    mistaken: "Effect.ensuring(Effect.void),",
    caughtBy: [SERVICE]
  },
  {
    name: "viewer-types",
    what: "passes a viewer's input on",
    file: "services/server/Seat.ts",
    original: "type: () => undefined, resize",
    mistaken: "type: session.type, resize",
    caughtBy: [SERVICE]
  },
  {
    name: "focus-lost-early",
    what: "passes on that a terminal lost the focus while another has it",
    file: "domain/session/SharedFocus.ts",
    original: "if (focused.size === 0) continue",
    mistaken: "if (focused.size >= 0) continue",
    caughtBy: ["test/domain/session/SharedFocus.test.ts", SERVICE]
  },
  {
    name: "viewer-resizes",
    what: "gives the screen the size of a viewer",
    file: "services/server/Seat.ts",
    original: "resize: () => undefined }",
    mistaken: "resize: session.resize }",
    caughtBy: [SERVICE]
  },
  {
    name: "viewer-leads",
    what: "lets a viewer decide the size",
    file: "domain/session/SizeLeader.ts",
    original: 'phase === "Attached" && mode !== "View"',
    mistaken: 'phase === "Attached"',
    caughtBy: [MACHINE]
  },
  {
    name: "departed-leads",
    what: "leaves the size to a client that left",
    file: "domain/session/SizeLeader.ts",
    original: "return { attachments, leader: first?.id }",
    mistaken: "return { attachments, leader: leader ?? first?.id }",
    caughtBy: [MACHINE]
  },
  {
    name: "viewer-joins",
    what: "lays out text for the terminals of viewers, too",
    file: "domain/session/SharedScreen.ts",
    original: 'input.mode !== "View" && ',
    mistaken: "",
    caughtBy: ["test/domain/session/SharedScreen.test.ts"]
  },
  {
    name: "departed-joins",
    what: "lays out text for the terminal of a client that left",
    file: "domain/session/SharedScreen.ts",
    original: "terminals.delete(id)",
    mistaken: "",
    caughtBy: ["test/domain/session/SharedScreen.test.ts"]
  }
]
