/**
 * Deliberate mistakes in who echoes input: when that is determined, how long it holds, and what is predicted because of it.
 */
import type { Fault } from "./Fault.ts"

export const echoFaults: ReadonlyArray<Fault> = [
  {
    name: "password-predicted",
    what: "trusts after Enter what it learnt before, and so shows a password",
    file: "domain/prediction/trust/Learning.ts",
    original: "echo: trusted.echo === nextEpoch,",
    mistaken: "echo: trusted.echo >= 0,",
    caughtBy: ["test/domain/prediction/Prediction.test.ts"]
  },
  {
    name: "key-is-echo",
    what: "takes keys for echoed that were only typed",
    file: "domain/prediction/trust/Epoch.ts",
    original: `const echo = !maybePassword && (inherited === "echo" || arrived > 0)`,
    mistaken: "const echo = true",
    caughtBy: ["test/domain/prediction/Prediction.test.ts"]
  },
  {
    name: "echo-secret",
    what: "goes on showing predictions at a password prompt",
    file: "domain/prediction/trust/EchoTrust.ts",
    original: 'if (report.echo === "Secret") return hidden(before, judged)',
    mistaken: "",
    caughtBy: ["test/domain/prediction/trust/EchoTrust.test.ts"]
  },
  {
    name: "echo-stale",
    what: "trusts a report from before an Enter",
    file: "domain/prediction/trust/EchoTrust.ts",
    original: "if (judged > report.input) return undefined",
    mistaken: "",
    caughtBy: ["test/domain/prediction/trust/EchoTrust.test.ts"]
  },
  {
    name: "echo-ahead",
    what: "takes the kernel's echo of what is typed ahead for that of the program",
    file: "domain/prediction/trust/EchoTrust.ts",
    original: "!(trust.maybePassword || entered)",
    mistaken: "!(trust.maybePassword && entered)",
    caughtBy: ["test/domain/prediction/secrets.laws.test.ts"]
  },
  {
    name: "echo-entered",
    what: "trusts after Enter because of a command that was typed after it",
    file: "domain/prediction/trust/Learning.ts",
    original: " && !isEntered) echo = picture.epoch",
    mistaken: ") echo = picture.epoch",
    caughtBy: ["test/domain/prediction/secrets.laws.test.ts"]
  },
  {
    name: "echo-unread",
    what: "trusts the kernel's echo while nobody reads",
    file: "domain/terminal/InputEcho.ts",
    original: 'if (reader.waits === "No") return "Unknown"',
    mistaken: "",
    caughtBy: ["test/domain/terminal/InputEcho.test.ts"]
  },
  {
    name: "echo-place",
    what: "takes every prompt of the shell for the one that has echoed",
    file: "domain/prediction/trust/KnownPrompts.ts",
    original: "let text = `${place} `",
    mistaken: 'let text = ""',
    caughtBy: ["test/domain/prediction/trust/KnownPrompts.test.ts"]
  },
  {
    name: "echo-relayed",
    what: "trusts an echo of what was typed before a program in another terminal has prompted",
    file: "domain/prediction/trust/EchoTrust.ts",
    original: 'if (report.echo === "Other" && (entered || newest <= state.aheadUpTo || isOnBlank(state))) return true',
    mistaken: "",
    caughtBy: ["test/domain/prediction/trust/EchoTrust.test.ts"]
  },
  {
    name: "echo-away",
    what: "keeps its trust where a frame shows keys after Enter, but not the caret",
    file: "domain/prediction/Reconciliation.ts",
    original: "if (Timeline.pictureAfter(timeline, count).nextEpoch === 0) return state",
    mistaken: "return state",
    caughtBy: ["test/domain/prediction/secrets.laws.test.ts"]
  },
  {
    name: "echo-marks",
    what: "takes the column of imitated marks for that of a known prompt",
    file: "domain/prediction/trust/EchoTrust.ts",
    original: "if (column !== undefined && KnownPrompts.isBefore(prompts, screen, place, column)) return column",
    mistaken: "if (column !== undefined) return column",
    caughtBy: ["test/domain/prediction/trust/EchoTrust.test.ts"]
  },
  {
    name: "echo-switch",
    what: "trusts a known prompt after stty -echo",
    file: "domain/prediction/trust/EchoTrust.ts",
    original: "return isSwitched(atCursor, report) ? forgetful(atCursor) : trusted(atCursor, report, home)",
    mistaken: "return trusted(atCursor, report, home)",
    caughtBy: ["test/domain/prediction/trust/EchoTrust.test.ts"]
  },
  {
    name: "echo-script",
    what: "takes what a script reads for the prompt of a shell",
    file: "domain/session/InteractiveShell.ts",
    original: 'if (!/^[-+]./.test(argument) || argument === "--" || COMMAND.test(argument)) return false',
    mistaken: "if (COMMAND.test(argument)) return false",
    caughtBy: ["test/domain/session/InteractiveShell.test.ts"]
  },
  {
    name: "echo-home",
    what: "takes any row for the line that was edited last",
    file: "domain/prediction/trust/KnownPrompts.ts",
    original: "=== last.prompt ? column : undefined",
    mistaken: "!== undefined ? column : undefined",
    caughtBy: ["test/domain/prediction/trust/KnownPrompts.test.ts"]
  },
  {
    name: "echo-enter",
    what: "keeps a result after Enter",
    file: "domain/session/EchoSampling.ts",
    original: 'const asked = state.report.echo === "Secret" ? typed : withdrawn(typed)',
    mistaken: "const asked = typed",
    caughtBy: ["test/domain/session/EchoSampling.test.ts"]
  },
  {
    name: "echo-disturbed",
    what: "takes the result of a sample during which something was typed or printed",
    file: "domain/session/EchoSampling.ts",
    original: 'if (sample.isDisturbed && echo !== "Secret")',
    mistaken: "if (echo === undefined)",
    caughtBy: ["test/domain/session/EchoSampling.test.ts"]
  },
  {
    name: "echo-input",
    what: "dates a report by input that was typed after it",
    file: "services/server/EchoReports.ts",
    original: "states[0].inputs <= report.inputs",
    mistaken: "states[0].inputs <= report.inputs + 1",
    caughtBy: ["test/services/server/EchoReports.test.ts"]
  }
]
