import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { PAGE_ASSETS, pageAssets } from "../../../build/page.ts";
import { createApi } from "../../../src/front/http/app.ts";
import type { ApiBindings } from "../../../src/front/server/api_bindings.ts";
import { FakeBackend, TOKEN } from "../fake_backend.ts";
import { judgeOf } from "../fake_judge.ts";

const BINDINGS: ApiBindings = { listener: { kind: "tcp", host: "127.0.0.1", port: 9112 } };

/** A listener that other machines reach. */
const WIDE: ApiBindings = { listener: { kind: "tcp", host: "192.168.31.11", port: 9112 } };

async function page(
  bindings = BINDINGS,
  readToken?: string,
  headers: Record<string, string> = {},
): Promise<{ response: Response; html: string }> {
  const app = createApi({ backend: new FakeBackend(), judge: judgeOf(TOKEN, readToken) });
  const response = await app.request("http://127.0.0.1:9112/", { headers }, bindings);
  return { response, html: await response.text() };
}

Deno.test("the page in the program is that of its sources", async () => {
  const wanted = await pageAssets();
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(PAGE_ASSETS, wanted);
  const message = "the page is not fresh: deno task page";
  assert.ok(await Deno.readTextFile(PAGE_ASSETS) === wanted, message);
});

Deno.test("the page may run its own script and style and nothing else", async () => {
  const { response, html } = await page();
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  const policy = new Map(
    (response.headers.get("content-security-policy") ?? "").split("; ").map((directive) => {
      const [name = "", ...sources] = directive.split(" ");
      return [name, sources.join(" ")];
    }),
  );
  assert.equal(policy.get("default-src"), "'none'");
  assert.equal(policy.get("connect-src"), "'self'");
  assert.equal(policy.get("frame-ancestors"), "'none'");
  for (const [tag, directive] of [["script", "script-src"], ["style", "style-src"]] as const) {
    const blocks = [...html.matchAll(new RegExp(`<${tag}\\b[^>]*>([\\s\\S]*?)</${tag}>`, "g"))];
    assert.equal(blocks.length, 1, `${blocks.length} ${tag} blocks`);
    const hash = createHash("sha256").update(blocks[0]![1]!).digest("base64");
    assert.equal(policy.get(directive), `'sha256-${hash}'`);
  }
});

Deno.test("the page loads nothing from elsewhere", async () => {
  const { html } = await page();
  const [head = ""] = html.split("<script");
  assert.deepEqual([...head.matchAll(/(?:src|href)="(?!data:)[^"]*"|url\(/g)], []);
  assert.ok(html.length < 84 * 1024, `${html.length} characters`);
});

Deno.test("the page comes without a token where reading needs one, and holds nothing of the node", async () => {
  const { html } = await page();
  const { node, instances } = new FakeBackend().status();
  for (const secret of [node, ...instances.map(({ name }) => name)]) {
    assert.ok(!html.includes(secret), secret);
  }
  for (
    const [bindings, readToken] of [[BINDINGS, "read"], [WIDE, undefined], [WIDE, "read"]] as const
  ) {
    const { response, html: same } = await page(bindings, readToken);
    assert.equal(response.status, 200);
    assert.ok(same === html);
    const refused = await page(bindings, readToken, { origin: "https://evil.example" });
    assert.equal(refused.response.status, 403);
  }
  const rebound = await page(BINDINGS, "read", { host: "evil.example" });
  assert.equal(rebound.response.status, 403);
});
