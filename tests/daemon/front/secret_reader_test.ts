import assert from "node:assert/strict";
import { SecretReader } from "../../../src/daemon/front/secret_reader.ts";

Deno.test("the front gets the secret that a file holds now, and of what is no such file an error", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const reader = new SecretReader();
    await Deno.writeTextFile(`${folder}/secret`, "first\n");
    assert.equal(await reader.read(`${folder}/secret`), "first\n");
    await Deno.writeTextFile(`${folder}/secret`, "second\n");
    const both = [1, 2].map(() => reader.read(`${folder}/secret`));
    assert.deepEqual(await Promise.all(both), ["second\n", "second\n"]);
    await Deno.writeTextFile(`${folder}/large`, "x".repeat(1024 * 1024 + 1));
    const unfit = [
      [folder, "it is a folder, not a file"],
      [`${folder}/large`, "it has 1048577 octets"],
      ["/dev/zero", "it is a device, not a file"],
    ] as const;
    for (const [path, why] of unfit) {
      const message = `${path} is no file with a secret: ${why}`;
      await assert.rejects(reader.read(path), { message });
    }
    await assert.rejects(reader.read(`${folder}/missing`), Deno.errors.NotFound);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
