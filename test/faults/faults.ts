/**
 * Deliberate mistakes in the protocol. Each is planted alone, and some law or simulation must notice it.
 *
 * A fault changes one place of one source file while the tests load it; the file itself stays as it is. So the programs
 * need no switches for faults. A test that cannot fail is exposed. `npm run faults` plants them all.
 */
import type { Fault } from "./Fault.ts"
import { attachmentFaults } from "./attachments.ts"
import { commandFaults } from "./commands.ts"
import { displayFaults } from "./display.ts"
import { echoFaults } from "./echo.ts"
import { eventFaults } from "./events.ts"
import { forwardingFaults } from "./forwarding.ts"
import { historyFaults } from "./history.ts"
import { idFaults } from "./ids.ts"
import { imageFaults } from "./images.ts"
import { limitFaults } from "./limits.ts"
import { loginFaults } from "./login.ts"
import { mtuFaults } from "./mtu.ts"
import { nameFaults } from "./names.ts"
import { packetFaults } from "./packets.ts"
import { pathFaults } from "./paths.ts"
import { relayFaults } from "./relay.ts"
import { sharingFaults } from "./sharing.ts"
import { stateFaults } from "./states.ts"
import { streamFaults } from "./streams.ts"
import { terminalFaults } from "./terminal.ts"

export const faults: ReadonlyArray<Fault> = [
  ...stateFaults,
  ...packetFaults,
  ...limitFaults,
  ...displayFaults,
  ...loginFaults,
  ...mtuFaults,
  ...streamFaults,
  ...terminalFaults,
  ...imageFaults,
  ...nameFaults,
  ...sharingFaults,
  ...idFaults,
  ...historyFaults,
  ...forwardingFaults,
  ...relayFaults,
  ...attachmentFaults,
  ...echoFaults,
  ...eventFaults,
  ...commandFaults,
  ...pathFaults
]
