/**
 * What `mosh --help` says.
 */
export const HELP = `mosh: a remote shell that stays. It survives sleep, new networks and lost packets.

  mosh host                          a shell on host, which may be any name that ssh knows
  mosh user@host.example.com         as another user
  mosh host -- tmux new -A -s main   a command instead of a shell; its options need the -- before it
  mosh -P 2222 host                  sshd listens on TCP port 2222
  mosh -p 60000:60010 host           the server may take UDP ports 60000 to 60010
  mosh --ssh="ssh -i key" host       log in with another ssh command
  mosh --local                       a session on this very machine, without ssh
  mosh --local -- top                a command in such a session

mosh logs in by ssh, starts mosh-server there, and then talks to it over UDP: by default on a port
from 60001 to 60999, which the host's firewall has to let in. To end a session, leave its shell, or
press Ctrl-^ and then a full stop.

usage: mosh [options] [--] [user@]host [command...]

  -p, --port=PORT[:PORT2]   the server's UDP port, or a range to choose from
  -P, --ssh-port=PORT       the TCP port of sshd
      --ssh=COMMAND         the ssh command (default: ssh)
      --server=COMMAND      the server's command there (default: mosh-server)
      --client=PATH         another client program here, instead of the one built in
      --local               no ssh: run the server here; host is an address of this machine (127.0.0.1)
      --no-ssh-pty          ask ssh for no terminal
      --no-init             do not switch to the terminal's alternate screen

  -4, -6                    IPv4 only, IPv6 only
      --family=FAMILY       prefer-inet (default), prefer-inet6, inet, inet6, all, or auto
      --bind-server=WHERE   the address the server answers from: ssh (where ssh came in; default), any,
                            or an IP address
      --experimental-remote-ip=HOW
                            how the server's address is learnt: proxy (from the connection that ssh
                            makes), local (look the name up here), remote (ask the server)

  -a, -n, --predict=WHEN    show typing before the server does: adaptive (default), always (-a),
                            never (-n), or experimental
  -o, --predict-overwrite   such typing overwrites instead of inserting

      --help, --version

Any option may be cut short while it stays clear, and options may follow the host.
`
