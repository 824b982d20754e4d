/**
 * The capabilities of terminfo that programs may ask for with XTGETTCAP, and that our emulator has.
 *
 * Names are those of terminfo, of termcap for `Co`, and of the extensions that tmux and others define. Source: terminfo(5) and
 * user_caps(5).
 */

const ESC = "\x1b"

/** Flags, numbers and strings by name. A flag has the value `true`. */
export const CAPABILITIES: ReadonlyMap<string, string | true> = new Map<string, string | true>([
  ["Co", "256"],
  ["colors", "256"],
  ["RGB", "8"],
  ["Tc", true],
  ["setrgbf", `${ESC}[38;2;%p1%d;%p2%d;%p3%dm`],
  ["setrgbb", `${ESC}[48;2;%p1%d;%p2%d;%p3%dm`],
  ["bold", `${ESC}[1m`],
  ["dim", `${ESC}[2m`],
  ["sitm", `${ESC}[3m`],
  ["ritm", `${ESC}[23m`],
  ["smul", `${ESC}[4m`],
  ["rmul", `${ESC}[24m`],
  ["blink", `${ESC}[5m`],
  ["rev", `${ESC}[7m`],
  ["smxx", `${ESC}[9m`],
  ["rmxx", `${ESC}[29m`],
  ["Smol", `${ESC}[53m`],
  ["Rmol", `${ESC}[55m`],
  ["Su", true],
  ["Smulx", `${ESC}[4:%p1%dm`],
  ["Setulc", `${ESC}[58:2::%p1%{65536}%/%d:%p1%{256}%/%{255}%&%d:%p1%{255}%&%dm`],
  ["Ss", `${ESC}[%p1%d q`],
  ["Se", `${ESC}[ q`],
  ["BE", `${ESC}[?2004h`],
  ["BD", `${ESC}[?2004l`],
  ["PS", `${ESC}[200~`],
  ["PE", `${ESC}[201~`],
  ["fe", `${ESC}[?1004h`],
  ["fd", `${ESC}[?1004l`],
  ["kxIN", `${ESC}[I`],
  ["kxOUT", `${ESC}[O`],
  ["Cmg", `${ESC}[?69h${ESC}[%i%p1%d;%p2%ds`],
  ["Dsmg", `${ESC}[?69l`],
  ["Sync", `${ESC}[?2026%?%p1%{1}%-%tl%eh%;`],
  ["smcup", `${ESC}[?1049h`],
  ["rmcup", `${ESC}[?1049l`]
])
