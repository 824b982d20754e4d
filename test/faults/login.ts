/**
 * Deliberate mistakes in what other users, hosts and the login could abuse.
 */
import type { Fault } from "./Fault.ts"

export const loginFaults: ReadonlyArray<Fault> = [
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
  }
]
