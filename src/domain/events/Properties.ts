/**
 * What a program tells the terminal about itself and its window, beside the picture: the directory, progress, the pointer's shape,
 * variables and colours. Only the newest value matters, so these are state, not events.
 *
 * Programs set them by these sequences. Two ends of effect-mosh, and terminals, are sent the same ones.
 *
 * | OSC                 | text                      | property                              |
 * | ------------------- | ------------------------- | ------------------------------------- |
 * | 4; 104              | `N ; COLOR`…; `N`…        | the palette                           |
 * | 10, 11, 12, 17, 19  | `COLOR`…                  | dynamic colours; 12 is the cursor's   |
 * | 110 … 119           |                           | resets one of them                    |
 * | 7                   | URL                       | the directory                         |
 * | 9 ; 4               | `STATE ; PERCENT`         | progress                              |
 * | 22                  | NAME                      | the pointer's shape                   |
 * | 1337 ; SetUserVar   | `NAME = BASE64`           | a variable                            |
 *
 * All texts are checked: none contains a control character, and none is a query. Each property has a bounded size.
 */
import * as OscText from "../display/OscText.ts"
import * as Colors from "../terminal/TerminalColors.ts"

export interface Properties {
  /** The URL of the current directory; empty if no program has set one. */
  readonly directory: string
  /** The progress of what a program does; `undefined` if none is shown. */
  readonly progress: Progress | undefined
  /** The name of the pointer's shape; empty for the terminal's own. */
  readonly pointer: string
  /** The values of variables, in base64, by name. None is empty. */
  readonly variables: ReadonlyMap<string, string>
  /** The colours that programs have set. */
  readonly colors: Colors.TerminalColors
}

/** Progress as ConEmu defines it. */
export interface Progress {
  /** 1 normal, 2 failed, 3 indeterminate, 4 paused. */
  readonly state: number
  /** 0 to 100. */
  readonly percent: number
}

const NO_VARIABLES: ReadonlyMap<string, string> = new Map()

export const NONE: Properties = {
  directory: "",
  progress: undefined,
  pointer: "",
  variables: NO_VARIABLES,
  colors: Colors.NONE
}

export const MAX_DIRECTORY = 2048
export const MAX_VARIABLES = 32
export const MAX_VALUE = 1024

/** The OSC numbers that `apply` reads. */
export const IDENTIFIERS: ReadonlyArray<number> = [7, 9, 22, 1337, ...Colors.IDENTIFIERS]

/** The properties after `OSC identifier ; text`; the same object if nothing has changed. */
export const apply = (properties: Properties, identifier: number, text: string): Properties => {
  switch (identifier) {
    case 7: {
      if (!DIRECTORY.test(text) || text.length > MAX_DIRECTORY || !OscText.isClean(text)) return properties
      return text === properties.directory ? properties : { ...properties, directory: OscText.copy(text) }
    }
    case 9:
      return withProgress(properties, text)
    case 22:
      return POINTER.test(text) && text !== properties.pointer
        ? { ...properties, pointer: OscText.copy(text) }
        : properties
    case 1337:
      return withVariable(properties, text)
    default: {
      const colors = Colors.apply(properties.colors, identifier, text)
      return colors === properties.colors ? properties : { ...properties, colors }
    }
  }
}

const DIRECTORY = /^(?:[a-z][a-z0-9+.-]{1,31}:\/\/.*)?$/i

/** Names of shapes, of CSS or X11. kitty's stack of pointers (`>`, `<`) is ignored, and so is its query. */
const POINTER = /^[a-z0-9_-]{0,40}$/i
const PROGRESS = /^4;([0-4])(?:;(\d{0,3}))?$/

const withProgress = (properties: Properties, text: string): Properties => {
  const [, state, percent = ""] = PROGRESS.exec(text) ?? []
  if (state === undefined) return properties
  if (state === "0") return properties.progress === undefined ? properties : { ...properties, progress: undefined }
  return { ...properties, progress: { state: Number(state), percent: Math.min(100, Number(percent)) } }
}

const VARIABLE = /^SetUserVar=([A-Za-z0-9_.-]{1,64})=([A-Za-z0-9+/]*={0,2})$/

const withVariable = (properties: Properties, text: string): Properties => {
  if (text.length > MAX_VALUE + 100) return properties
  const [, name, value] = VARIABLE.exec(text) ?? []
  if (name === undefined || value === undefined || value.length > MAX_VALUE) return properties
  const { variables } = properties
  if ((variables.get(name) ?? "") === value) return properties
  if (value === "") return { ...properties, variables: new Map([...variables].filter(([other]) => other !== name)) }
  if (!variables.has(name) && variables.size >= MAX_VARIABLES) return properties
  return { ...properties, variables: new Map(variables).set(OscText.copy(name), OscText.copy(value)) }
}

/** An upper bound of the memory that the properties hold, bytes. */
export const weight = ({ colors, directory, variables }: Properties): number => {
  let weight = 2 * directory.length + Colors.weight(colors)
  for (const [name, value] of variables) weight += 80 + 2 * (name.length + value.length)
  return weight
}

export const equals = (a: Properties, b: Properties): boolean =>
  a === b ||
  (a.directory === b.directory &&
    a.pointer === b.pointer &&
    a.progress?.state === b.progress?.state &&
    a.progress?.percent === b.progress?.percent &&
    sameMap(a.variables, b.variables) &&
    Colors.equals(a.colors, b.colors))

const sameMap = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a === b || (a.size === b.size && [...a].every(([name, value]) => b.get(name) === value))
