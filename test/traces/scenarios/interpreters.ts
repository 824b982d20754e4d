/**
 * Interpreters of programming languages, used line by line.
 */
import { LARGE, MEDIUM, type Scenario, SMALL } from "./scenario.ts"

export const INTERPRETERS: ReadonlyArray<Scenario> = [
  {
    name: "python",
    what: "python: its interactive prompt",
    program: "python3",
    command: "python3",
    ...SMALL,
    shows: "tomato every 2 days",
    keys: [
      "import math, datetime\n",
      "def area(radius):\n    return math.pi * raduis<BS*5>adius ** 2\n\n",
      "area(3)\n",
      "[round(area(r), 2) for r in range(1, 8)]\n",
      "plants = {'tomato': 2, 'basil': 1, 'rosemary': 7}\n",
      "for name, days in plants.items():\n    if days < 3:\n        print(f'{name:>10} every {days} dyas<BS*3>ays')\n\n",
      "sorted(plants, key=plants.get, reverse=True)\n",
      "<Up><C-a><C-Right><Left*6>",
      "<C-e><M-b><C-k>False)\n",
      "plants['thyme']\n",
      "plants.setd<Tab>",
      "'thyme', 5)\n",
      "sum(plants.vla<BS*2>alues()) / len(plants)\n",
      "datetime.date(2024, 2, 28) + datetime.timedelta(days=2)\n",
      "class Bed:\n    def __init__(self, width):\n        self.width = width\n\n",
      "Bed(1.2).width * 10\n",
      "' and '.join(plants).upper()\n",
      "exit()\n"
    ]
  },
  {
    name: "sqlite",
    what: "sqlite3: statements of several lines",
    program: "sqlite3",
    command: "sqlite3 garden.db",
    ...MEDIUM,
    shows: "BASIL needs water",
    keys: [
      ".mode box\n",
      "create table plants (\n  id integer primary key,\n  name text not nul,<BS>l,\n  days integer\n);\n",
      "<Up*4>",
      "<C-u>",
      "insert into plants (name, days) values ('tomato', 2), ('basil', 1), ('rosmeary<BS*5>emary', 7);\n",
      "select * from plants;\n",
      "insert into plants (name, days) values ('thyme', 5);\n",
      "select name, 7 / days as 'times a week'\n  from plants\n where days < 6\n order by nmae<BS*3>ame desc;\n",
      "update plants set days = days + 1 where name like '%m%';\n",
      "<Up*2>",
      "<C-a><M-f*2><C-k>",
      "<C-u>select count(*), max(days), round(avg(days), 2) from plants;\n",
      "select nam from plants;\n",
      "<Up>",
      "<M-b*2><Left>e<C-e>\n",
      "delete from plants where days > 6;\n",
      ".schema pl<BS*2>\n",
      "select upper(name) || ' needs water' from plants where days = 1;\n",
      ".quit\n"
    ]
  },
  {
    name: "node",
    what: "node: its prompt, with previews in grey",
    program: "node",
    command: "node",
    ...LARGE,
    shows: "'1 plus 4 plus 9'",
    keys: [
      "const plants = { tomato: 2, basil: 1, rosemary: 7 }\n",
      "Object.keys(plants)\n",
      "Object.entries(plants).filter(([, days]) => days < 3).map(([nmae<BS*3>ame]) => name)\n",
      "plants.ros",
      "<Right>",
      "\n",
      "const water = (day) => {\n  for (const name in plants) {\n    if (day % plants[name] === 0) console.log('water the', name)\n  }\n}\n",
      "water(4)\n",
      "water(14)\n",
      "[3, 1, 2].toSorted().map((x) => x ** 2).jion<BS*3>oin(' + ')\n",
      "<Up>",
      "<C-Left*2><C-w>(' plus ')<C-k>\n",
      "'The frost came late'.split(' ').map((w) => w.lenght<BS*2>th)\n",
      "Math.ma<Tab>",
      "(...Object.values(plants))\n",
      "new Date(0).toISOString()\n",
      "JSON.stringify({ ...plants, thyme: 5 }, null, 2)\n",
      "unknown + 1\n",
      ".exit\n"
    ]
  }
]
