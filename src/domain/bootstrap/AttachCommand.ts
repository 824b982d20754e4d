/**
 * The command line that attaches to a session again, for the user of a client that ended while its session continues.
 */
import * as PortRange from "../arguments/PortRange.ts"
import * as ShellWords from "../arguments/ShellWords.ts"
import type { Place, SessionRequest } from "../arguments/WrapperArguments.ts"
import * as ForwardSpec from "../forwarding/ForwardSpec.ts"
import type { Selector } from "../registry/SessionName.ts"

/**
 * Attaches to the session `which` at the place of `request`, or to the only one there. Has the options of the request that
 * decide how the session is reached and what is forwarded, and names the host as the user did.
 */
export const attachCommand = (request: SessionRequest, which: Selector | undefined): string => {
  const { agent, bind, family, forwards, place, ports, server } = request
  return ShellWords.display([
    "mosh",
    `--attach${which === undefined ? "" : `=${which}`}`,
    ...(server === undefined ? [] : [`--server=${server}`]),
    ...(ports === undefined ? [] : ["-p", PortRange.format(ports)]),
    ...(bind._tag === "Any" ? ["--bind-server=any"] : bind._tag === "Address" ? [`--bind-server=${bind.address}`] : []),
    ...(family === "prefer-inet" ? [] : [`--family=${family}`]),
    ...(agent === true ? ["-A"] : []),
    ...(forwards === undefined ? ["--no-forwarding"] : forwards.flatMap(ForwardSpec.option)),
    ...placeWords(place)
  ])
}

const placeWords = (place: Place): ReadonlyArray<string> => {
  if (place._tag === "Local") return ["--local", ...(place.address === LOOPBACK ? [] : [place.address])]
  const { addressFrom, destination, pty, ssh, sshPort } = place
  return [
    ...(ssh.length === 1 && ssh[0] === "ssh" ? [] : [`--ssh=${ShellWords.display(ssh)}`]),
    ...(sshPort === undefined ? [] : [`--ssh-port=${sshPort}`]),
    ...(pty ? [] : ["--no-ssh-pty"]),
    ...(addressFrom === undefined ? [] : [`--experimental-remote-ip=${addressFrom}`]),
    destination
  ]
}

const LOOPBACK = "127.0.0.1"
