/**
 * The programs that are recorded, and the keys typed into them.
 */

export interface Scenario {
  readonly name: string
  /** A shell command, run in a scratch home directory that holds the files of `FILES`. */
  readonly command: string
  readonly columns: number
  readonly rows: number
  /** The typed pieces. Each is typed when the program's output has stopped. */
  readonly keys: ReadonlyArray<string | { readonly columns: number; readonly rows: number }>
}

const SMALL = { columns: 80, rows: 24 }
const LARGE = { columns: 120, rows: 40 }

const ESC = "\x1b"
const ENTER = "\r"
const DOWN = `${ESC}[B`
const TAB = "\t"
const control = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) & 0x1f)

export const SCENARIOS: ReadonlyArray<Scenario> = [
  {
    name: "vim",
    command: "vim -u NONE -N -c 'syntax on' -c 'set number hlsearch laststatus=2' program.c",
    ...SMALL,
    keys: ["/printf", ENTER, "oint answer = 42;", ESC, ":vsplit\r", control("w") + "w", "Gzz", "ggVj"]
  },
  {
    name: "vim-resized",
    command: "vim -u NONE -N -c 'syntax on' -c 'set number' program.c",
    ...SMALL,
    keys: [":split\r", { columns: 100, rows: 30 }, "G", { columns: 60, rows: 20 }, "ggx"]
  },
  {
    name: "vim-left",
    command: "echo before; vim -u NONE -N program.c; echo after",
    ...SMALL,
    keys: ["G", "dd", ":q!\r"]
  },
  { name: "less", command: "less -R prose.txt", ...SMALL, keys: [" ", "/harbour", ENTER, "n", "k", "k"] },
  { name: "less-left", command: "printf 'before\\n'; less prose.txt", ...SMALL, keys: [" ", " ", "b", "q"] },
  { name: "htop", command: "htop -d 100", ...LARGE, keys: ["t", `${ESC}OR`, "ht"] },
  { name: "top", command: "top -d 60", ...SMALL, keys: ["z", "x", "1"] },
  {
    name: "mc",
    command: "mc --nosubshell",
    ...SMALL,
    keys: [control("n"), control("n"), TAB, control("n"), `${ESC}[20~`, ENTER]
  },
  {
    name: "nano",
    command: "nano prose.txt",
    ...SMALL,
    keys: [DOWN + DOWN, "A new line.", ENTER, control("w"), "lamp", ENTER]
  },
  {
    name: "tmux",
    command: "tmux -L recorded -f tmux.conf new-session 'PS1=\"$ \" exec bash --norc'",
    ...SMALL,
    keys: ["ls\r", `${control("b")}%`, "seq 1 40\r", `${control("b")}"`, "echo below\r", `${control("b")}o`]
  },
  {
    name: "fish",
    command: "fish --private",
    ...SMALL,
    keys: ["ls --color=auto\r", "for i in (seq 3)\r", "echo $i 日本\r", "end\r", "echo 'unfinished"]
  },
  { name: "zsh", command: "zsh", ...SMALL, keys: ["seq 1 30\r", "ls --\t", TAB, TAB, control("c"), "echo done\r"] },
  {
    name: "emacs",
    command: "emacs -nw -Q program.c",
    ...LARGE,
    keys: [
      `${control("x")}2`,
      control("n") + control("n"),
      `${control("s")}int`,
      control("g") + `${ESC}>`,
      `${control("x")}o`
    ]
  },
  {
    name: "bash",
    command: "PS1='\\[\\e[1;32m\\]user@host\\[\\e[0m\\]:\\w\\$ ' bash --norc",
    ...SMALL,
    keys: [
      "ls -l --color=always\r",
      "echo " + "wrapped ".repeat(14),
      control("a"),
      control("k"),
      "seq 1 50 | column -c 70\r"
    ]
  },
  {
    name: "ls",
    command: "bash tree.sh; ls --color=always -lR tree; ls --color=always -C /usr/bin/*sum",
    ...LARGE,
    keys: []
  },
  { name: "scripts", command: "cat scripts.txt", ...SMALL, keys: [] },
  { name: "truecolor", command: "bash truecolor.sh", ...SMALL, keys: [] }
]

const PROSE = [
  "The lamp at the end of the harbour was lit every evening by the same old man.",
  "He said that ships could find their way without it, but that people could not.",
  "",
  "\tSometimes he read there until morning; then the fishermen told him the news.",
  "In winter the harbour froze and the ships stayed away, and still he lit the lamp."
]

export const FILES: Readonly<Record<string, string>> = {
  "program.c": [
    "#include <stdio.h>",
    "",
    "/* A table of squares. */",
    "int main(void) {",
    ...Array.from({ length: 40 }, (_, i) => `\tprintf("%d squared is %d\\n", ${i}, ${i * i});`),
    "\treturn 0;",
    "}",
    ""
  ].join("\n"),
  "prose.txt": Array.from({ length: 30 }, (_, i) => `${i + 1}. ${PROSE.join("\n")}`).join("\n\n") + "\n",
  "scripts.txt": [
    "Chinese: 你好，世界。 Japanese: こんにちは カタカナ ﾊﾝｶｸ Korean: 안녕하세요 세계",
    "Decomposed: e\u0301 a\u0300 o\u0308 n\u0303 u\u0302\u0323 Z\u0351\u036b\u0343  Thai: สวัสดีชาวโลก  Hindi: नमस्ते दुनिया",
    "Hebrew: שָׁלוֹם עוֹלָם  Arabic: مرحبا بالعالم  Greek: Γειά σου Κόσμε  Cyrillic: Привет, мир",
    "Emoji: 😀 🚀 🎉 🐙 ⌚ ⏰ ★ ☆ ♥ ❤ ✓ ✔ © ® ™",
    "Boxes: ┌─┬─┐ ╔═╦═╗ ▁▂▃▄▅▆▇█ ░▒▓ ◢◣◤◥ ⠁⠃⠇⠏⠟⠿⡿⣿",
    "Maths: ∀x∈ℝ ∃y ∫₀^∞ e⁻ˣ dx ≠ ∑ √2 ≈ 1.414 ⇒ ∎",
    "Wide to the edge: " + "宽".repeat(31),
    "And one beyond:  " + "宽".repeat(33),
    ""
  ].join("\n"),
  "truecolor.sh": [
    "for y in 0 1 2 3 4 5; do",
    "  for x in $(seq 0 79); do",
    '    printf "\\e[48;2;%d;%d;%dm\\e[38;2;%d;%d;%dm▀" $((x*3)) $((y*40)) $((255-x*3)) $((255-x*3)) $((y*40)) $((x*3))',
    "  done",
    '  printf "\\e[0m\\n"',
    "done",
    'for i in $(seq 16 87); do printf "\\e[48;5;%dm " $i; done; printf "\\e[0m\\n"',
    'printf "\\e[1mbold\\e[0m \\e[2mdim\\e[0m \\e[3mitalic\\e[0m \\e[4munder\\e[0m \\e[21mdouble\\e[0m \\e[4:3mcurly\\e[0m "',
    'printf "\\e[5mblink\\e[0m \\e[7minverse\\e[0m \\e[9mstruck\\e[0m \\e[53mover\\e[0m \\e[1;3;4;9;35;46mall\\e[0m\\n"',
    'printf "\\e[4;58;5;196mred line\\e[0m \\e[4;58;2;0;200;0mgreen line\\e[0m\\n"',
    'printf "\\e[44mto the end\\e[K\\e[0m\\nplain\\n"',
    ""
  ].join("\n"),
  "tree.sh": [
    "mkdir -p tree/bin tree/lib/日本 tree/tmp; chmod 1777 tree/tmp",
    "touch tree/plain tree/archive.tar.gz tree/image.png tree/bin/run tree/lib/日本/ファイル",
    "chmod 755 tree/bin/run; ln -s plain tree/link; ln -s nowhere tree/broken; mkfifo tree/pipe",
    ""
  ].join("\n"),
  ".zshrc":
    "PROMPT='%n@host %~ %# '\nRPROMPT='%F{yellow}right%f'\nautoload -Uz compinit\ncompinit -u -D\nzstyle ':completion:*' menu select\n",
  "tmux.conf":
    "set -g status-left '[recorded] '\nset -g status-right 'right'\nset -g status-interval 0\nset -g default-terminal screen-256color\nset -sg escape-time 0\nset -g window-status-format '#I'\nset -g window-status-current-format '#I*'\n"
}
