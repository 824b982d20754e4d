/**
 * An sshd of one's own, as an example of a gateway's. A gateway in earnest has an account `fleet` and the system's sshd.
 */
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { spawned } from "./processes.ts"

export interface SshdOptions {
  readonly directory: string
  readonly port: number
  /** Users, each of whom gets a key. */
  readonly users: ReadonlyArray<string>
  /** The gateway's socket. */
  readonly socket: string
}

/** Starts sshd. Returns the configuration file with which `ssh -F FILE USER` logs in as that user of the fleet. */
export const start = Effect.fnUntraced(function* ({ directory, port, socket, users }: SshdOptions) {
  const file = (name: string) => Path.join(directory, name)
  const account = Os.userInfo().username
  const generate = (name: string) => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file(name)])
    return Fs.readFileSync(file(`${name}.pub`), "utf8")
  }
  const login = [process.execPath, ...process.execArgv, Path.join(import.meta.dirname, "login.ts")].join(" ")

  yield* Effect.sync(() => {
    const hostKey = generate("host")
    const keys = users.map((user) => `restrict,pty,command="${login} ${user} ${socket}" ${generate(user)}`)
    Fs.writeFileSync(file("authorized_keys"), keys.join(""), { mode: 0o600 })
    Fs.writeFileSync(file("known_hosts"), `[127.0.0.1]:${port} ${hostKey}`)
    Fs.writeFileSync(
      file("sshd_config"),
      `ListenAddress 127.0.0.1
Port ${port}
HostKey ${file("host")}
AuthorizedKeysFile ${file("authorized_keys")}
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
PidFile none
PrintMotd no
PrintLastLog no
`
    )
    const hosts = users.map(
      (user) => `Host ${user}
  HostName 127.0.0.1
  Port ${port}
  User ${account}
  IdentityFile ${file(user)}
  IdentitiesOnly yes
  UserKnownHostsFile ${file("known_hosts")}
  LogLevel ERROR
`
    )
    Fs.writeFileSync(file("ssh_config"), hosts.join(""))
    // sshd of root confines its unprivileged process to this empty directory.
    if (process.getuid?.() === 0) Fs.mkdirSync("/run/sshd", { recursive: true, mode: 0o755 })
  })
  yield* spawned({
    words: ["/usr/sbin/sshd", "-D", "-e", "-f", file("sshd_config")],
    log: file("sshd.log"),
    ready: /Server listening/
  })
  return file("ssh_config")
})
