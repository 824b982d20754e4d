/**
 * Decides what the screen of a session takes from the terminals of its clients: the size and the answers to programs' queries
 * from the leader's, and the sequences of characters that all of them draw as one cell.
 *
 * Laws: the screen has the size that the leader's terminal reported last, and its queries are answered by the newest report
 * of the leader. Sequences are joined that every terminal joins whose client may type. A client that will not report its
 * terminal joins none, and one that has yet to report it prevents nothing. A viewer changes nothing.
 */
import * as ClusterRules from "../terminal/ClusterRules.ts"
import type { Size } from "../terminal/Frame.ts"
import type { TerminalReport } from "../terminal/TerminalReport.ts"
import type { Mode } from "./Attachments.ts"

/** What is known of the terminal of one client. */
interface Terminal {
  readonly size: Size | undefined
  readonly report: TerminalReport | undefined
  /** What it joins; `undefined` before its report. */
  readonly clusters: ClusterRules.ClusterRules | undefined
  /** Whether the client reported its terminal, or announced that it will. */
  readonly isReporting: boolean
}

export interface State {
  /** By the number of the attachment. At most one for each attachment, which are limited. */
  readonly terminals: ReadonlyMap<number, Terminal>
  /** The attachment whose client led last. */
  readonly leader: number | undefined
  /** The sequences that the screen joins; `undefined` until a terminal is known. */
  readonly joined: ClusterRules.ClusterRules | undefined
}

export const initial: State = { terminals: new Map(), leader: undefined, joined: undefined }

export type Input =
  /** A client announced that it will report its terminal. Precedes `Connected`. */
  | { readonly _tag: "Announced"; readonly id: number }
  /** The first state of a client arrived. */
  | { readonly _tag: "Connected"; readonly id: number; readonly mode: Mode }
  /** A client's terminal has this size. */
  | { readonly _tag: "Sized"; readonly id: number; readonly size: Size }
  /** A client's terminal reported this about itself. */
  | { readonly _tag: "Reported"; readonly id: number; readonly report: TerminalReport }
  /** A client leads from now on (`SizeLeader`). */
  | { readonly _tag: "Led"; readonly id: number }
  /** An attachment has ended. */
  | { readonly _tag: "Ended"; readonly id: number }

export type Output =
  | { readonly _tag: "Resize"; readonly size: Size }
  /** Answer programs' queries as this terminal does. */
  | { readonly _tag: "Answer"; readonly report: TerminalReport }
  /** Draw these sequences as one cell. */
  | { readonly _tag: "Join"; readonly rules: ClusterRules.ClusterRules }

type Step = readonly [State, ReadonlyArray<Output>]

export const step = (state: State, input: Input): Step => {
  const { id } = input
  switch (input._tag) {
    case "Announced":
      return join(change(state, id, { isReporting: true }))
    case "Connected": {
      const isSilent = input.mode !== "View" && state.terminals.get(id)?.isReporting !== true
      return join(isSilent ? change(state, id, { clusters: ClusterRules.NONE }) : state)
    }
    case "Sized":
      return [change(state, id, { size: input.size }), resized(state.leader === id ? input.size : undefined)]
    case "Reported": {
      const { report } = input
      const [next, outputs] = join(change(state, id, { report, clusters: report.clusters, isReporting: true }))
      return [next, [...outputs, ...answered(state.leader === id ? report : undefined)]]
    }
    case "Led": {
      const terminal = state.terminals.get(id)
      return [{ ...state, leader: id }, [...answered(terminal?.report), ...resized(terminal?.size)]]
    }
    case "Ended": {
      const terminals = new Map(state.terminals)
      terminals.delete(id)
      return join({ ...state, terminals, leader: state.leader === id ? undefined : state.leader })
    }
  }
}

const UNKNOWN: Terminal = { size: undefined, report: undefined, clusters: undefined, isReporting: false }

const change = (state: State, id: number, part: Partial<Terminal>): State => ({
  ...state,
  terminals: new Map(state.terminals).set(id, { ...(state.terminals.get(id) ?? UNKNOWN), ...part })
})

/** Without any terminal that is known, the screen continues to join what it joined. */
const join = (state: State): Step => {
  const rules = ClusterRules.common([...state.terminals.values()].map(({ clusters }) => clusters))
  if (rules === undefined || rules === state.joined) return [state, []]
  return [{ ...state, joined: rules }, [{ _tag: "Join", rules }]]
}

const resized = (size: Size | undefined): ReadonlyArray<Output> =>
  size === undefined ? [] : [{ _tag: "Resize", size }]

const answered = (report: TerminalReport | undefined): ReadonlyArray<Output> =>
  report === undefined ? [] : [{ _tag: "Answer", report }]
