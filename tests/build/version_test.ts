/** `src/version.ts` says which version this is; whatever else names it says the same. */

import assert from "node:assert/strict";
import { controlText, DEBIAN_CHANGELOG } from "../../build/deb_control.ts";
import project from "../../deno.json" with { type: "json" };
import { EXIT } from "../../src/exit.ts";
import { openApiDocument } from "../../src/front/openapi/document.ts";
import { STATUS_EXAMPLE } from "../../src/front/openapi/examples.ts";
import { VERSION } from "../../src/version.ts";
import { capture } from "../cli/captured_context.ts";

const ROOT = new URL("../../", import.meta.url);

/** What stands at the place of the version in a text. */
function found(text: string, place: RegExp): string | undefined {
  return place.exec(text)?.[1];
}

async function printed(...argv: string[]): Promise<string> {
  const { code, out } = await capture(argv);
  assert.equal(code, EXIT.ok);
  return out;
}

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

const PLACES: Readonly<Record<string, () => Promise<unknown>>> = {
  "deno.json": () => Promise.resolve(project.version),
  "vipd version": async () => found(await printed("version"), /^vipd (\S+)/),
  "vipd version --json": async () => JSON.parse(await printed("version", "--json")).vipd,
  "the man page": async () => found(await printed("manpage"), /^\.TH .*"vipd (\d\S*)"/m),
  "the OpenAPI document": () =>
    Promise.resolve((openApiDocument().info as { version: unknown }).version),
  "the example of a status": () => Promise.resolve(STATUS_EXAMPLE.version),
  "the package's control file": () =>
    Promise.resolve(found(
      controlText({ architecture: "amd64", sizeKib: 1 }),
      /^Version: (\S+)$/m,
    )),
  "the package's changelog": () => Promise.resolve(found(DEBIAN_CHANGELOG, /^vipd \((\S+)\)/)),
  "the name of the package in docs/install.md": async () =>
    found(await read("docs/install.md"), /vipd_(\S+)_amd64\.deb/),
  "the status in docs/api.md": async () =>
    found(await read("docs/api.md"), /"version": "(\d[^"]*)"/),
  "the newest section of CHANGELOG.md with a number": async () =>
    found(await read("CHANGELOG.md"), /^## (\d\S*)/m),
};

for (const [name, version] of Object.entries(PLACES)) {
  Deno.test(`${name} has the version of src/version.ts`, async () => {
    assert.equal(await version(), VERSION);
  });
}

Deno.test("the version is three numbers, which Debian and npm order alike", () => {
  assert.match(VERSION, /^\d+\.\d+\.\d+$/);
});
