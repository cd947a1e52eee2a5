import assert from "node:assert/strict";
import { partialOf } from "../../src/config/partial.ts";
import { FileSchema } from "../../src/config/schema/schema.ts";

Deno.test("of instances without an error the partial configuration is the same, read once or twice", () => {
  const instance = { interface: "eth1", addresses: ["192.168.31.5/24"] };
  const data = {
    instances: [
      { ...instance, name: "A", vrid: 1 },
      {
        ...instance,
        ...{ name: "B", vrid: 2, version: 2, priority: 150, advert_interval: "2s", lease: "off" },
        addresses: ["10.0.0.5/24", { address: "10.0.0.6/24", label: "eth1:1", advertise: false }],
        authentication: { type: "pass", password: "123456" },
        routes: [{ to: "10.1.0.0/16", via: "192.168.31.1" }],
        rules: [{ from: "192.168.31.5", table: 100, priority: 1000 }],
        track: [{ check: "nginx", weight: -60 }, { interface: "eth0" }],
      },
    ],
  };
  const parsed = FileSchema.parse(data);
  // A key that is absent may be one that is undefined.
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const twice = partialOf(data);
  assert.equal(twice.instances[1]?.track.length, 2);
  assert.deepEqual(plain(partialOf(data, parsed.instances)), plain(twice));
});
