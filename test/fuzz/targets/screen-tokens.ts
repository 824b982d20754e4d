/**
 * Pieces that are meaningful to a terminal, and output from recordings and traces.
 */
import * as Captured from "./captured.ts"
import * as Recording from "../../recordings/recording.ts"
import { SCENARIOS } from "../../recordings/scenarios.ts"
import * as Trace from "../../traces/trace.ts"
import { texts } from "../target.ts"

const CSI = [..."@ABCDEFGHIJKLMPSTXZ`abcdefghilmnpqrstu"]
const MODES = [1, 3, 5, 6, 7, 9, 25, 45, 47, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016]
const SCREENS = [1047, 1048, 1049, 2004, 2026]

export const tokens: ReadonlyArray<Uint8Array> = [
  ...texts(
    "a",
    "hello, world",
    "日",
    "日本語",
    "👩\u200d💻",
    "e\u0301",
    "\u0301",
    "\u00ad",
    "\ufeff",
    "กำ",
    "漢".repeat(13)
  ),
  ...texts(
    "x".repeat(30),
    " ",
    "\u00a0",
    "\t",
    "\r\n",
    "\n",
    "\b",
    "\r",
    "\x07",
    "\x0e",
    "\x18",
    "\x7f",
    "\x00",
    "\u009b"
  ),
  ...texts(
    "\x1b",
    "\x1b[",
    "\x1b]",
    "\x1bP",
    "\x1b\\",
    ";",
    ":",
    "?",
    "0",
    "1",
    "9",
    "99999999999",
    "\u0300".repeat(20)
  ),
  ...CSI.flatMap((final) =>
    texts(`\x1b[${final}`, `\x1b[2${final}`, `\x1b[3;7${final}`, `\x1b[65536;2147483648${final}`)
  ),
  ...[...MODES, ...SCREENS].flatMap((mode) => texts(`\x1b[?${mode}h`, `\x1b[?${mode}l`)),
  ...["1", "2", "3", "4:3", "4", "7", "8", "9", "53", "31", "44", "97", "103", "0", "38;5;200", "48;5;17"].flatMap(
    (sgr) => texts(`\x1b[${sgr}m`)
  ),
  ...texts("\x1b[38;2;1;2;3m", "\x1b[48;2;255;255;255m", "\x1b[58;5;9m", "\x1b[58:2::9:8:7m", "\x1b[4h", "\x1b[4l"),
  ...["7", "8", "c", "D", "E", "H", "M", "=", ">", "#8", "(0", "(B", "n", "%G"].flatMap((escape) =>
    texts(`\x1b${escape}`)
  ),
  ...texts(
    "\x1b]0;title\x07",
    "\x1b]1;icon\x07",
    "\x1b]2;\u{1f600}\x1b\\",
    "\x1b]8;;http://a/\x07",
    "\x1b]8;id=1;b:\x07"
  ),
  ...texts(
    "\x1b]8;;\x07",
    "\x1b]52;c;eHk=\x07",
    "\x1b]52;pc;YQ==\x07",
    "\x1b]52;c;?\x07",
    "\x1b]52;;!\x07",
    "\x1b]4;1;?\x07"
  ),
  ...["9;done", "9;4;1;50", "9;4;0", "777;notify;a;b", "777;notify=1;9;1;0;x", "777;notify=3;99;2;1;ab"].flatMap(
    (text) => texts(`\x1b]${text}\x07`)
  ),
  ...[
    "99;i=1:d=0;T",
    "99;i=1:p=body:e=1;eA==",
    "7;file://h/",
    "22;text",
    "1337;SetUserVar=a=eA==",
    "133;A",
    "133;#1;5;0;133;A",
    "1337;SetMark",
    "133;D;1"
  ].flatMap((text) => texts(`\x1b]${text}\x1b\\`)),
  ...["4;1;red;2;#fff", "104", "104;1", "10;#123456;black", "12;rgb:1/2/3", "112"].flatMap((text) =>
    texts(`\x1b]${text}\x07`)
  ),
  ...texts(
    "\x1bP$qm\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x1b_apc\x1b\\",
    "\x1b[3 q",
    "\x1b[2'}",
    "\x1b[2'~",
    "\x1b[2 @",
    "\x1b[2 A"
  ),
  ...texts("\x1b[!p", "\x1b[?7l", "\x1b[2;5r", "\x1b[r", "\x1b[?69h", "\x1b[2;9s"),
  Uint8Array.of(0xc3),
  Uint8Array.of(0xf0, 0x9f),
  Uint8Array.of(0xed, 0xa0, 0x80),
  Uint8Array.of(0xff)
]

/** Bytes of one seed. */
const SEED = 1500

/** The beginnings and the ends of what real programs printed. */
export const outputs = (): ReadonlyArray<Uint8Array> => [
  ...SCENARIOS.flatMap(({ name }) => {
    const bytes = Recording.readBytes(name)
    return [bytes.subarray(0, SEED), bytes.subarray(-SEED)]
  }),
  ...Trace.names().map((name) => Buffer.concat(Trace.read(name).output.map(({ bytes }) => bytes)).subarray(0, SEED))
]

/** The host strings of the captured session: what follows the head of a message, which is text for the most part. */
export const hostStrings = (): ReadonlyArray<Uint8Array> => Captured.hostMessages
