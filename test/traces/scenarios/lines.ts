/**
 * Special kinds of line editing: by the terminal itself, with hidden text, or with wide characters.
 */
import { LETTER, PROJECT } from "./files.ts"
import { type Scenario, SMALL } from "./scenario.ts"
import { BASH } from "./shells.ts"

export const LINES: ReadonlyArray<Scenario> = [
  {
    name: "password",
    what: "bash: passwords that are not shown, or shown as stars, between commands",
    program: "bash",
    command: BASH,
    files: PROJECT,
    ...SMALL,
    shows: "Passphrase for the key: **************",
    keys: [
      "alias login='bash ~/.setup/programs/login.sh correct-horse'\n",
      "alias unlock='python3 ~/.setup/programs/unlock.py battery-staple'\n",
      "login\n",
      "corect-horse\n",
      "correct-hoers<BS*3>rse\n",
      "cd garden && ls\n",
      "unlock\n",
      "batery-stabl<C-u>",
      "battery-staple\n",
      "cat notes/may.txt\n",
      "login\n",
      "battery-staple\n",
      "correct-horse\n",
      "unlock && echo 'it is open'\n",
      "correct-horse\n",
      "battery-stalp<BS*2>ple\n",
      "grep -c tomato notes/*\n",
      "login; unlock\n",
      "correct-horse\n",
      "<C-c>",
      "echo 'that was enough'\n"
    ]
  },
  {
    name: "cat",
    what: "cat and ed: the terminal's own echo and editing",
    program: "ed",
    command: BASH,
    files: { "letter.txt": LETTER },
    ...SMALL,
    shows: "今年は霜がおそく来ました。",
    keys: [
      "cat > reply.txt\n",
      "Dear Anna,\n\n",
      "thank you for the sees<BS>ds. The basil came up within a week, but the rosemary\n",
      "has not shown itself yet. Your mother says<C-w*3>I am told that it needs more time.\n",
      "I will write a gain<C-u>Wir haben auch grüne Böhnchen<BS*4>en gesät.\n",
      "今年は霜が遅く<BS*2>おそく来ました。\n",
      "\nYours, Béla\n",
      "<C-d>",
      "cat reply.txt\n",
      "ed letter.txt\n",
      "1,$p\n",
      "2a\n",
      "The hens are well, and lay mroe<BS*3>ore eggs than we can eat.\n.\n",
      "/fence/s/old/crooked/\n",
      "/crooked\n",
      "g/the/p\n",
      "wq\n",
      "cat >> letter.txt <<END\n",
      "P.S. Do you still have the ladder? 梯子が要ります。\n",
      "END\n",
      "wc letter.txt\n"
    ]
  },
  {
    name: "international",
    what: "bash: German, Japanese, Chinese and emoji, with changes among them",
    program: "bash",
    command: BASH,
    ...SMALL,
    shows: "echo 庭の土はとても黒い。",
    keys: [
      "echo 'Die Bäume blühen früh, und überall hört man Vögel.'\n",
      "echo 'Schöne Grüse<BS*2>ße aus Köln an alle Gärtner'\n",
      "mkdir 庭 && cd 庭\n",
      "echo 'トマトに水をやる' > 今日.txt\n",
      "cat 今<Tab>",
      "\n",
      "echo 庭の土は黒い",
      "<Left*2>とても<End>です",
      "<BS*2>。\n",
      "echo 今年的西红柿很甜,我们明年再重<BS>种。\n",
      "echo 'Ready 🚀 set 🌱 grow 🎉'",
      "<C-Left*2>",
      "<BS*2>🌻🌻 <C-e>",
      "\n",
      "<Up>",
      "<C-a><M-f><Right*2><Del*5>Fertig",
      "<C-e><Left>!!\n",
      'for w in Äpfel 梨 さくらんぼ; do echo "$w 🍒 schmeckt süß"; done\n',
      "<Up*2>",
      "<C-u>echo 'これはとても長い行です。画面の端を越えて次の行に続くまで書きます。もう少しです。はい、越えました。'",
      "<Left*22>かならず<BS*4>本当に",
      "<C-e>\n",
      "cd ..; rmd<BS>  庭<C-w>-r 庭\n"
    ]
  }
]
