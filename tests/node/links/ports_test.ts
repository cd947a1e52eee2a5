/** The ports of a load balancer: opened when their interface is there, and again only where they must. */

import assert from "node:assert/strict";
import type { Host } from "../../../src/host/host.ts";
import type { VrrpDatagram, VrrpPortOptions } from "../../../src/host/vrrp.ts";
import { type PortUser, portUsers, VrrpPorts } from "../../../src/node/links/ports.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";

const USER: PortUser = {
  ...{ interface: "eth1", family: "ipv4", version: 2, vrid: 55 },
  group: "224.0.0.18",
};

/** A machine whose interfaces have these indexes, and what is done to its ports. */
function machine(indexes: Record<string, number>) {
  const did: string[] = [];
  let error = "";
  let filterError = "";
  const host = {
    interfaceState: (name: string) => name in indexes ? { index: indexes[name] } : null,
    openVrrp: (name: string, family: string, _: unknown, options: Record<string, unknown>) => {
      const { multicast, groups = "usual" } = options;
      did.push(`open ${name} ${family} ${multicast} ${groups}`);
      return error !== "" ? { code: "EPERM", message: error } : {
        expect: () => {
          did.push(`expect ${name}`);
          return filterError === "" ? null : { code: "EPERM", message: filterError };
        },
        close: () => void did.push(`close ${name}`),
      };
    },
  } as unknown as Host;
  const ports = new VrrpPorts(host, { receive: () => {}, unread: () => {} });
  const does = (act: () => void, refuses = "", filterRefuses = "") => {
    [error, filterError] = [refuses, filterRefuses];
    did.length = 0;
    act();
    return [...did];
  };
  return { ports, does, indexes };
}

Deno.test("a port is opened when its interface is there, and closed when nobody needs it", () => {
  const { ports, does, indexes } = machine({});
  assert.deepEqual(does(() => ports.desire([USER])), []);
  assert.equal(ports.get("eth1", "ipv4"), "interface eth1 does not exist");
  assert.equal(ports.get("eth2", "ipv4"), "no port on eth2");
  assert.equal(ports.complete, false);
  indexes.eth1 = 2;
  assert.deepEqual(does(() => ports.interfaceChanged("eth2")), []);
  assert.deepEqual(does(() => ports.interfaceChanged("eth1")), ["open eth1 ipv4 true usual"]);
  assert.equal(ports.complete, true);
  assert.deepEqual(does(() => ports.interfaceChanged("eth1")), []);
  assert.deepEqual(does(() => ports.close()), ["close eth1"]);
});

Deno.test("an interface of the same name that is another one gets another port", () => {
  const { ports, does, indexes } = machine({ eth1: 2 });
  ports.desire([USER]);
  indexes.eth1 = 3;
  assert.deepEqual(does(() => ports.interfaceChanged("eth1")), [
    ...["close eth1", "open eth1 ipv4 true usual"],
  ]);
  delete indexes.eth1;
  assert.deepEqual(does(() => ports.interfaceChanged("eth1")), ["close eth1"]);
  assert.equal(ports.get("eth1", "ipv4"), "interface eth1 does not exist");
});

Deno.test("a port that cannot be opened says why, and is tried again", () => {
  const { ports, does } = machine({ eth1: 2 });
  assert.deepEqual(does(() => ports.desire([USER]), "not allowed"), ["open eth1 ipv4 true usual"]);
  assert.equal(ports.get("eth1", "ipv4"), "not allowed");
  assert.equal(ports.complete, false);
  does(() => ports.interfaceChanged("eth1"));
  assert.equal(ports.complete, true);
});

Deno.test("a port stays open where its users need the same of it, and hears of other routers", () => {
  const { ports, does } = machine({ eth1: 2 });
  ports.desire([USER]);
  const cases: readonly (readonly [readonly PortUser[], readonly string[], string])[] = [
    [[USER], [], ""],
    [[{ ...USER, vrid: 56 }], ["expect eth1"], ""],
    [[{ ...USER, vrid: 56, version: 3 }], ["expect eth1"], ""],
    [[USER, { ...USER, vrid: 56 }], ["expect eth1"], ""],
    [[{ ...USER, vrid: 56 }, USER], ["expect eth1"], ""],
    [[USER], ["expect eth1", "close eth1", "open eth1 ipv4 true usual"], "no filter"],
    [[{ ...USER, group: null }], ["close eth1", "open eth1 ipv4 false usual"], ""],
    [[{ ...USER, group: "224.0.0.99" }], ["close eth1", "open eth1 ipv4 true 224.0.0.99"], ""],
    [
      [USER, { ...USER, group: "224.0.0.99" }, USER],
      ["close eth1", "open eth1 ipv4 true 224.0.0.18,224.0.0.99"],
      "",
    ],
    [
      [{ ...USER, family: "ipv6", group: "ff02::12" }],
      ["close eth1", "open eth1 ipv6 true usual"],
      "",
    ],
  ];
  for (const [users, done, filterRefuses] of cases) {
    assert.deepEqual(does(() => ports.desire(users), "", filterRefuses), done);
  }
});

Deno.test("an instance needs the port of its interface, with its group unless it speaks by unicast", () => {
  const multicast = { version: 2, vrid: 55, multicastGroup: "224.0.0.99" } as const;
  const unicast = { peers: ["192.168.31.12"], ttl: 255, minTtl: 255 };
  const instances = [multicast, { ...multicast, unicast }].map((it) => instanceConfig(it));
  assert.deepEqual(portUsers(instances), [{ ...USER, group: "224.0.0.99" }, {
    ...USER,
    group: null,
  }]);
});

Deno.test("the owner of the ports hears what arrives, and how much was not read where", () => {
  const heard: unknown[] = [];
  let receive = (_: VrrpDatagram) => {};
  let unread: VrrpPortOptions["unread"];
  const host: Pick<Host, "interfaceState" | "openVrrp"> = {
    interfaceState: (name) => ({
      name,
      index: 2,
      enabled: true,
      up: true,
      mac: new Uint8Array(6),
      addresses: [],
    }),
    openVrrp: (_name, _family, heard, options) => {
      [receive, unread] = [heard, options?.unread];
      return { send: () => null, expect: () => null, close: () => {} };
    },
  };
  const ports = new VrrpPorts(host as Host, {
    receive: ({ source }) => heard.push(source),
    unread: (name, count) => heard.push([name, count]),
  });
  ports.desire([USER]);
  receive({ source: "192.168.31.12" } as VrrpDatagram);
  unread!(7);
  assert.deepEqual(heard, ["192.168.31.12", ["eth1", 7]]);
});
