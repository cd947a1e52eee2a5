import assert from "node:assert/strict";
import { exposureRemedy } from "../../src/tokens/token_exposure.ts";

const VIPD = { uid: 990, gid: 980 };
const ROOT = { uid: 0, gid: 0 };
const FILE = "/etc/vipd/t";

/** Owner, group and mode of the file, the user of vipd, and the remedy for the token and for the read token. */
const TABLE = [
  [0, 0, 0o600, ROOT, null, null],
  [990, 980, 0o600, VIPD, null, null],
  [0, 980, 0o640, VIPD, "chown 990 /etc/vipd/t && chmod 600 /etc/vipd/t", null],
  [990, 980, 0o640, VIPD, "chmod 600 /etc/vipd/t", null],
  [0, 0, 0o640, ROOT, "chmod 600 /etc/vipd/t", null],
  [0, 980, 0o640, ROOT, "chmod 600 /etc/vipd/t", "chmod 600 /etc/vipd/t"],
  [0, 980, 0o644, VIPD, "chown 990 /etc/vipd/t && chmod 600 /etc/vipd/t", "chmod 640 /etc/vipd/t"],
  [0, 980, 0o660, VIPD, "chown 990 /etc/vipd/t && chmod 600 /etc/vipd/t", "chmod 640 /etc/vipd/t"],
  [990, 980, 0o604, VIPD, "chmod 600 /etc/vipd/t", "chmod 640 /etc/vipd/t"],
  [
    ...[0, 0, 0o644, VIPD] as const,
    "chown 990 /etc/vipd/t && chmod 600 /etc/vipd/t",
    "chgrp 980 /etc/vipd/t && chmod 640 /etc/vipd/t",
  ],
  [990, 100, 0o640, VIPD, "chmod 600 /etc/vipd/t", "chmod 600 /etc/vipd/t"],
] as const;

for (const [uid, gid, mode, daemon, full, read] of TABLE) {
  const name = `${uid}:${gid} ${mode.toString(8)}, vipd as ${daemon.uid}:${daemon.gid}`;
  Deno.test(`a token file may be read by its owner, the read token by vipd's group: ${name}`, () => {
    const file = { uid, gid, mode };
    assert.equal(exposureRemedy(FILE, file, "change", daemon), full);
    assert.equal(exposureRemedy(FILE, file, "read", daemon), read);
  });
}
