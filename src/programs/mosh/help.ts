/**
 * The text of `mosh --help`.
 */
import * as HelpText from "../../domain/manual/HelpText.ts"
import { manual } from "../../domain/manual/MoshManual.ts"

export const HELP = HelpText.render(manual)
