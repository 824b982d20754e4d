/**
 * What `mosh-server --help` teaches.
 */
import { USAGE } from "../domain/bootstrap/ServerArguments.ts"

export const HELP = `${USAGE}

Starts a session for one client, prints "MOSH CONNECT port key", and leaves the session running. People usually run
mosh, which starts this program through ssh and hands the port and the key to mosh-client.

  -- COMMAND...   run a command instead of a login shell
  -s              answer from the address that ssh came in by
  -i LOCALADDR    answer from this address
  -p PORT[:PORT2] the UDP port, or a range to choose from (default: 60001:60999); 0 lets the system choose
  -c COLORS       how many colours the client's terminal has; 256 makes TERM xterm-256color, else xterm
  -l NAME=VALUE   a locale variable, used when the locale here is not UTF-8
  -v              stay attached to stdin, stdout and stderr
  --help, --version

Environment
  MOSH_SERVER_NETWORK_TMOUT  end the session when no client was heard for so many seconds
                             (default: 2592000, which is 30 days; 0: never)
  MOSH_SERVER_SIGNAL_TMOUT   let SIGUSR1 end it only then

A session ends with its program, with SIGTERM, when its client leaves, or a minute after its start if no client came.

  mosh-server --list           your sessions on this machine, stock mosh's too
  mosh-server --kill=ID|all    end one, or all of them

Why sessions ended stands in ~/.local/state/effect-mosh/HOST/ended.log.
`
