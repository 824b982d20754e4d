import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Endpoint from "../../../src/domain/forwarding/Endpoint.ts"
import * as ForwardSpec from "../../../src/domain/forwarding/ForwardSpec.ts"
import * as SshForwards from "../../../src/domain/forwarding/SshForwards.ts"

const tcp = (host: string | undefined, port: number) => ({ _tag: "Tcp", host, port }) as const
const to = (host: string, port: number) => ({ _tag: "Tcp", host, port }) as const
const unix = (path: string) => ({ _tag: "Unix", path }) as const

const spec = (
  from: "client" | "server",
  listen: Endpoint.ListenEndpoint,
  target?: Endpoint.Endpoint
): ForwardSpec.ForwardSpec => ({ from, listen, target })

/** Every form of ssh's manual. */
const FORMS: ReadonlyArray<readonly [ForwardSpec.Flag, string, ForwardSpec.ForwardSpec]> = [
  ["L", "8080:localhost:80", spec("client", tcp(undefined, 8080), to("localhost", 80))],
  ["L", "127.0.0.1:8080:db:5432", spec("client", tcp("127.0.0.1", 8080), to("db", 5432))],
  ["L", "localhost:8080:db:5432", spec("client", tcp("localhost", 8080), to("db", 5432))],
  ["L", ":8080:db:5432", spec("client", tcp("*", 8080), to("db", 5432))],
  ["L", "*:8080:db:5432", spec("client", tcp("*", 8080), to("db", 5432))],
  ["L", "[::1]:8080:[2001:db8::7]:80", spec("client", tcp("::1", 8080), to("2001:db8::7", 80))],
  ["L", "8080:/run/docker.sock", spec("client", tcp(undefined, 8080), unix("/run/docker.sock"))],
  ["L", "[::1]:8080:/run/docker.sock", spec("client", tcp("::1", 8080), unix("/run/docker.sock"))],
  ["L", "/tmp/here:/tmp/there", spec("client", unix("/tmp/here"), unix("/tmp/there"))],
  ["L", "./here:db:5432", spec("client", unix("./here"), to("db", 5432))],
  ["L", "0:db:5432", spec("client", tcp(undefined, 0), to("db", 5432))],
  ["L", "/tmp/a\\:b:db:5432", spec("client", unix("/tmp/a:b"), to("db", 5432))],
  ["R", "8080:localhost:80", spec("server", tcp(undefined, 8080), to("localhost", 80))],
  ["R", "0:localhost:80", spec("server", tcp(undefined, 0), to("localhost", 80))],
  ["R", "*:8080:[::1]:80", spec("server", tcp("*", 8080), to("::1", 80))],
  ["R", "8080:/tmp/here", spec("server", tcp(undefined, 8080), unix("/tmp/here"))],
  ["R", "/tmp/there:localhost:80", spec("server", unix("/tmp/there"), to("localhost", 80))],
  ["R", "/tmp/there:/tmp/here", spec("server", unix("/tmp/there"), unix("/tmp/here"))],
  ["R", "1080", spec("server", tcp(undefined, 1080))],
  ["R", "[::]:1080", spec("server", tcp("::", 1080))],
  ["R", "host:1080", spec("server", tcp("host", 1080))],
  ["D", "1080", spec("client", tcp(undefined, 1080))],
  ["D", "*:1080", spec("client", tcp("*", 1080))],
  ["D", "[::1]:1080", spec("client", tcp("::1", 1080))]
]

/** What is no forwarding, and words of the reason. */
const REFUSED: ReadonlyArray<readonly [ForwardSpec.Flag, string, string]> = [
  ["L", "", "destination is missing"],
  ["L", "8080", "destination is missing"],
  ["L", "8080:80", "destination is missing"],
  ["L", "8080:host:0", "from 1 to 65535"],
  ["L", "65536:host:80", "from 0 to 65535"],
  ["L", "http:host:80", "from 0 to 65535"],
  ["L", "8080::80", "a host is missing"],
  ["L", "[::1:8080:host:80", "a bracket is not closed"],
  ["L", "[::1]8080:host:80", "a bracket is not closed"],
  ["L", "a:b:c:d:e", "too many parts"],
  ["L", "/a:8080:host:80", "a path stands alone"],
  ["L", `/${"a".repeat(107)}:host:80`, "at most 107 bytes"],
  ["R", "a:b:c", "from 0 to 65535"],
  ["R", "/tmp/there:80", "destination is missing"],
  ["D", "1080:host:80", "too many parts"],
  ["D", "\x1b[2J", "from 0 to 65535"]
]

const Name = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9.-]{0,30}$/))
const Port = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))
const Path = Schema.String.check(Schema.isPattern(/^\/[ -~é]{0,40}$/))

describe("a forwarding", () => {
  it("is read in every form of ssh's manual, and written again", () => {
    for (const [flag, text, expected] of FORMS) {
      expect([flag, text, ForwardSpec.parse(flag, text)]).toEqual([flag, text, Result.succeed(expected)])
      expect(ForwardSpec.flag(expected)).toBe(flag)
      expect(ForwardSpec.parse(flag, ForwardSpec.format(expected))).toEqual(Result.succeed(expected))
    }
  })

  it("is refused with the reason, in printable characters", () => {
    for (const [flag, text, reason] of REFUSED) {
      const failure = Result.getOrThrow(Result.flip(ForwardSpec.parse(flag, text)))
      expect([text, failure]).toEqual([text, expect.stringContaining(reason)])
      expect(failure).toMatch(/^[ -~…]+$/)
    }
  })

  it.prop("is the same after writing and reading, whatever its names", [Name, Port, Path], ([name, port, path]) => {
    const endpoints = [to(name, port), unix(path)]
    for (const listen of [tcp(undefined, port), tcp("::1", port), ...endpoints]) {
      for (const target of endpoints) {
        for (const from of ["client", "server"] as const) {
          const one = spec(from, listen, target)
          expect(ForwardSpec.parse(ForwardSpec.flag(one), ForwardSpec.format(one))).toEqual(Result.succeed(one))
        }
      }
    }
  })

  it("is named by its listener to be closed", () => {
    expect(ForwardSpec.parseListen("L", "8080")).toEqual(Result.succeed(tcp(undefined, 8080)))
    expect(ForwardSpec.parseListen("R", "[::1]:80")).toEqual(Result.succeed(tcp("::1", 80)))
    expect(Result.isFailure(ForwardSpec.parseListen("L", "8080:host:80"))).toBe(true)
  })
})

describe("ssh's configuration", () => {
  const printed = [
    "host server",
    "dynamicforward [::1]:8081",
    "localforward 8080 [localhost]:80",
    "localforward [::1]:8081 /run/docker.sock",
    "remoteforward [*]:9000 [127.0.0.1]:22",
    "remoteforward 1081 [socks]:0",
    "remoteforward /tmp/there /tmp/here",
    "dynamicforward [127.0.0.1]:1080",
    "localforward nonsense",
    "gatewayports no",
    "exitonforwardfailure yes",
    "clearallforwardings no",
    ""
  ]

  it("is read as ssh -G prints it", () => {
    expect(SshForwards.parse(printed.join("\n"))).toEqual({
      specs: [
        spec("client", tcp(undefined, 8080), to("localhost", 80)),
        spec("client", tcp("::1", 8081), unix("/run/docker.sock")),
        spec("server", tcp("*", 9000), to("127.0.0.1", 22)),
        spec("server", tcp(undefined, 1081)),
        spec("server", unix("/tmp/there"), unix("/tmp/here")),
        spec("client", tcp("127.0.0.1", 1080))
      ],
      gatewayPorts: false,
      exitOnFailure: true,
      clearAll: false
    })
    expect(SshForwards.parse("")).toEqual(SshForwards.none)
  })

  it("forwards nothing with ClearAllForwardings", () => {
    const cleared = SshForwards.parse([...printed, "clearallforwardings yes"].join("\r\n"))
    expect(cleared).toMatchObject({ specs: [], clearAll: true })
  })
})
