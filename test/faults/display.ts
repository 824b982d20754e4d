/**
 * Deliberate mistakes in what is drawn: differences between frames, and the modes of terminals.
 */
import type { Fault } from "./Fault.ts"

export const displayFaults: ReadonlyArray<Fault> = [
  {
    name: "cursor-left",
    what: "draws a change, and leaves the cursor at its end",
    file: "domain/display/FrameDiff.ts",
    original: "writer.move(cursor.row, cursor.column)",
    mistaken: "",
    caughtBy: ["test/domain/display/FrameDiff.examples.test.ts"]
  },
  {
    name: "cells-joined",
    what: "draws a cell that the terminal may join to the previous one",
    file: "domain/display/RowPainter.ts",
    original: "JoinDoubt.mayJoin(row, x) || (",
    mistaken: "(",
    caughtBy: ["test/domain/display/JoinDoubt.test.ts"]
  },
  {
    name: "copy-unnumbered",
    what: "sends a copied text again only if it is a different text",
    file: "domain/display/FrameDiff.ts",
    original: `mode !== "changes" && copies >`,
    mistaken: `mode === "writes" && copies >`,
    caughtBy: ["test/domain/display/FrameDiff.examples.test.ts"]
  },
  {
    name: "mouse-last-only",
    what: "forgets the mouse modes before the last, which a terminal may support alone",
    file: "domain/terminal/MouseRequests.ts",
    original: "return settled([...others, request])",
    mistaken: "return settled([...others.slice(others.length), request])",
    caughtBy: ["test/domain/terminal/MouseRequests.test.ts"]
  },
  {
    name: "color-space-is-red",
    what: "reads the first of three values of a colour as its colour space",
    file: "domain/display/SgrColor.ts",
    original: "const red = values === 3 ? kind + 1 : kind + 2",
    mistaken: "const red = kind + 2",
    caughtBy: ["test/domain/display/Sgr.test.ts"]
  }
]
