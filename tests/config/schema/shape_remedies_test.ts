/** Who follows the remedy of a value of the wrong shape has no such problem any more: at every key of the schema. */

import assert from "node:assert/strict";
import { load } from "js-yaml";
import { checkData } from "../../../src/config/check_text.ts";
import type { Diagnostic } from "../../../src/config/diagnostics.ts";
import { pathText, valueAt } from "../../../src/config/findings.ts";
import type { Path } from "../../../src/config/path.ts";
import { exampleAt } from "../../../src/config/schema/fitting.ts";
import {
  alternatives,
  configJsonSchema,
  type JsonSchema,
} from "../../../src/config/schema/json_schema.ts";
import { parse, withInstance, withTop } from "../support.ts";

const SHAPE_CODES: ReadonlySet<string> = new Set([
  ...["wrong_type", "missing_key", "unknown_key", "more_problems", "defect"],
]);

/** What the schema alone says of a value whose shape is right. */
const VALUE_CODES = /^(invalid_|out_of_range$|unknown_choice$)/;

/** Something of every shape; the writer of each means something else. */
const VALUES: readonly unknown[] = [
  ...["word", "a@b.c", "10.0.0.0/8", "/bin/true | cat", "yes", "7", 7, false, null],
  ...[[], ["word"], [7], ["a", "b"], [["word"]], [{ word: 1 }]],
  ...[{}, { word: "word" }, { word: { word: [1] } }, { check: "web" }],
];

/** A file with nothing but examples and this place, with the type of each mapping around it. */
interface Place {
  readonly path: Path;
  readonly data: unknown;
  readonly schema: JsonSchema;
}

/** Every key of the schema and every entry of its lists; what mappings of several types share, once. */
function distinctPlaces(): Place[] {
  const found = new Map<string, Place>();
  for (const each of places(configJsonSchema(), [], {})) {
    const { path, schema } = each;
    found.set(`${pathText(path)} ${JSON.stringify(schema)}`, each);
  }
  return [...found.values()];
}

function* places(schema: JsonSchema, path: Path, data: unknown): Generator<Place> {
  for (const choice of alternatives(schema)) {
    const type = choice.properties?.type?.const;
    const around = type === undefined ? data : withValue(data, [...path, "type"], type);
    for (const [key, inner] of Object.entries(choice.properties ?? {})) {
      if (key === "type" && type !== undefined) continue;
      yield* place(inner, [...path, key], around);
    }
    if (choice.items) yield* place(choice.items, [...path, 0], around);
    if (typeof choice.additionalProperties === "object") {
      yield* place(choice.additionalProperties, [...path, "web"], around);
    }
  }
}

function* place(schema: JsonSchema, path: Path, data: unknown): Generator<Place> {
  yield { path, data, schema };
  yield* places(schema, path, data);
}

/** The data with a value at a path, and what it needs on the way there. */
function withValue(data: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const inner = withValue(valueAt(data, [step]), rest, value);
  if (typeof step === "number") return [inner];
  const mapping = typeof data === "object" && !Array.isArray(data) ? data : {};
  return { ...mapping, [step]: inner };
}

function faults(
  data: unknown,
  path: Path,
  isFault = (code: string) => SHAPE_CODES.has(code),
): Diagnostic[] {
  const result = checkData(data, "vipd.yaml", { hostname: "lb01" });
  const place = pathText(path) ?? "";
  const found = result.ok ? [] : result.diagnostics;
  return found.filter(({ code, key }) =>
    isFault(code) &&
    (key === place || key?.startsWith(`${place}.`) || key?.startsWith(`${place}[`))
  );
}

/** What the hint says to write; `undefined` if it says nothing that can be written. */
function written(hint: string): unknown {
  const [, text] = /^put it in quotes: (.*)$/.exec(hint) ??
    /^write (.*?)(?:, | )without quotes$/.exec(hint) ??
    /^write it as a list: (.*)$/.exec(hint) ??
    /^write a value: `(?:[\w]+: )?(.*?)(?: \| .*)?`(?:, or remove it)?$/.exec(hint) ??
    /^write (true) or false$/.exec(hint) ??
    /^write .*such as `(.*)`$/.exec(hint) ??
    /^write `(.*)`$/.exec(hint) ?? [];
  return text === undefined ? undefined : load(text);
}

Deno.test("a value of the wrong shape has a remedy that can be followed, at every key", () => {
  const unfit: string[] = [];
  let followed = 0;
  for (const { path, data } of distinctPlaces()) {
    for (const value of VALUES) {
      const before = withValue(data, path, value);
      const [fault] = faults(before, path).filter(({ code, key }) =>
        code === "wrong_type" && key === pathText(path)
      );
      if (fault === undefined) continue;
      const said = `${pathText(path)}: ${JSON.stringify(value)}: ${fault.hint}`;
      const better = written(fault.hint);
      if (better === undefined) {
        unfit.push(`${said}: says nothing to write`);
        continue;
      }
      followed++;
      // What the remedy makes of a word or a number is a whole value; of a list, each entry has faults of its own.
      const isWhole = typeof value !== "object" && better !== "...";
      const left = faults(
        withValue(data, path, better),
        path,
        (code) => SHAPE_CODES.has(code) || isWhole && VALUE_CODES.test(code),
      );
      if (left.length > 0) unfit.push(`${said}: ${left[0]!.key}: ${left[0]!.message}`);
    }
  }
  assert.deepEqual(unfit.slice(0, 40), [], `${unfit.length} of ${followed}`);
  assert.ok(followed > 1500, `${followed} remedies`);
});

/** [what stands there, what the remedy says to write]. */
const MEANT: readonly (readonly [text: string, says: string])[] = [
  [withInstance("track: nginx"), "write it as a list: [{ check: nginx }]"],
  [withInstance("track: { check: nginx }"), "write it as a list: [{ check: nginx }]"],
  [withInstance("routes: 10.0.0.0/8"), "write it as a list: [{ to: 10.0.0.0/8 }]"],
  [
    withInstance("rules: 10.0.0.0/8"),
    "write it as a list: [{ from: 10.0.0.0/8, table: 100, priority: 1000 }]",
  ],
  [
    withInstance("rules: 5"),
    "write it as a list: [{ from: 192.168.31.5, table: 5, priority: 1000 }]",
  ],
  [withInstance("unicast: 192.168.31.12"), "write `{ peers: [192.168.31.12] }`"],
  [withInstance("unicast: [192.168.31.12]"), "write `{ peers: [192.168.31.12] }`"],
  [withInstance("authentication: secret"), 'write `{ type: pass, password: "..." }`'],
  [withInstance("authentication: [secret]"), 'write `{ type: pass, password: "..." }`'],
  [
    withInstance("authentication: hmac"),
    "write `{ type: hmac, keys: [{ id: 1, key_file: /etc/vipd/vrrp.key }] }`",
  ],
  [withInstance("virtual_mac: vrrp.5"), "write `{ interface: vrrp.5 }`"],
  [withInstance("virtual_mac: yes"), "write `true`"],
  [withInstance("client_check: false"), "write `off`"],
  [withInstance("client_check: 443"), "write `{ type: tcp, port: 443 }`"],
  [withInstance("lease: [5s]"), "write `5s`"],
  [
    withInstance("addresses: 10.0.0.5/24, 10.0.0.6/24"),
    "write it as a list: [10.0.0.5/24, 10.0.0.6/24]",
  ],
  [withTop("peers: lb02"), "write it as a list: [{ name: lb02, url: https://192.168.31.12:9112 }]"],
  [
    withTop("peers: http://lb02:9112"),
    "write it as a list: [{ name: lb02, url: http://lb02:9112 }]",
  ],
  [withTop("notify: a@b.c"), "write it as a list: [{ type: email, to: [a@b.c] }]"],
  [
    withTop("notify: /etc/vipd/n.sh"),
    "write it as a list: [{ type: exec, command: [/etc/vipd/n.sh] }]",
  ],
  [withTop("notify: https://a.b/c"), "write it as a list: [{ type: webhook, url: https://a.b/c }]"],
  [
    withTop("sync_groups: SG"),
    "write it as a list: [{ name: SG, instances: [VI_1, VI_2] }]",
  ],
  [withTop("rehearse: [www]"), "write `{ names: [www] }`"],
  [withTop("rehearse: www"), "write `{ names: [www] }`"],
  [withTop("interfaces: eth0"), "write `{ eth0: { up_delay: 15s } }`"],
  [withTop("interfaces: [eth0]"), "write `{ eth0: { up_delay: 15s } }`"],
  [withTop("checks: web"), "write `{ web: { type: http, url: http://127.0.0.1/ } }`"],
  [withTop("checks: { web: process }"), "write `{ type: process, process: nginx }`"],
  [withTop("checks: { web: 127.0.0.1:80 }"), "write `{ type: tcp, address: 127.0.0.1:80 }`"],
  [
    withTop("checks: { web: { type: exec, command: nginx -t } }"),
    "write it as a list: [nginx, -t]",
  ],
  [
    withTop("checks: { web: { type: exec, command: a | b } }"),
    'write it as a list: [/bin/sh, -c, "a | b"]',
  ],
  [
    withTop("api: off"),
    "write a mapping (`key: value` lines), such as `{ listen: 127.0.0.1:9112 }`",
  ],
  [withTop("api: 127.0.0.1:9112"), "write `{ listen: 127.0.0.1:9112 }`"],
  [withTop("api: { listen: [9112] }"), "write a text, such as `127.0.0.1:9112`"],
  [withTop("api: { hosts: [7] }"), 'put it in quotes: "7"'],
  [withInstance("unicast: { peers: [12] }"), "write a text, such as `192.168.31.12`"],
  [withTop("process: 10"), "write `{ realtime_priority: 10 }`"],
];

for (const [text, says] of MEANT) {
  Deno.test(`the remedy has what stands there: ${says}`, () => {
    const result = parse(text);
    const found = result.ok ? [] : result.diagnostics;
    assert.deepEqual(found.filter(({ code }) => code === "wrong_type").map(({ hint }) => hint), [
      says,
    ]);
  });
}

Deno.test("a remedy shows no secret", () => {
  const shown = [
    withInstance("authentication: S3cret"),
    withInstance("authentication: { type: pass, password: [S3cret] }"),
    withInstance("authentication: [{ type: pass, password: S3cret }]"),
    withInstance("authentication: { type: hmac, keys: { id: 1, key: S3cret } }"),
    `instances: { name: VI_1, authentication: { type: pass, password: S3cret } }\n`,
  ].map((text) => JSON.stringify(parse(text)));
  assert.deepEqual(shown.filter((text) => text.includes("S3cret")), []);
});

Deno.test("every key has an example", () => {
  const without = distinctPlaces()
    .filter(({ path, data }) => exampleAt(data, path) === undefined)
    .map(({ path }) => pathText(path));
  assert.deepEqual(without, []);
});
