/**
 * The files in the scratch home directory.
 */

/** A small project whose directories are visited. */
export const PROJECT: Readonly<Record<string, string>> = {
  "garden/README.md":
    "# Garden\n\nKeeps a list of plants and tells when to water them.\n\n- seeds\n- water\n- harvest\n",
  "garden/src/plants.py": [
    "PLANTS = {",
    '    "tomato": 2,',
    '    "basil": 1,',
    '    "rosemary": 7,',
    "}",
    "",
    "",
    "def thirsty(day):",
    "    return [name for name, every in PLANTS.items() if day % every == 0]",
    ""
  ].join("\n"),
  "garden/src/water.py": "from plants import thirsty\n\nfor name in thirsty(4):\n    print('water the', name)\n",
  "garden/notes/april.txt": "Sow the tomatoes indoors.\nTurn the compost.\nOrder new basil seeds.\n",
  "garden/notes/may.txt": "Plant out the tomatoes after the last frost.\nTie up the beans.\nWater the basil daily.\n",
  ".gitconfig": "[user]\n\tname = User\n\temail = user@host\n[init]\n\tdefaultBranch = main\n"
}

export const LETTER = [
  "Dear Béla,",
  "the beans are up, and the old fence has fallen at last.",
  "Come and help us to build the new one.",
  "Anna",
  ""
].join("\n")

/** A plain zsh with Emacs key bindings. */
export const ZSHRC = [
  "PROMPT='%F{green}%n@%m%f $ '",
  "HISTSIZE=1000",
  "bindkey -e",
  "bindkey '\\e[1;5D' backward-word '\\e[1;5C' forward-word",
  "bindkey '\\e[H' beginning-of-line '\\e[F' end-of-line '\\eOH' beginning-of-line '\\eOF' end-of-line",
  "WORDCHARS=",
  ""
].join("\n")

const mail = (from: string, day: number, subject: string, ...lines: ReadonlyArray<string>): string =>
  [
    `From ${from}@example.org Mon May  ${day} 08:00:00 2023`,
    `From: ${from}@example.org`,
    "To: user@example.org",
    `Date: ${day} May 2023 08:00:00 +0000`,
    `Message-ID: <${from}${day}@example.org>`,
    `Subject: ${subject}`,
    "",
    ...lines,
    "",
    ""
  ].join("\n")

/** A folder of mail. */
export const MAIL = [
  mail(
    "anna",
    1,
    "Seeds",
    "The seeds have come.",
    "",
    "There is basil, thyme and a little parsley. Take what you need."
  ),
  mail(
    "bela",
    2,
    "The fence",
    "The fence behind the shed has fallen.",
    "",
    "Could you bring the long ladder on Sunday?"
  ),
  mail("chris", 3, "Frost tonight", ...Array.from({ length: 40 }, (_, i) => `Please cover row ${i + 1}.`)),
  mail("anna", 4, "Re: Frost tonight", "All rows are covered.", "", "Good night!"),
  mail("doro", 5, "Rhubarb", "There is far too much rhubarb. Does anybody make jam?")
].join("")
