/** One way down: a file imports only from rooms below its own, and each room keeps to what it may touch. */

import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { PURE_ROOMS } from "./pure_rooms.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What each room may import, and why not more. */
const ROOMS: Readonly<
  Record<string, { readonly imports: readonly string[]; readonly why: string }>
> = {
  wire: { imports: [], why: "octets and values know nothing of what they are used for" },
  runtime: {
    imports: ["wire"],
    why: "bounds on what the runtime gives know nothing of what it is used for",
  },
  http: {
    imports: ["runtime", "wire"],
    why: "a request is the same whatever its answer is for",
  },
  health: {
    imports: ["http", "runtime", "wire"],
    why: "a check knows its own settings, neither the file they are from nor who tracks it",
  },
  nginx: {
    imports: ["wire"],
    why: "nginx's files are text; who reads them, and why, is not its business",
  },
  firewall: {
    imports: ["wire"],
    why: "whether rules let a packet pass follows from the rules and the packet alone",
  },
  vip: { imports: ["wire"], why: "address arithmetic needs addresses only" },
  vrrp: { imports: ["wire"], why: "the protocol is pure, so that a simulation runs the same code" },
  config: {
    imports: ["vrrp", "vip", "health", "runtime", "wire"],
    why: "configuration describes the rooms below; it starts nothing",
  },
  keepalived: {
    imports: ["config", "wire"],
    why: "an import ends in a configuration; nothing runs on the way",
  },
  host: {
    imports: ["vip", "health", "firewall", "wire"],
    why: "a port says what a load balancer needs, not how a machine does it",
  },
  status: {
    imports: ["config", "vrrp", "health", "wire"],
    why: "the model that others see must not need the node that fills it in",
  },
  rehearsal: {
    imports: ["nginx", "status"],
    why: "what to ask nginx and what its answers mean is the same for all who ask",
  },
  monitor: {
    imports: ["status", "host", "vrrp", "wire"],
    why: "a listener takes part in nothing",
  },
  node: {
    imports: ["status", "host", "config", "vrrp", "vip", "health", "wire"],
    why: "a load balancer reaches its machine through Host only",
  },
  recording: {
    imports: ["node", "status", "host", "config", "vip", "health", "firewall", "wire"],
    why: "a recording is of any host: it knows no file and no machine",
  },
  linux: {
    imports: ["status", "host", "config", "vip", "health", "firewall", "runtime", "wire"],
    why: "the real host implements Host; it decides nothing",
  },
  sim: {
    imports: ["node", "status", "host", "config", "vrrp", "vip", "health", "firewall", "wire"],
    why: "the virtual host must not need the real one",
  },
  doctor: {
    imports: ["monitor", "host", "config", "vip", "firewall", "wire"],
    why: "an examination judges facts; the commands gather them",
  },
  tokens: {
    imports: ["config", "health", "runtime", "wire"],
    why: "a token is compared where its file can be read; who asks is not its business",
  },
  pairing: {
    imports: ["tokens", "config", "runtime", "wire"],
    why: "two nodes become a pair before either runs: it knows files and certificates, no daemon",
  },
  notify: {
    imports: ["status", "config", "health", "runtime"],
    why: "whom to tell is read from the journal; nobody here gives orders",
  },
  api: {
    imports: ["status", "config", "runtime", "wire"],
    why: "both ends of the API speak of the status; neither knows who is at the other end",
  },
  codes: {
    imports: ["api", "doctor", "monitor", "status", "config", "vrrp", "exit.ts"],
    why: "what codes mean is text: nothing is examined, asked or served",
  },
  ipc: {
    imports: ["status", "config", "http", "runtime", "wire", "version.ts"],
    why: "the two processes speak of the status and the settings; neither end starts anything",
  },
  front: {
    imports: [
      ...["ipc", "codes", "api", "notify", "tokens", "rehearsal", "nginx", "status", "config"],
      ...["http", "runtime", "wire"],
      "version.ts",
    ],
    why: "strangers talk to it: it reaches the machine through the engine only",
  },
  daemon: {
    imports: [
      ...["ipc", "api", "notify", "pairing", "tokens", "recording", "sim", "linux", "node"],
      ...[
        "status",
        "host",
        "keepalived",
        "config",
        "vip",
        "health",
        "runtime",
        "wire",
        "exit.ts",
        "version.ts",
      ],
    ],
    why: "the engine's process serves the addresses; strangers are the front's",
  },
  cli: {
    imports: [
      ...["daemon", "front", "codes", "api", "doctor", "monitor", "notify", "pairing", "tokens"],
      ...["rehearsal", "sim", "linux", "node", "status", "host", "keepalived", "config", "vip"],
      ...["health", "runtime", "wire", "nginx", "exit.ts", "version.ts"],
    ],
    why: "commands put the rooms together",
  },
};

/** The files next to src/ that the program imports: the documents that it shows as they are. */
const STANDS_BESIDE = /^\.\.\/docs\/[\w-]+\.md$/;

/** What stands beside src/ and what each of it may import; nothing in src/ knows of it. */
const OUTER_ROOMS: Readonly<
  Record<string, { readonly imports: readonly string[]; readonly why: string }>
> = {
  lab: {
    imports: ["src/linux", "src/host", "src/status", "src/wire", "src/ipc"],
    why:
      "the lab watches from outside: it reads packets and interfaces, starts vipd as a program, and floods its engine with genuine messages",
  },
  demo: { imports: ["lab"], why: "the demo shows what anybody could do with the programs" },
  build: {
    imports: ["src/daemon/service/unit.ts", "src/version.ts"],
    why:
      "what is delivered has the program's version and unit; what the program does is not its business",
  },
  "tests/fuzz": {
    imports: ["src", "tests/front", "tests/http", "tests/options.ts"],
    why: "parsers are given damaged inputs as they are, without hosts or a network",
  },
  "tests/mutants": {
    imports: ["lab/starvation.ts", "lab/usage.ts", "tests/options.ts", "tests/pure_rooms.ts"],
    why: "code that is broken is read as text; only its tests run it",
  },
  "tests/soak": {
    imports: ["lab", "src/sim/random.ts", "tests/fuzz/target.ts", "tests/options.ts"],
    why: "what must hold is judged by what the wire shows, not by vipd's own words",
  },
};

const PURE: ReadonlySet<string> = new Set(PURE_ROOMS);
const IMPURE =
  /\bDeno\.|\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bsetTimeout\b|\bsetInterval\b|\bMath\.random\b|\bconsole\.|\bfetch\(/;

interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  /** Paths below src/, or bare specifiers; those of types and later ones too: a reader follows them all the same. */
  readonly imports: readonly string[];
  /** Those of them that are there when it runs. */
  readonly valueImports: readonly string[];
  /** Those of them that `await import()` brings, while it runs. */
  readonly laterImports: readonly string[];
}

function* sourcePaths(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* sourcePaths(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

function readSource(path: string): SourceFile {
  return sourceOf(path, Deno.readTextFileSync(path));
}

function sourceOf(path: string, text: string): SourceFile {
  const inside = relative(join(ROOT, "src"), path);
  const targetOf = (specifier: string) =>
    specifier.startsWith(".")
      ? relative(join(ROOT, "src"), join(dirname(path), specifier))
      : specifier;
  const statements = text.matchAll(/^(?:import|export)\s(?:([^"';]*?)from\s+)?"([^"]+)"/gm);
  const first = Array.from(statements, ([, clause = "", specifier]) => ({
    typeOnly: clause.startsWith("type "),
    target: targetOf(specifier!),
  }));
  const later = withoutComments(text).matchAll(/\bimport\(\s*"([^"]+)",?\s*\)/g);
  const laterImports = Array.from(later, ([, specifier]) => targetOf(specifier!));
  return {
    path: inside,
    room: inside.split("/")[0]!,
    text,
    imports: [...new Set([...first.map(({ target }) => target), ...laterImports])],
    valueImports: first.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target),
    laterImports,
  };
}

/** Comments and strings speak of anything; only code counts. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}

const SOURCES = Array.from(sourcePaths(join(ROOT, "src")), readSource);

/** What a file imports although its room may not. */
function forbiddenImports(sources: readonly SourceFile[]): string[] {
  const wrong: string[] = [];
  for (const { path, room, imports } of sources) {
    const rule = ROOMS[room];
    if (!rule) {
      if (path.includes("/")) {
        wrong.push(`${path}: room "${room}" is unknown; add it to ROOMS with a reason`);
      }
      continue;
    }
    for (const target of imports) {
      if (target.startsWith("..") && !STANDS_BESIDE.test(target)) {
        wrong.push(`${path} imports ${target}: the program knows nothing of what stands beside it`);
      }
      if (!/^[a-z_]+(\/|\.ts$)/.test(target) || /^[a-z]+:/.test(target)) continue;
      const targetRoom = target.split("/")[0]!;
      if (targetRoom === room || rule.imports.includes(targetRoom)) continue;
      if (!ROOMS[targetRoom] && !target.endsWith(".ts")) continue;
      wrong.push(`${path} imports ${target}: ${rule.why}`);
    }
  }
  return wrong;
}

Deno.test("a file imports only from its own room and the rooms below", () => {
  assert.deepEqual(forbiddenImports(SOURCES), []);
});

Deno.test("an import from a room above would be found, of types and later ones too", () => {
  const statements = [
    'import { Front } from "../front/front.ts";',
    'import type { Front } from "../front/front.ts";',
    'export * from "../front/front.ts";',
    'const { Front } = await import("../front/front.ts");',
    'const { Front } = await import(\n  "../front/front.ts"\n);',
  ];
  for (const statement of statements) {
    const source = sourceOf(join(ROOT, "src", "node", "a.ts"), `${statement}\n`);
    const wrong = `node/a.ts imports front/front.ts: ${ROOMS["node"]!.why}`;
    assert.deepEqual(forbiddenImports([source]), [wrong], statement);
  }
});

Deno.test("no rooms may import each other in a circle", () => {
  const rooms = Object.entries(ROOMS).map(([path, { imports }]) => ({
    ...sourceOf(join(ROOT, "src", path), ""),
    imports,
  }));
  assert.deepEqual(circles(rooms), []);
});

Deno.test("no files need each other in a circle, types included", () => {
  assert.deepEqual(circles(SOURCES), []);
});

Deno.test("a circle would be found, however long", () => {
  const files = ["a.ts", "b.ts", "c.ts", "d.ts"];
  const made = files.map((path, index) => ({
    ...sourceOf(join(ROOT, "src", path), ""),
    imports: [files[(index + 1) % 3]!],
  }));
  assert.deepEqual(circles(made), [["a.ts", "b.ts", "c.ts"]]);
});

Deno.test("two folders of a room know each other one way at most", () => {
  assert.deepEqual(mutualFolders(SOURCES), []);
});

Deno.test("two folders that know each other both ways would be found, by types and by whatever file", () => {
  const make = (path: string, ...imports: string[]) => ({
    ...sourceOf(join(ROOT, "src", path), ""),
    imports,
  });
  const made = [
    make("node/pair/a.ts", "node/resources/a.ts", "node/node.ts", "status/pair/a.ts"),
    make("node/resources/deep/b.ts", "node/pair/c.ts"),
    make("node/node.ts", "node/pair/a.ts"),
    make("status/pair/a.ts", "node/pair/a.ts"),
    make("front/page/api/a.ts", "front/page/pair/a.ts"),
    make("front/page/pair/b.ts", "front/page/api/b.ts", "front/page/page.tsx"),
    make("front/page/page.tsx", "front/page/pair/b.ts"),
  ];
  const found = ["front/page/api, front/page/pair", "node/pair, node/resources"];
  assert.deepEqual(mutualFolders(made), found);
});

Deno.test("a command imports from no other: what several need stands below them", () => {
  assert.deepEqual(crossedCommands(SOURCES), []);
});

Deno.test("a command that imports from another would be found, of types and later ones too", () => {
  const make = (path: string, line: string) =>
    sourceOf(join(ROOT, "src", "cli", "commands", path), `${line}\n`);
  const made = [
    make("run.ts", 'import { check } from "./check/check.ts";'),
    make("watch/watch.ts", 'import type { Facts } from "../doctor/facts.ts";'),
    make("watch/deep/a.ts", 'const { run } = await import("../../run.ts");'),
    make("watch/watching.ts", 'import { watch } from "./watch.ts";'),
    make("check/check.ts", 'import { Command } from "../../command.ts";'),
  ];
  assert.deepEqual(crossedCommands(made), [
    "cli/commands/run.ts imports cli/commands/check/check.ts",
    "cli/commands/watch/watch.ts imports cli/commands/doctor/facts.ts",
    "cli/commands/watch/deep/a.ts imports cli/commands/run.ts",
  ]);
});

/** Where a command, a file or a folder of cli/commands/, imports from another one. */
function crossedCommands(sources: readonly SourceFile[]): string[] {
  const commandOf = (path: string) => /^cli\/commands\/([^/]+)/.exec(path)?.[1];
  return sources.flatMap(({ path, imports }) => {
    const own = commandOf(path);
    if (own === undefined) return [];
    return imports.filter((target) => (commandOf(target) ?? own) !== own)
      .map((target) => `${path} imports ${target}`);
  });
}

Deno.test("no folders of a room need each other in a circle, its own files being one of them", () => {
  for (const room of ORDERED_ROOMS) {
    assert.deepEqual(circles(foldersOf(room, SOURCES)), [], room);
  }
});

Deno.test("folders in a circle would be found, through a room's own files too", () => {
  const make = (path: string, ...imports: string[]) => ({
    ...sourceOf(join(ROOT, "src", path), ""),
    imports,
  });
  const made = [
    make("status/status.ts", "status/schemas/a.ts"),
    make("status/schemas/a.ts", "status/codes/deep/a.ts", "wire/a.ts"),
    make("status/codes/a.ts", "status/status.ts"),
    make("status/pair/a.ts", "status/status.ts"),
  ];
  const found = circles(foldersOf("status", made)).map((circle) => circle.toSorted());
  assert.deepEqual(found, [["status", "status/codes", "status/schemas"]]);
});

/** Rooms whose own files are the floor of some of its folders and the roof of others, none both. */
const ORDERED_ROOMS = ["node", "status"];

/** The folders of a room and what they import of it; the files that stand next to them are a folder, too. */
function foldersOf(room: string, sources: readonly SourceFile[]): SourceFile[] {
  const folderOf = (path: string) => path.split("/").slice(0, -1).slice(0, 2).join("/");
  const imports = new Map<string, Set<string>>();
  for (const source of sources.filter((candidate) => candidate.room === room)) {
    const folder = folderOf(source.path);
    const known = imports.get(folder) ?? new Set();
    for (const target of source.imports.filter((it) => it.startsWith(`${room}/`))) {
      if (folderOf(target) !== folder) known.add(folderOf(target));
    }
    imports.set(folder, known);
  }
  return Array.from(imports, ([folder, targets]) => ({
    ...sourceOf(join(ROOT, "src", folder), ""),
    imports: [...targets],
  }));
}

/**
 * The folders within a room, or within a folder of it, that import from each other. The files that stand next to such
 * folders are the model, which all of them may know, and what puts them together.
 */
function mutualFolders(sources: readonly SourceFile[]): string[] {
  const known = new Set(
    sources.flatMap(({ path, room, imports }) =>
      imports.filter((target) => target.startsWith(`${room}/`)).flatMap((target) => {
        const [from, to] = [path.split("/"), target.split("/")];
        const depth = from.findIndex((step, index) => step !== to[index]) + 1;
        const inFolders = depth > 0 && from.length > depth && to.length > depth;
        const folder = (steps: readonly string[]) => steps.slice(0, depth).join("/");
        return inFolders ? [`${folder(from)}, ${folder(to)}`] : [];
      })
    ),
  );
  return [...known].filter((pair) => {
    const [from, to] = pair.split(", ");
    return from! < to! && known.has(`${to}, ${from}`);
  }).sort();
}

/** The files of each circle of imports, in the order of the path that was taken. */
function circles(sources: readonly SourceFile[]): string[][] {
  const importsOf = new Map(sources.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const way: string[] = [];
  const found: string[][] = [];
  const visit = (path: string) => {
    const imports = importsOf.get(path);
    if (done.has(path) || !imports) return;
    if (way.includes(path)) {
      found.push(way.slice(way.indexOf(path)));
      return;
    }
    way.push(path);
    imports.forEach(visit);
    way.pop();
    done.add(path);
  };
  sources.forEach(({ path }) => visit(path));
  return found;
}

Deno.test("what stands next to the program imports only what it is for", () => {
  const wrong: string[] = [];
  for (const [room, { imports: allowed, why }] of Object.entries(OUTER_ROOMS)) {
    for (const { path, imports } of Array.from(sourcePaths(join(ROOT, room)), readSource)) {
      const inside = imports.filter((target) => target.includes(".ts"))
        .map((target) => relative(ROOT, join(ROOT, "src", target)));
      for (const target of inside) {
        if ([room, ...allowed].some((it) => target === it || target.startsWith(`${it}/`))) continue;
        wrong.push(`${relative("..", path)} imports ${target}: ${why}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("the page runs in a browser: of the rest of vipd it takes types and what is pure", () => {
  // These two are the daemon's side of it: the bundle, and how it is answered.
  const served = ["front/page/assets.ts", "front/page/response.ts"];
  const forBrowsers = /^(preact|eventsource-parser)(\/|$)/;
  const wrong: string[] = [];
  for (const { path, valueImports } of SOURCES) {
    const ofPage = path.startsWith("front/page/") && !served.includes(path);
    for (const target of valueImports) {
      const toPage = target.startsWith("front/page/");
      const allowed = ofPage
        ? toPage || forBrowsers.test(target) || PURE.has(target.split("/")[0]!)
        : !toPage || served.includes(target);
      if (!allowed) wrong.push(`${path} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("pure rooms have no runtime, clock, timer, randomness or console, nor does what they import", () => {
  assert.deepEqual(impurities(SOURCES, ({ room }) => PURE.has(room)), []);
});

Deno.test("the schema, its values and its rules read no file: secrets/ and machine/ do", () => {
  const pure = ({ path }: SourceFile) => /^config\/(schema|values|rules)\//.test(path);
  assert.ok(SOURCES.filter(pure).length > 20);
  assert.deepEqual(impurities(SOURCES, pure), []);
});

Deno.test("what is impure would be found through another room, and later", () => {
  const make = (path: string, text: string) => sourceOf(join(ROOT, "src", path), `${text}\n`);
  const made = [
    make("vip/pure.ts", 'import { read } from "../config/a.ts";'),
    make("vip/type.ts", 'import type { Read } from "../config/b.ts";'),
    make("config/a.ts", 'const { read } = await import("./b.ts");'),
    make("config/b.ts", "export const text = Deno.readTextFileSync(path);"),
  ];
  const found = impurities(made, ({ room }) => room === "vip");
  assert.deepEqual(found, ["vip/pure.ts runs with config/b.ts: Deno."]);
});

/** What of the files that must be pure is not, by itself or by what it runs with. */
function impurities(
  sources: readonly SourceFile[],
  mustBePure: (source: SourceFile) => boolean,
): string[] {
  const impure = new Map(sources.flatMap(({ path, text }) => {
    const found = IMPURE.exec(withoutComments(text));
    return found ? [[path, found[0]]] : [];
  }));
  return sources.filter(mustBePure).flatMap(({ path }) =>
    [...runsWith(path, sources)].flatMap((target) => {
      const found = impure.get(target);
      return found === undefined ? [] : [`${path} runs with ${target}: ${found}`];
    })
  );
}

/** What a file brings along that is there when it runs, whatever it imports later. */
function runsWith(path: string, sources: readonly SourceFile[] = SOURCES): Set<string> {
  return reachedFrom(path, sources, (source) => [...source.valueImports, ...source.laterImports]);
}

/** A file, and all that these imports lead to. */
function reachedFrom(
  path: string,
  sources: readonly SourceFile[],
  importsOf: (source: SourceFile) => readonly string[],
): Set<string> {
  const found = new Set([path]);
  // A set goes on with what is added to it meanwhile.
  for (const reached of found) {
    const source = sources.find((candidate) => candidate.path === reached);
    for (const target of source ? importsOf(source) : []) found.add(target);
  }
  return found;
}

/** Where the engine begins, once the command line has chosen it. */
const ENGINE = ["cli/commands/run.ts", "daemon/daemon.ts", "daemon/linux_process.ts"];

/** Where every process of vipd begins. */
const MAIN = readSource(join(ROOT, "main.ts"));

/** What the engine's process has of vipd: the engine, whatever it imports later, and what is there before any command is chosen. */
function engineModules(sources: readonly SourceFile[]): Set<string> {
  const before = reachedFrom(MAIN.path, [MAIN, ...sources], ({ valueImports }) => valueImports);
  return new Set([...before, ...ENGINE.flatMap((path) => [...runsWith(path, sources)])]);
}

/** Modules that serve HTTP or speak to strangers, of vipd and of others. */
const SERVER_MODULES =
  /^(npm:|jsr:|@std\/)?(hono|nodemailer)(\/|@|$)|^(node:)?(http|https|http2|net|dgram|cluster)$|^front\//;

/** What accepts connections, but on a unix socket; and what would hide that from this search. */
const LISTENS = new RegExp(
  "\\bDeno\\.(?:serve|serveHttp|listenTls|listenDatagram|upgradeWebSocket|upgradeWebTransport|QuicEndpoint)\\b|" +
    '\\bDeno\\.listen\\b(?!\\(\\{ transport: "unix")|[}\\w]\\s*=\\s*Deno\\s*[;,\\n]|\\bDeno\\[|' +
    '\\bcreate(?:Secure)?Server\\b|\\bgetBuiltinModule\\b|\\bcreateRequire\\b|\\bimport\\((?!")',
);

/** Where the engine has a server, or could have one that this search does not see. */
function engineServers(sources: readonly SourceFile[]): string[] {
  const modules = engineModules(sources);
  for (const path of ["cli/guarded_output.ts", "vrrp/router.ts"]) {
    assert.ok(modules.has(path), "the search goes through the whole process");
  }
  const foreign = Array.from(modules).filter((path) => SERVER_MODULES.test(path));
  const listening = [MAIN, ...sources].filter(({ path }) => modules.has(path)).flatMap(
    ({ path, text }) => {
      const found = LISTENS.exec(withoutComments(text));
      return found ? [`${path}: ${found[0].trim()}`] : [];
    },
  );
  return [...foreign, ...listening];
}

Deno.test("the engine has no HTTP server and sends no mail, not even later", () => {
  assert.deepEqual(engineServers(SOURCES), []);
});

Deno.test("the front serves no address: it runs with neither protocol nor links", () => {
  const front = [...runsWith("cli/commands/front.ts")];
  assert.ok(front.includes("hono"), "the search finds what it looks for");
  // Of the machine: libc and its own process. The list of what two nodes compare is no part of the protocol's machinery.
  const forbidden =
    /^(vrrp(?!\/agreement\.ts)|vip|node|sim|recording)\/|^linux\/(?!(sys|process)\/)/;
  assert.deepEqual(front.filter((path) => forbidden.test(path)), []);
});

/** What a server could come with: at the start of a file, or later. */
const SERVERS = {
  atOnce: [
    "Deno.serve(() => new Response());",
    "const listener = Deno.listen({ port: 80 });",
    "const open = Deno.listen;",
    "Deno.listenTls({ port: 443, cert, key });",
    "const { serve } = Deno;",
    'Deno["serve"](handler);',
    'import { createServer } from "node:http";',
    'import "node:net";',
    'import { createServer } from "node:tls";',
    "const server = await import(name);",
    'import { Hono } from "hono";',
    'import { createTransport } from "nodemailer";',
    'import { openListener } from "../front/server/listener.ts";',
    'import { EventStreams } from "../front/http/event_streams.ts";',
    'export * from "../front/server/http_listener.ts";',
    'import { Front } from "../front/front.ts";',
  ],
  later: [
    'const http2 = await import("node:http2");',
    'const { ApiServer } = await import("../front/server/server.ts");',
  ],
};

for (
  const [part, name, lines] of [
    ["engine", "daemon/daemon.ts", [...SERVERS.atOnce, ...SERVERS.later]],
    // What it imports later is of other commands.
    ["start of every command", "cli/context.ts", SERVERS.atOnce],
  ] as const
) {
  Deno.test(`a server in the ${part} would be found, however it came there`, () => {
    const path = join(ROOT, "src", name);
    const text = Deno.readTextFileSync(path);
    for (const line of lines) {
      const worse = SOURCES.map((source) =>
        source.path === name ? sourceOf(path, `${text}\n${line}\n`) : source
      );
      assert.notDeepEqual(engineServers(worse), [], line);
    }
  });
}

/** What waits in a thread of the runtime: files, names, keys; and what asks for names by itself. */
const THREADED = new RegExp(
  '\\bfetch\\(|\\bcrypto\\.subtle\\b|"node:(?:fs|dns)\\b|' +
    "\\bDeno\\.(?:open|readTextFile|readFile|writeTextFile|writeFile|stat|lstat|mkdir|remove|rename|" +
    "chmod|chown|realPath|readLink|symlink|link|readDir|truncate|utime|copyFile|makeTemp\\w+|" +
    "connect|connectTls|startTls)\\(",
);

/** What of the engine does so without a turn in the thread pool of its own, and why it may. */
const WITHOUT_TURN: Readonly<Record<string, string>> = {
  "runtime/file_system.ts": "is called by what has its turn",
  "runtime/regular_file.ts": "is called by what has its turn",
  "runtime/connection.ts": "connects to addresses, which takes no thread",
  "health/programs/accounts.ts": "is called by what has its turn",
  "health/programs/program_file.ts": "is called by what has its turn",
  "health/programs/safe_path.ts": "is called by what has its turn",
  "tokens/token_file.ts": "is called by tokens/bounded_token.ts, which has its turn",
  "api/exchange.ts": "its requests are those of commands",
  "daemon/files/fresh_file.ts": "is called by what has its turn",
  "daemon/files/own_file.ts": "is called by what has its turn",
  "daemon/front/front_care.ts": "in run_dir, when the engine starts and stops",
  "daemon/files/run_lock.ts": "in run_dir, when the engine starts",
  "ipc/front_link.ts": "in run_dir, when the engine stops",
  "ipc/unix_socket.ts": "in run_dir, when the engine starts and stops",
};

Deno.test("what the engine may wait for in a thread of the runtime has its turn in the pool", () => {
  const pooled = /^runtime\/(thread_pool|pooled_operation)\.ts$/;
  const modules = new Set(
    ["cli/commands/run.ts", "daemon/daemon.ts"].flatMap((path) => [...runsWith(path)]),
  );
  const without = SOURCES.filter(({ path, text, valueImports }) =>
    modules.has(path) && THREADED.test(withoutComments(text)) &&
    !valueImports.some((target) => pooled.test(target))
  );
  assert.deepEqual(without.map(({ path }) => path).sort(), Object.keys(WITHOUT_TURN).sort());
});

/** What the runtime's 2.6 opens in the program's own thread. */
const OPENING = /\bDeno\.(?:open|readTextFile|readFile|writeTextFile|writeFile|makeTemp\w+)\(/;

/** What of the engine opens files without asking their file system before, and why it may. */
const WITHOUT_QUESTION: Readonly<Record<string, string>> = {
  "daemon/files/run_lock.ts": "in run_dir, when the engine starts",
  "daemon/files/state_file.ts": "opens the folder that has just taken another name",
  "health/programs/accounts.ts": "reads /etc, without which nothing runs",
  "health/programs/program_file.ts": "has looked at the program and its folders just before",
  "ipc/unix_socket.ts": "in run_dir, when the engine starts",
};

Deno.test("the file system of what the engine opens is asked before whether it answers", () => {
  const modules = new Set(
    ["cli/commands/run.ts", "daemon/daemon.ts"].flatMap((path) => [...runsWith(path)]),
  );
  const without = SOURCES.filter(({ path, text, valueImports }) =>
    modules.has(path) && OPENING.test(withoutComments(text)) &&
    !valueImports.includes("runtime/file_system.ts")
  );
  assert.deepEqual(without.map(({ path }) => path).sort(), Object.keys(WITHOUT_QUESTION).sort());
});

Deno.test("everything that is printed passes the guard of the command line, or is a line of the log", () => {
  const printing = /\bconsole\.|\bDeno\.std(?:out|err)\b|\bprompt\(|\bprocess\.std(?:out|err)\b/;
  const doors = SOURCES.filter(({ path, text }) =>
    printing.test(withoutComments(text)) && !path.startsWith("front/page/")
  );
  // The context's output is guarded by cli.ts; what run.ts writes is made by log.ts.
  assert.deepEqual(doors.map(({ path }) => path).sort(), ["cli/commands/run.ts", "cli/context.ts"]);
  const cli = SOURCES.find(({ path }) => path === "cli/cli.ts");
  assert.ok(cli?.text.includes("const context = guarded(process);"));
});

Deno.test("signals are joined by JoinedSignal: the runtime forgets those of AbortSignal.any", () => {
  // A browser keeps them.
  const wrong = SOURCES.filter(({ path, text }) =>
    !path.startsWith("front/page/") && withoutComments(text).includes("AbortSignal.any")
  );
  assert.deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test("of X509Certificate only what the executable's runtime has is used: names are read with namesIn", () => {
  // In 2.6 the first is `undefined`, and the others throw.
  const lacking =
    /\.(?:subjectAltName|infoAccess|keyUsage|checkIP|checkIssued|checkPrivateKey|toLegacyObject)\b/;
  const wrong = SOURCES.filter(({ text }) => lacking.test(withoutComments(text)));
  assert.deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test("the engine reads other programs with programEnd: the runtime's own way leaves memory that V8 does not count", () => {
  const modules = engineModules(SOURCES);
  const readers = SOURCES.filter(({ path, text }) =>
    modules.has(path) && /\.output(?:Sync)?\(/.test(withoutComments(text))
  );
  assert.deepEqual(readers.map(({ path }) => path), []);
  assert.ok(modules.has("runtime/program_output.ts"), "the search finds where programs are read");
});

Deno.test("only the linux room opens a native library", () => {
  const wrong = SOURCES.filter(({ room, text }) =>
    room !== "linux" && /\bdlopen\b|\bUnsafePointer/.test(withoutComments(text))
  );
  assert.deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test("each library from outside is imported where its job is done, and nowhere else", () => {
  const rooms: Readonly<Record<string, readonly string[]>> = {
    diff: ["cli"],
    "eventsource-parser": ["api", "front"],
    hono: ["front"],
    "js-yaml": ["config"],
    nodemailer: ["front"],
    preact: ["front"],
    "string-width": ["cli"],
    zod: ["api", "config", "front", "ipc", "node", "pairing", "status"],
    yaml: ["config"],
  };
  const wrong: string[] = [];
  for (const { path, room, imports } of SOURCES) {
    for (const target of imports) {
      const library = target.split("/")[0]!;
      if (target.startsWith("node:") || target.includes(".ts") || target.endsWith(".md")) continue;
      if (!rooms[library]?.includes(room)) wrong.push(`${path} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

Deno.test("CONTRIBUTING.md says of each room what lives there", () => {
  const text = Deno.readTextFileSync(join(ROOT, "CONTRIBUTING.md"));
  const rows = Array.from(text.matchAll(/^\| `src\/(\w+)\/`/gm), ([, room]) => room!);
  assert.deepEqual(rows.sort(), Object.keys(ROOMS).sort());
});

Deno.test("CONTRIBUTING.md names each folder of a room and of the lab, and no other", () => {
  const text = Deno.readTextFileSync(join(ROOT, "CONTRIBUTING.md"));
  const rows = Array.from(text.matchAll(/^\| `(src\/\w+|lab)\/` +\| (.*) \|$/gm));
  assert.ok(rows.length > Object.keys(ROOMS).length);
  for (const [, room, words] of rows) {
    const named = Array.from(words!.matchAll(/`(\w+)\/`/g), ([, folder]) => folder!);
    const entries = [...Deno.readDirSync(join(ROOT, room!))];
    const folders = entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
    assert.deepEqual(named.sort(), folders.sort(), room);
  }
});

Deno.test("a file imports from another one with one statement", () => {
  const twice: string[] = [];
  for (const folder of ["src", "lab", "build", "demo", "tests"]) {
    for (const path of sourcePaths(join(ROOT, folder))) {
      const statements = Deno.readTextFileSync(path).matchAll(
        /^import\s(?:[^"';]*?from\s+)?("[^"]+")/gm,
      );
      const targets = Array.from(statements, ([, target]) => target!);
      const again = targets.filter((target, index) => targets.indexOf(target) < index);
      twice.push(...again.map((target) => `${relative(ROOT, path)} imports ${target} again`));
    }
  }
  assert.deepEqual(twice, []);
});

Deno.test("CONTRIBUTING.md says of each pure room that it is pure, and of no other", () => {
  const text = Deno.readTextFileSync(join(ROOT, "CONTRIBUTING.md"));
  const rows = text.matchAll(/^\| `src\/(\w+)\/`[^\n]*\. Pure +\|$/gm);
  assert.deepEqual(Array.from(rows, ([, room]) => room!).sort(), [...PURE_ROOMS].sort());
});

Deno.test("main.ts only hands its arguments to the command line", () => {
  const lines = withoutComments(Deno.readTextFileSync(join(ROOT, "main.ts"))).trim().split("\n");
  assert.ok(lines.length <= 8, `main.ts has ${lines.length} lines of code`);
});
