import assert from "node:assert/strict";
import { threadPool } from "../../src/runtime/thread_pool.ts";
import { BoundedToken } from "../../src/tokens/bounded_token.ts";
import { TokenFileError } from "../../src/tokens/token_file.ts";

/** A token file that answers when the test says so. */
class SlowFile {
  readonly looks: PromiseWithResolvers<string>[] = [];

  token(): Promise<string> {
    const look = Promise.withResolvers<string>();
    this.looks.push(look);
    return look.promise;
  }
}

Deno.test("a token file that does not answer takes one thread, and its last token counts", async () => {
  const file = new SlowFile();
  const bounded = new BoundedToken("/run/vipd/token", file, 20);
  await assert.rejects(bounded.token(), (error: Error) => {
    assert.ok(error instanceof TokenFileError);
    assert.match(error.message, /\/run\/vipd\/token does not answer/);
    return true;
  });
  const asked = [bounded.token(), bounded.token()];
  assert.deepEqual([file.looks.length, threadPool.underWay], [1, 1]);
  file.looks[0]!.resolve("first");
  assert.deepEqual(await Promise.all(asked), ["first", "first"]);

  assert.equal(await bounded.token(), "first", "the second look hangs");
  assert.equal(await bounded.token(), "first");
  assert.equal(file.looks.length, 2);
  file.looks[1]!.resolve("second");
  const third = bounded.token();
  assert.equal(file.looks.length, 2);
  assert.equal(await third, "second");

  const gone = bounded.token();
  file.looks[2]!.reject(new TokenFileError("it is gone"));
  await assert.rejects(gone, /it is gone/);
  assert.equal(threadPool.underWay, 0);
});
