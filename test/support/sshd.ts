/**
 * A real sshd on loopback, with keys and configuration of its own, for the user who runs the tests.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { once } from "node:events"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { quoted } from "./peers-shell.ts"
import { endWithUs } from "./leftovers.ts"

export interface SshdOptions {
  /** Variables for every remote command, in addition to those that sshd sets. */
  readonly environment: Readonly<Record<string, string>>
  /** Whether accounts' passwords are accepted. Only root's sshd can check them. */
  readonly passwords?: boolean
  /** Whether other users may read its files. */
  readonly isReadable?: boolean
  /** The address at which it listens. Default: 127.0.0.1. */
  readonly address?: string
  /** The words before sshd's command line that start it elsewhere, as in a network namespace. Default: none. */
  readonly within?: ReadonlyArray<string>
}

/** A running sshd. `ssh -F <clientConfig> <host>` logs in to it without a question. */
export interface Sshd extends Disposable {
  /** A host alias; only `clientConfig` knows what it stands for. */
  readonly host: string
  readonly clientConfig: string
  readonly port: number
  /** Its files: `authorized_keys`, `host_key.pub`, `known_hosts` of the client. */
  readonly directory: string
  /** How many logins succeeded. */
  readonly logins: () => number
}

const HOST = "loopback"
const LOOPBACK = "127.0.0.1"
const ATTEMPTS = 3

export const startSshd = async (options: SshdOptions): Promise<Sshd> => {
  const directory = mkdtempSync(join(tmpdir(), "effect-mosh-sshd-"))
  const file = (name: string) => join(directory, name)
  // Another user's session reads its script here.
  if (options.passwords === true || options.isReadable === true) chmodSync(directory, 0o755)
  for (const name of ["host_key", "user_key"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file(name)])
  execFileSync("cp", [file("user_key.pub"), file("authorized_keys")])
  writeFileSync(file("login"), loginScript(options.environment))
  chmodSync(file("login"), 0o755)
  mkdirSync(file("home"))
  // sshd requires this when it runs as root: the empty directory that its unprivileged process is confined to.
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 })

  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    writeFileSync(file("sshd_config"), serverConfig(file, port, options))
    const words = [...(options.within ?? []), sshdPath(), "-D", "-e", "-f", file("sshd_config")]
    const child = spawn(words[0] ?? "", words.slice(1), { stdio: ["ignore", "ignore", "pipe"] })
    if (child.pid !== undefined) endWithUs(child.pid)
    const trouble = await listening(child)
    if (trouble === undefined) {
      writeFileSync(file("ssh_config"), clientConfig(file, port, options))
      const stop = () => {
        child.kill("SIGTERM")
        rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
      }
      let logins = 0
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        logins += text.match(/^Accepted /gm)?.length ?? 0
      })
      return {
        host: HOST,
        clientConfig: file("ssh_config"),
        port,
        directory,
        logins: () => logins,
        [Symbol.dispose]: stop
      }
    }
    if (attempt === ATTEMPTS) throw new Error(`sshd does not start: ${trouble}`)
  }
}

const sshdPath = (): string => ["/usr/sbin/sshd", "/usr/bin/sshd"].find((path) => existsSync(path)) ?? "sshd"

/** Runs the remote command as sshd would, by a shell, in the environment that the test wants. */
const loginScript = (environment: Readonly<Record<string, string>>): string =>
  [
    "#!/bin/sh",
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`),
    'exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"',
    ""
  ].join("\n")

const serverConfig = (file: (name: string) => string, port: number, options: SshdOptions): string => `
ListenAddress ${options.address ?? LOOPBACK}
Port ${port}
HostKey ${file("host_key")}
AuthorizedKeysFile ${file("authorized_keys")}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication ${options.passwords === true ? "yes" : "no"}
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
PrintLastLog no
# The account's own .bashrc, which bash reads at every login through ssh, takes up to a minute on some machines.
SetEnv HOME=${file("home")}
ForceCommand ${file("login")}
Subsystem sftp /usr/lib/openssh/sftp-server
`

const clientConfig = (file: (name: string) => string, port: number, options: SshdOptions): string => `
Host ${HOST}
  HostName ${options.address ?? LOOPBACK}
  Port ${port}
  User ${userInfo().username}
  IdentityFile ${file("user_key")}
  IdentitiesOnly yes
  IdentityAgent none
  BatchMode yes
  StrictHostKeyChecking no
  UserKnownHostsFile ${file("known_hosts")}
  LogLevel ERROR
`

/** Waits until sshd listens. Returns its error message if it does not. */
const listening = (child: ChildProcess): Promise<string | undefined> =>
  new Promise((resolve) => {
    let said = ""
    child.stderr?.on("data", (bytes: Buffer) => {
      said += bytes.toString()
      if (said.includes("Server listening")) resolve(undefined)
    })
    child.on("error", (error) => resolve(String(error)))
    child.on("close", () => resolve(said))
  })

const freePort = async (): Promise<number> => {
  const server = createServer()
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no free port")
  return address.port
}
