/** The first wait of a router whose link came up: neighbours may not have found each other yet. */

import assert from "node:assert/strict";
import { Driver } from "./driving.ts";

/** A router of version 3 at 0.1 s whose link came up at 1000 and leaves neighbours time until 2200. */
function recovered(): Driver {
  const driver = new Driver({ version: 3, advertIntervalCs: 10 });
  driver.fails(0, true);
  const effects = driver.at(1000, { kind: "recovered", notBeforeMs: 2200 });
  assert.deepEqual(effects, ["set masterDown 2200", "fault -> backup: recovered"]);
  return driver;
}

/** Master_Down_Interval: 3 x 100 ms and (256 - 100) / 256 of 100 ms. */
const DOWN_MS = 360.9375;

Deno.test("silence after the link came up counts only when neighbours had time", () => {
  const driver = recovered();
  assert.deepEqual(driver.fires(1000 + DOWN_MS, "masterDown"), []);
  assert.equal(driver.fires(2200, "masterDown").at(-1), "backup -> master: master_silent");
});

Deno.test("a time that is over delays nothing", () => {
  const driver = new Driver();
  driver.fails(0, true);
  const [timer] = driver.at(1000, { kind: "recovered", notBeforeMs: -Infinity });
  assert.equal(timer, "set masterDown 4609.375");
});

Deno.test("a weaker master that is heard is replaced as soon as without that time", () => {
  assert.deepEqual(recovered().hears(1050, 50), [`set masterDown ${1000 + DOWN_MS}`]);
  const late = recovered();
  assert.deepEqual(late.hears(2000, 50), ["set masterDown 2000"]);
  assert.deepEqual(late.hears(2001, 50), [], "once");
});

Deno.test("a stronger master that is heard is followed as ever", () => {
  const driver = recovered();
  assert.deepEqual(driver.hears(1050, 200), [`set masterDown ${1050 + DOWN_MS}`]);
  assert.equal(
    driver.fires(1050 + DOWN_MS, "masterDown").at(-1),
    "backup -> master: master_silent",
  );
});

Deno.test("where silence counts no later than ever, a weaker master moves nothing", () => {
  const driver = new Driver({ version: 3, advertIntervalCs: 10 });
  driver.fails(0, true);
  driver.at(1000, { kind: "recovered", notBeforeMs: 1000 + DOWN_MS });
  assert.deepEqual(driver.hears(1050, 50), []);
});
