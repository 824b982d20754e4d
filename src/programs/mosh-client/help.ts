/**
 * The help texts of `mosh-client`.
 */
import * as HelpText from "../../domain/manual/HelpText.ts"
import { manual } from "../../domain/manual/MoshClientManual.ts"

/** Printed after a command line that cannot be parsed. */
export const USAGE = manual.usage.map((line, at) => (at === 0 ? "Usage: " : "       ") + line).join("\n")

export const HELP = HelpText.render(manual).trimEnd()
