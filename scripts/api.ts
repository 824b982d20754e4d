/**
 * `npm run docs`: generates the reference of the public API, `docs/api/*.md`, from the declarations and doc comments.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { SyntaxKind } from "typescript/unstable/ast"
import { API, NodeBuilderFlags, type Project, type Symbol, SymbolFlags } from "typescript/unstable/sync"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const OUT = Path.join(ROOT, "docs/api")

/** The package's entry points, and their sources. */
const ENTRIES: Readonly<Record<string, string>> = {
  "effect-mosh": "src/index.ts",
  "effect-mosh/cluster": "src/cluster.ts",
  "effect-mosh/node": "src/node.ts",
  "effect-mosh/testing": "src/testing.ts"
}

export interface Entry {
  /** The module specifier. */
  readonly from: string
  readonly doc: string
  readonly exports: ReadonlyArray<Exported>
}

export interface Exported {
  readonly name: string
  /** Its file, relative to the repository. */
  readonly source: string
  readonly doc: string
  /** Its declaration; `undefined` for a namespace. */
  readonly declaration: string | undefined
  /** The members of a namespace. */
  readonly members: ReadonlyArray<Exported>
}

/** The public API. */
export const read = (): ReadonlyArray<Entry> => {
  const api = new API({ cwd: ROOT })
  try {
    const config = Path.join(ROOT, "tsconfig.json")
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
    if (project === undefined) throw new Error(`${config} is no project`)
    return Object.entries(ENTRIES).map(([from, source]) => {
      const file = project.program.getSourceFile(Path.join(ROOT, source))
      const module = file === undefined ? undefined : project.checker.getSymbolAtLocation(file)
      if (module === undefined) throw new Error(`${source} is no module`)
      return { from, doc: moduleDoc(Path.join(ROOT, source)), exports: exportsOf(project, module) }
    })
  } finally {
    api.close()
  }
}

const exportsOf = (project: Project, module: Symbol): ReadonlyArray<Exported> =>
  project.checker.getExportsOfModule(module).flatMap((symbol) => {
    const target = (symbol.flags & SymbolFlags.Alias) === 0 ? symbol : project.checker.getAliasedSymbol(symbol)
    const file = String(target.declarations[0]?.path)
    const source = Path.relative(ROOT, file)
    const isNamespace = (target.flags & SymbolFlags.ValueModule) !== 0
    if (!isNamespace && isInternal(project, target)) return []
    return {
      name: symbol.name,
      source,
      doc: isNamespace ? moduleDoc(file) : docOf(project, target, file),
      declaration: isNamespace ? undefined : declarations(project, target).join("\n\n"),
      members: isNamespace ? exportsOf(project, target) : []
    }
  })

/** Whether the package's declarations omit a symbol (`stripInternal`). */
const isInternal = (project: Project, symbol: Symbol): boolean =>
  symbol.declarations.some((handle) => {
    const text = handle.resolve(project)?.getFullText() ?? ""
    return /^\s*\/\*\*\s+(\* )?@internal/.test(text)
  })

/** The text of a declaration without its internal members. */
const withoutInternal = (text: string): string =>
  text.replaceAll(/\n *\/\*\*\s+(?:\* )?@internal(?:(?!\*\/)[^])*\*\/\n *readonly [^\n]*/g, "")

/** A symbol's comment; without one, the comment of a file that has the symbol's name. */
const docOf = (project: Project, symbol: Symbol, file: string): string => {
  const own = symbol.getDocumentationComment(project.checker).trim()
  return own === "" && Path.basename(file, ".ts") === symbol.name ? moduleDoc(file) : own
}

/** The comment that a file begins with. */
const moduleDoc = (file: string): string => {
  const comment = /^\/\*\*\n([^]*?)\n? \*\//.exec(Fs.readFileSync(file, "utf8"))?.[1] ?? ""
  return comment.replaceAll(/^ \* ?/gm, "").trim()
}

const declarations = (project: Project, symbol: Symbol): ReadonlyArray<string> =>
  symbol.declarations.map((handle) => {
    const node = handle.resolve(project)
    if (node === undefined) throw new Error(`${symbol.name} is declared nowhere`)
    const text = withoutInternal(node.getText().replace(/^export /, ""))
    switch (node.kind) {
      case SyntaxKind.VariableDeclaration: {
        const type = project.checker.getTypeOfSymbol(symbol)
        if (type === undefined) throw new Error(`${symbol.name} has no type`)
        const told = project.checker.typeToString(type, node, NodeBuilderFlags.NoTruncation)
        return `const ${symbol.name}: ${told}`
      }
      case SyntaxKind.ClassDeclaration:
        // Without the class's body.
        return text.replace(/\) \{[^]*$/, ") {…}") + statics(text)
      default:
        return text
    }
  })

/** The layers that are static members of a service. */
const statics = (text: string): string =>
  Array.from(text.matchAll(/^ {2}static readonly (\w+: [^=]+?) =/gm), ([, member]) => `\nstatic ${member}`).join("")

const page = (entry: Entry): string => {
  const list = entry.exports.map(({ doc, name }) => `- [\`${name}\`](#${name.toLowerCase()}): ${firstSentence(doc)}`)
  const sections = entry.exports.flatMap((exported) => [
    ...section(exported, "##", exported.name),
    ...exported.members.flatMap((member) => section(member, "###", `${exported.name}.${member.name}`))
  ])
  return [`# ${entry.from}`, entry.doc, list.join("\n"), ...sections].join("\n\n") + "\n"
}

const section = ({ declaration, doc, source }: Exported, level: string, title: string): ReadonlyArray<string> => [
  `${level} ${title}`,
  ...(doc === "" ? [] : [doc]),
  ...(declaration === undefined ? [`[${source}](../../${source})`] : ["```ts\n" + declaration + "\n```"])
]

const firstSentence = (doc: string): string =>
  doc
    .split("\n\n")[0]
    ?.replaceAll("\n", " ")
    .replace(/\. .*$/, ".") ?? ""

/** The pages by file name. */
export const pages = (entries: ReadonlyArray<Entry>): ReadonlyMap<string, string> =>
  new Map(entries.map((entry) => [`${entry.from.replaceAll("/", "-")}.md`, page(entry)]))

if (import.meta.main) {
  Fs.rmSync(OUT, { recursive: true, force: true })
  Fs.mkdirSync(OUT, { recursive: true })
  for (const [name, text] of pages(read())) Fs.writeFileSync(Path.join(OUT, name), text)
}
