/**
 * A throw-away copy of this machine: files written there, and processes started there, end with it.
 */
import { execFile, spawnSync } from "node:child_process"
import { promisify } from "node:util"
import type { TestContext } from "vitest"
import { ROOT } from "../../scripts/package.ts"

const execute = promisify(execFile)

/**
 * In namespaces of its own: the machine's files below, a filesystem in memory above, this checkout at /checkout, read-only.
 * `$1` is run in there.
 */
const SCRIPT = `set -e
here=/run
mount -t tmpfs none $here
mkdir $here/above $here/work $here/root
mount -t overlay none -o lowerdir=/,upperdir=$here/above,workdir=$here/work $here/root
mount -t proc none $here/root/proc
mount --rbind /dev $here/root/dev
mkdir $here/root/checkout
mount --bind "$CHECKOUT" $here/root/checkout
mount -o remount,bind,ro $here/root/checkout
mount -t tmpfs -o mode=1777 none $here/root/tmp
for file in "$@"; do [ "$file" = "$1" ] || cp "$file" $here/root/tmp; done
exec chroot $here/root /bin/sh -ec "$1"
`

const NAMESPACES = ["--mount", "--pid", "--fork", "--kill-child"]

/**
 * Runs a shell script in such a copy, with nothing in its environment but the usual search path. `files` of this machine
 * are then in its /tmp. Resolves with what it printed; rejects when it failed.
 */
export const run = (script: string, ...files: ReadonlyArray<string>): Promise<{ stdout: string; stderr: string }> =>
  execute("unshare", [...NAMESPACES, "/bin/sh", "-ec", SCRIPT, "sh", script, ...files], {
    env: {
      CHECKOUT: ROOT,
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      TERM: "xterm-256color"
    },
    maxBuffer: 2 ** 24
  })

/** Skips the test with a reason if such a copy is not possible. */
export const requireThrowaway = (context: TestContext): void => {
  const tried = spawnSync("unshare", [...NAMESPACES, "/bin/sh", "-ec", SCRIPT, "sh", "true"], {
    env: { ...process.env, CHECKOUT: ROOT },
    encoding: "utf8"
  })
  if (tried.status === 0) return
  const reason = `a copy of this machine takes root, namespaces and overlayfs: ${(tried.error?.message ?? tried.stderr).trim()}`
  console.warn(reason)
  context.skip(reason)
}
