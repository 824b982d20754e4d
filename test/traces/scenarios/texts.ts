/**
 * Long texts, as users write them in a terminal.
 */
import { PROJECT } from "./files.ts"
import { type Scenario, SMALL } from "./scenario.ts"
import { BASH } from "./shells.ts"

/** Pieces without keys: pauses in which the user reads a screen that still changes. */
const READING = ["", "", "", ""]

export const TEXTS: ReadonlyArray<Scenario> = [
  {
    name: "letter",
    what: "emacs: a letter, in paragraphs longer than the screen is wide",
    program: "emacs",
    command: "emacs -nw -Q letter.txt",
    ...SMALL,
    shows: "Last Sunday we walked up to see your aunt.",
    keys: [
      "Dear Marta,\n\n",
      "thank you for your long letter, and for the pictures of the new house. " +
        "I look at them more often than I shoudl<BS*2>ld; the kithc<BS*2>chen is my favourite.\n\n",
      "Here it has rained for three weeks. The stream is up to the second step of the mill, " +
        "and Jonas carries the hens indoors every evenign<BS*2>ng.",
      "<M-b*2>",
      "almost <C-e> They do not thank him.\n\n",
      "On Sunday we walked up to see your aunt. She hears little now, but laughs as she alwyas<BS*3>ays did,",
      "<C-a><M-d>Last<C-e>",
      " and she asked about you before she asked about anybody else.\n\n",
      "You wanted to know about the piano. Nobody plays it, so do take it! ",
      "My brother has a van, and would bring it in Mya<BS*2>ay<M-b*2>",
      "some time <C-e>, if the road is dry by then.\n\n",
      "Now it is late. Write soon, and tell me waht<BS*3>hat the sea is like in the morning.\n\n",
      "Yours,\nBéla\n",
      "<C-x><C-s>",
      "<C-x><C-c>"
    ]
  },
  {
    name: "talk",
    what: "the coding agent's prompt: long questions, each typed when the last answer is whole",
    program: "python3",
    command: "python3 .setup/programs/agent.py",
    ...SMALL,
    shows: "Does water.py search the whole list",
    keys: [
      "Since this morning two of the cache tests fail about every third time I run them, " +
        "and always together. Can you find out why, without changing anythign<BS*2>ng yet?\n",
      ...READING,
      "That makes sense. Before you change it, please look whether dates are handled as carelessly in other places; " +
        "I rememeber<BS*4>ber something odd in the importer, and perhaps in the report.\n",
      ...READING,
      "Good, make that one function and use it in all three. And while you are there: thirsty() gives None on days with nothing to do, ",
      "which every caller has to chekc<BS*2>ck for.\n",
      ...READING,
      "Thank you. The next thing is speed. Does water.py search the whole list again for each name, or do I misraed<BS*3>ead the loop in the middle?\n",
      ...READING,
      "Then use a dictionary, but keep the order as it is. Also, one test still fails now and then on the build machine, never on mien<BS*2>ne. ",
      "What differs?\n",
      ...READING,
      "Pass the time in, as you said, and then go through the importer once more: " +
        "are there any dates left taht<BS*3>hat we read in local time but write in UTC?\n",
      ...READING
    ]
  },
  {
    name: "commit",
    what: "git commit: messages of a paragraph in nano, between commands in bash",
    program: "nano",
    command:
      "cd garden && git init -q && git add README.md && git commit -q -m 'Start with what this is for' && " + BASH,
    files: { ...PROJECT, ".gitconfig": `${PROJECT[".gitconfig"]}[core]\n\teditor = nano\n` },
    ...SMALL,
    shows: "the first thing that others would wish to change.",
    keys: [
      "git status\n",
      "git add src\n",
      "git commit\n",
      "Tell which plants are thirsty on a day\n\n",
      "Each plant has a number of days after which it wants water. A plant is\n" +
        "thirsty on every day that this number divieds<BS*4>ides, counted from the start\n" +
        "of the year. That is crude, since it knows nothing of rain, but it\n" +
        "will do unde<BS*4>indoors.",
      "<C-o>",
      "\n",
      "<C-x>",
      "git log --oneline\n",
      "git add ntoes<BS*4>otes\n",
      "git status --short\n",
      "git commit\n",
      "Keep notes of each month\n\n",
      "The notes say what there is to do in a month, a line for each task. " +
        "They are plain text for now, since nobody knows yet what a program should amke<BS*4>make of them; " +
        "if we ever want to print them with the plants, a table would be the better choice.",
      "<C-x>",
      "y",
      "\n",
      "echo '- notes of each month' >> README.md\n",
      "git add -u && git status --short\n",
      "git commit\n",
      "Say in the README that there are notes\n\n",
      "Whoever comes to the garden first reads the README, and should find the\n" +
        "notes from there. How they are written is left out: tehy<BS*3>hey will change\n" +
        "soon,",
      " and that is ",
      "the first thing that others would wish to change.",
      "<C-o>",
      "\n",
      "<C-x>",
      "git log --oneline\n"
    ]
  },
  {
    name: "notes",
    what: "vim: a list and paragraphs whose lines are wrapped between words on the screen",
    program: "vim",
    command: "vim -u NONE -N -i NONE -c 'set linebreak showcmd ruler backspace=2 ttimeout ttimeoutlen=50' notes.md",
    ...SMALL,
    shows: "The bees were Clara's idea",
    keys: [
      "i",
      "# Meeting on Thursday\n\n",
      "- The fence along the lane is paid for, and will be put up in the first week of June.\n" +
        "- Clara looks for somebody who can lend us a trailer; Tom's is brokne<BS*2>en.\n" +
        "- No more plastic pots, plaese<BS*4>ease: the shed is full.\n\n",
      "The bees were Clara's idea. Most of us liked it, but who would look after them in August, when all are away? " +
        "She will ask the school, which has kept two hives for years and migth<BS*2>ht like a third.\n\n",
      "About the water we talked for longer than an hour, and did not agree. ",
      "One half would dig a well, which costs a lot once; the other would collect rain, " +
        "which costs little but needs barrles<BS*3>els, pipes and somebody to clean them. Both will write it down.<Esc>",
      ":w\n",
      "G",
      "o",
      "\nNext time: the second of July, at seven.<Esc>",
      ":wq\n"
    ]
  }
]
