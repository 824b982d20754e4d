/**
 * Advice on how to admit mosh's datagrams to a server, for the usual firewalls.
 */
import * as PortRange from "./PortRange.ts"

/**
 * The lines to print if the server never answered on a UDP port. For a port of the default range, they open the whole
 * range, because the next session will use another port.
 */
export const openPortAdvice = (port: number): ReadonlyArray<string> =>
  openRangeAdvice(port >= PortRange.DEFAULT.low && port <= PortRange.DEFAULT.high ? PortRange.DEFAULT : single(port))

/** As `openPortAdvice`, for exactly these ports. */
export const openRangeAdvice = ({ high, low }: PortRange.PortRange): ReadonlyArray<string> => {
  const ports = (between: string) => (low === high ? String(low) : `${low}${between}${high}`)
  return [
    "To let it in, on the server, whichever firewall runs there:",
    `  ufw:        sudo ufw allow ${ports(":")}/udp`,
    `  nftables:   sudo nft insert rule inet filter input udp dport ${ports("-")} accept`,
    `  firewalld:  sudo firewall-cmd --permanent --add-port=${ports("-")}/udp && sudo firewall-cmd --reload`,
    `  a cloud:    in the machine's security group (or network firewall): inbound, UDP, ${ports("-")}, your address`
  ]
}

const single = (port: number): PortRange.PortRange => ({ low: port, high: port })
