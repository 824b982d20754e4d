/**
 * The programs with a line editor of their own that this project has been tested with: shells, and interpreters of languages and
 * databases.
 *
 * Each reads its prompt in one place of its program, and everything else, such as hidden input, in others.
 */
import * as InteractiveShell from "./InteractiveShell.ts"

const SHELLS: ReadonlySet<string> = new Set(["bash", "fish", "zsh"])
/** No command of theirs hides input at the place of the prompt. */
const DATABASES: ReadonlySet<string> = new Set(["psql", "sqlite3"])
const PYTHON = /^python3?(?:\.\d+)?$/
/** Options of Python without a value; what runs a module or a command has one. */
const PYTHON_OPTIONS = /^-[bBdEiIOPqsSuv]+$/

/** Whether a program of this name is a shell. */
export const isShell = (name: string): boolean => SHELLS.has(name)

/** Whether a process with this name and these arguments prompts for lines with such a line editor. */
export const prompts = (name: string, arguments_: ReadonlyArray<string>): boolean =>
  isShell(name)
    ? InteractiveShell.prompts(arguments_)
    : DATABASES.has(name) || (PYTHON.test(name) && arguments_.every((argument) => PYTHON_OPTIONS.test(argument)))
