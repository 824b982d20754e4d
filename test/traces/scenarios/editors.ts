/**
 * Editors.
 */
import { PROJECT } from "./files.ts"
import { MEDIUM, type Scenario, SMALL } from "./scenario.ts"

const VIM = "vim -u NONE -N -i NONE -c 'set showcmd ruler laststatus=2 autoindent backspace=2 ttimeout ttimeoutlen=50"

export const EDITORS: ReadonlyArray<Scenario> = [
  {
    name: "vim",
    what: "vim: moving about and changing code",
    program: "vim",
    command: `${VIM} shiftwidth=4' garden/src/plants.py`,
    files: PROJECT,
    ...SMALL,
    shows: "def thirsty(plants, day):",
    keys: [
      "jjjo",
      '"thyme": 5,\n"mitn<BS*2>nt": 2,<Esc>',
      "kddu",
      "/thirsty\n",
      "wwiplants, <Esc>",
      "/PLANTS\n",
      "cwplants<Esc>",
      "A  # in no particular order<Esc>",
      'o<C-d>\n\ndef water(plants, day):\n    for name in thristy<BS*5>irsty(plants, day):\n    print(f"water the {name}")<Esc>',
      "kk^iasync <Esc>u",
      "jj>>u",
      "gg",
      "Oimport sys\n<Esc>",
      "jwwhhll",
      "bbea_BY_DAYS<Esc>",
      "j0wwcwpotato<Esc>",
      "xu",
      ":w\n",
      "G$bb",
      "Rleaf<Esc>",
      "u",
      "/def\n",
      "n",
      "N",
      "?day\n",
      "n",
      ":%s/day/date/g\n",
      "/def water\n",
      "O# Tells which plants need water on a dtae<BS*3>ate.<Esc>",
      "jjjkhhhlljb",
      "Go<C-d><C-d>\nwater(PLANTS_BY_DAYS, int(sys.argv[1]))<Esc>",
      "yypxdd",
      "ggwwjjllljbbkk",
      ":wq\n"
    ]
  },
  {
    name: "vim-prose",
    what: "vim: paragraphs of prose in insert mode, wrapped at column 72",
    program: "vim",
    command: `${VIM} textwidth=72' letter.txt`,
    ...SMALL,
    shows: "So he climbed the stairs, ninety-two of them",
    keys: [
      "i",
      "The lamp at the end of the harbour was lit every evening by the same old man. " +
        "He said that ships could find their way without it, but that peopel<BS*2>le could not. " +
        "So he climbed the stairs, ninety-two of them, with a can of oil in one hand and a book in the other.\n\n" +
        "Somtimes<BS*5>etimes he read until morning; then the fishermen told him the news, " +
        "and he told tehm<BS*3>hem what he had read.\n",
      "\nIn winter the harbour froze, and the ships stayed away. Still he lit the lamp. ",
      '"Who is it for?" they asked him once.<Esc>',
      "oHe thought about it for a whiel<BS*2>le, and then for much longer, and did not answer until spring. ",
      '<Left*8>the end of <End>"For me," he said.',
      "<Esc>",
      "gg",
      "2wiburnin<BS>ng <Esc>",
      ":w\n",
      "GA It was<BS*6>That was all.<Esc>",
      ":x\n"
    ]
  },
  {
    name: "nano",
    what: "nano: prose, and changes within it",
    program: "nano",
    command: "nano -I garden/notes/april.txt",
    files: PROJECT,
    ...SMALL,
    shows: "The frost came terribly late this year",
    keys: [
      "<Down*3>",
      "Mend the fence behind the shed, for the hens got oit<BS*2>ut agian<BS*3>ain.\n",
      "Ask the neighbours whether they want any of the rhubarb.\n\n",
      "The frost came late this year, and most of what we had sown was lost. ",
      "We shall try again in May.",
      "<Home><C-Right*3>terribly ",
      "<C-w>compost\n",
      "<End><BS>, and water it if it is dry.",
      "<Up><C-k>",
      "<Down*3>",
      "<C-u>",
      "<Home><Right*4>all ",
      "<End> Twice a wek<BS>ek.",
      "<Left*12><BS>At least t",
      "<C-o>",
      "\n",
      "<C-x>"
    ]
  },
  {
    name: "emacs",
    what: "emacs: text and code, by its own keys",
    program: "emacs",
    command: "emacs -nw -Q garden/notes/may.txt",
    files: PROJECT,
    ...MEDIUM,
    shows: '"""A bed of good soil."""',
    keys: [
      "<C-n*3>",
      "Thin out the carrots, and give what you pull to the rabits<BS*3>bits next door.\n",
      "Do not forget the onions.\n",
      "<C-p*2><M-f*4> gently<C-e> They like it.",
      "<C-a><C-k*2>",
      "<C-y>",
      "<C-r>frost",
      "\n",
      "hard <C-e> Write down the day.",
      "<M-x>goto-line\n",
      "2\n",
      "<M-f><M-d> together<C-e><C-b>, but not too tight",
      "<C-x><C-s>",
      "<C-x><C-f>",
      "../src/beds.py\n",
      "def beds(count, width=1.2):\nreturn [Bed(i, wdith<BS*4>idth) for i in range(count)]\n\n",
      'class Bed:\n"""A bed of earth."""\ndef __init__(self, number, width):\nself.number = number\nself.width = width\n',
      "<M-<>",
      "import dataclasses\n\n\n",
      "<C-s>earth",
      "<C-s>",
      "\n",
      "<M-b><M-d>good soil<C-n><C-e>",
      "<C-x><C-s>",
      "<C-x>b",
      "\n",
      "<C-x><C-c>"
    ]
  }
]
