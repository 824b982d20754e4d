/**
 * Real programs in network namespaces, with a bridge between them that silently drops packets above its MTU.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { spawnSync } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test, type TestContext } from "vitest"
import { quoted } from "../support/peers-shell.ts"
import { type Maker, program, requirePrograms } from "../support/peers.ts"
import { Tmux } from "../support/tmux.ts"

const NAMESPACES = ["unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]

const requireNamespaces = (context: TestContext): void => {
  requirePrograms(context, "tmux", "unshare", "nsenter", "ip")
  const [file = "", ...others] = NAMESPACES
  const tried = spawnSync(file, [
    ...others,
    "sh",
    "-c",
    "ip link add name one type veth peer name two && ip link add name three type bridge"
  ])
  if (tried.status === 0) return
  context.skip(`network namespaces are unavailable here: ${tried.stderr.toString().trim()}`)
}

/** The client at 10.9.0.1, a bridge with this MTU, and the server at 10.9.0.2. veth admits four bytes more, for a VLAN tag. */
const network = (mtu: number): string => `
set -e
unshare --net sleep 1000 & server=$!
while [ "$(readlink /proc/$server/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
at_server() { nsenter --net=/proc/$server/ns/net "$@"; }
ip link add name bridge type bridge
ip link add name client type veth peer name to-client
ip link add name to-server type veth peer name server
ip link set server netns $server
ip link set to-client master bridge mtu ${mtu - 4}
ip link set to-server master bridge mtu ${mtu - 4}
ip address add 10.9.0.1/24 dev client
at_server ip address add 10.9.0.2/24 dev server
for link in lo bridge client to-client to-server; do ip link set $link up; done
for link in lo server; do at_server ip link set $link up; done
`

/** Prints a screen that does not compress. */
const NOISE = `clear
awk -v seed="$1" 'BEGIN { srand(seed); for (i = 0; i < 4500; i++) printf "%c", 48 + int(rand() * 74) }'
echo; echo "end $1"
`

const session = (mtu: number, client: Maker, server: Maker): string => `${network(mtu)}
line=$(at_server ${[...program(server, "mosh-server"), "new", "-i", "10.9.0.2", "-p", "60001"].map(quoted).join(" ")} \\
  -- bash --norc --noprofile 2>/dev/null | grep 'MOSH CONNECT')
set -- $line
export MOSH_KEY=$4
exec ${program(client, "mosh-client").map(quoted).join(" ")} 10.9.0.2 60001`

for (const [client, mtu] of [
  ["ours", 1280],
  ["ours", 1168],
  ["stock", 1168]
] as const)
  test(
    `${client === "ours" ? "our" : "stock"} client shows full screens of our server through MTU ${mtu}`,
    { timeout: 60_000 },
    async (context) => {
      requireNamespaces(context)
      if (client === "stock") requirePrograms(context, "mosh")
      const home = mkdtempSync(join(tmpdir(), "effect-mosh-mtu-"))
      try {
        const noise = join(home, "noise")
        writeFileSync(noise, NOISE)
        await using terminal = Tmux.start({
          size: { columns: 80, rows: 60 },
          command: [...NAMESPACES, "bash", "-c", session(mtu, client, "ours")],
          environment: {
            HOME: home,
            LANG: "C.UTF-8",
            PATH: process.env["PATH"] ?? "",
            TERM: "xterm-256color"
          }
        })
        await terminal.see("bash-")
        for (const seed of [1, 2]) {
          await terminal.type(`sh noise ${seed}\r`)
          const { text } = await terminal.until(`the end of ${seed}`, (view) => view.text.includes(`end ${seed}`))
          expect(text.filter((row) => row.length === 80).length).toBe(56)
        }
      } finally {
        rmSync(home, { recursive: true, force: true, maxRetries: 3 })
      }
    }
  )
