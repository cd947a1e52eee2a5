/** How often a certificate is looked at, whatever the server does. */

import assert from "node:assert/strict";
import { CertificateWatch } from "../../src/health/probes/certificate.ts";

const SERVER = { kind: "tcp", host: "127.0.0.1", port: 443, tls: { name: "a" } } as const;

/** Lets what has settled go on. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("one look at a time, and none for an hour after one that has found the end", async () => {
  const looks: PromiseWithResolvers<number>[] = [];
  const watch = new CertificateWatch(SERVER, 1000, undefined, () => {
    looks.push(Promise.withResolvers<number>());
    return looks.at(-1)!.promise;
  });
  assert.equal(watch.endsMs, undefined);
  watch.refresh();
  watch.refresh();
  assert.equal(looks.length, 1);
  const endsMs = Date.now() + 60_000;
  looks[0]!.resolve(endsMs);
  await turn();
  assert.equal(watch.endsMs, endsMs);
  watch.refresh();
  assert.equal(looks.length, 1);
});

Deno.test("a look that fails leaves what is known, and is not repeated at once", async () => {
  let looks = 0;
  const watch = new CertificateWatch(SERVER, 1000, undefined, () => {
    looks++;
    return Promise.reject(new Error("connection refused"));
  });
  watch.refresh();
  await turn();
  watch.refresh();
  await turn();
  assert.deepEqual([looks, watch.endsMs], [1, undefined]);
});
