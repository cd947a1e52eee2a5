import assert from "node:assert/strict";
import {
  installedUnit,
  missingFrontUnit,
  unitState,
} from "../../../src/daemon/service/installed_unit.ts";
import { ENGINE } from "../../../src/daemon/service/unit.ts";
import { inFolder } from "../../cli/captured_context.ts";

Deno.test("the unit in force is that of the first folder, with the user of its last drop-in", () =>
  inFolder(async (folder) => {
    const [own, packaged] = [`${folder}/etc`, `${folder}/lib`];
    const seen = () => installedUnit([own, packaged]);
    await Deno.mkdir(`${own}/vipd.service.d`, { recursive: true });
    await Deno.mkdir(packaged);
    assert.equal(await seen(), null);
    await Deno.writeTextFile(`${packaged}/vipd.service`, ENGINE.text("/usr/bin/vipd"));
    const unit = { name: "vipd.service", user: "vipd", config: "/etc/vipd/vipd.yaml" };
    assert.deepEqual(await seen(), unit);
    await Deno.writeTextFile(
      `${own}/vipd.service`,
      ENGINE.text("/usr/local/bin/vipd", "/srv/v.yaml"),
    );
    assert.deepEqual(await seen(), { ...unit, config: "/srv/v.yaml" });
    await Deno.writeTextFile(`${own}/vipd.service.d/10-user.conf`, "[Service]\nUser=root\n");
    assert.equal((await seen())?.user, "root");
    await Deno.writeTextFile(`${own}/vipd.service`, "[Service]\nExecStart=/opt/other\n");
    assert.equal(await seen(), null);
  }));

Deno.test("whether there is a unit is known without a service manager that answers, too", () =>
  inFolder(async (folder) => {
    const [own, local] = [`${folder}/etc`, `${folder}/local`];
    const seen = (printed: string) => unitState(printed, [own, local]);
    await Deno.mkdir(`${own}/multi-user.target.wants`, { recursive: true });
    await Deno.mkdir(local);
    assert.deepEqual(await seen("enabled\n"), { installed: true, enabled: true });
    assert.deepEqual(await seen("disabled\n"), { installed: true, enabled: false });
    assert.deepEqual(await seen(""), { installed: false, enabled: false });
    await Deno.writeTextFile(`${local}/vipd.service`, "");
    assert.deepEqual(await seen(""), { installed: true, enabled: false });
    assert.deepEqual(await seen("not-found\n"), { installed: false, enabled: false });
    await Deno.symlink(`${local}/vipd.service`, `${own}/multi-user.target.wants/vipd.service`);
    assert.deepEqual(await seen(""), { installed: true, enabled: true });
  }));

Deno.test("the front's unit is missing if that of the engine leaves the front to it", () =>
  inFolder(async (folder) => {
    const [own, packaged] = [`${folder}/etc`, `${folder}/lib`];
    const missing = () => missingFrontUnit([own, packaged]);
    await Deno.mkdir(`${own}/vipd.service.d`, { recursive: true });
    await Deno.mkdir(packaged);
    assert.equal(await missing(), null);
    const text = ENGINE.text("/usr/bin/vipd");
    await Deno.writeTextFile(`${packaged}/vipd.service`, text);
    assert.equal(await missing(), `${packaged}/vipd-front.service`);
    await Deno.writeTextFile(`${own}/vipd.service`, text);
    assert.equal(await missing(), `${own}/vipd-front.service`);
    const dropIn = `${own}/vipd.service.d/10-front.conf`;
    await Deno.writeTextFile(dropIn, "[Service]\nEnvironment=VIPD_FRONT=\n");
    assert.equal(await missing(), null);
    await Deno.writeTextFile(dropIn, '[Service]\nEnvironment="VIPD_FRONT=service"\n');
    assert.equal(await missing(), `${own}/vipd-front.service`);
    await Deno.writeTextFile(`${packaged}/vipd-front.service`, "");
    assert.equal(await missing(), null);
  }));
