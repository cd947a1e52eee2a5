import { NO_REHEARSAL } from "../../../src/config/model.ts";
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { LinuxHost } from "../../../src/linux/host.ts";
import { LoadBalancer } from "../../../src/node/load_balancer.ts";
import { instanceConfig } from "../../../src/sim/cluster.ts";
import type { ArpSetting } from "../../../src/vip/arp_settings.ts";
import { SimStore } from "../../../src/sim/store.ts";
import { encodeEthernetFrame } from "../../../src/wire/ethernet.ts";
import { encodeIpv4Datagram } from "../../../src/wire/ipv4.ts";
import { encodeAdvertisement, VRRP_GROUP } from "../../../src/wire/vrrp.ts";
import { arpRequest, echoRequest, ETHERTYPE_ARP } from "../client_frames.ts";
import { delay, ip, namespaceTest, openHost, until } from "../namespace.ts";
import { WireTap } from "../wire_tap.ts";

const ETHERTYPE_IPV4 = 0x0800;
const PHYSICAL_MAC = "020000000001";
const VIRTUAL_MAC = "00005e000137";
const VIRTUAL = { name: "vrrp.55", parent: "eth0", mac: Uint8Array.of(0, 0, 0x5e, 0, 1, 0x37) };
const VIP = "192.168.31.5";
const CLIENT = "192.168.31.99";

/** The machine's interface at the near end of a cable, with an address of its own. */
function plug(): WireTap {
  const tap = new WireTap("eth0", "far0");
  ip("link set eth0 address 02:00:00:00:00:01");
  ip("address add 192.168.31.11/24 dev eth0");
  return tap;
}

function start(host: LinuxHost): LoadBalancer {
  const instance = instanceConfig({
    interface: "eth0",
    priority: 254,
    version: 3,
    authentication: { type: "none" },
    // Short, so that a takeover takes 31 ms; long enough for a busy machine between two adverts.
    advertIntervalCs: 10,
    virtualInterface: "vrrp.55",
    addresses: [{ address: VIP, prefixLength: 24, device: "vrrp.55" }],
  });
  const balancer = new LoadBalancer(
    {
      node: "lb01",
      api: { listen: [], hosts: [], tokenFile: "/nonexistent", localReading: "open" },
      runDir: "/nonexistent",
      stateDir: "/var/lib/vipd",
      startDelayMs: 0,
      process: {},
      interfaces: [],
      checks: [],
      instances: [instance],
      syncGroups: [],
      rehearse: NO_REHEARSAL,
      notify: [],
      peers: [],
    },
    host,
    { version: "0.0.0-test", store: new SimStore({ text: null, broken: false, hung: false }) },
  );
  balancer.start();
  return balancer;
}

function state(balancer: LoadBalancer): string {
  return balancer.status().instances[0]!.state;
}

/** An advert of another router, in a frame from the MAC address that all routers of this VRID share. */
function otherAdvert(priority: number): Uint8Array<ArrayBuffer> {
  const [source, destination] = ["192.168.31.12", VRRP_GROUP.ipv4];
  const payload = encodeAdvertisement(
    {
      version: 3,
      vrid: 55,
      priority,
      intervalCs: 10,
      addresses: [VIP],
      authentication: { type: 0, data: new Uint8Array(8) },
    },
    { source, destination },
    "pseudo_header",
  );
  const datagram = encodeIpv4Datagram({
    source,
    destination,
    ttl: 255,
    typeOfService: 0xc0,
    protocol: 112,
  }, payload);
  const group = Uint8Array.of(1, 0, 0x5e, 0, 0, 0x12);
  return encodeEthernetFrame(group, VIRTUAL.mac, ETHERTYPE_IPV4, datagram);
}

function ofType(frames: readonly Uint8Array[], etherType: number): Uint8Array[] {
  return frames.filter((frame) => (frame[12]! << 8 | frame[13]!) === etherType);
}

/** ARP frames as text: operation, sender's hardware and protocol address, frame source. */
function arps(frames: readonly Uint8Array[]): string[] {
  return ofType(frames, ETHERTYPE_ARP).map((frame) =>
    `${frame[21] === 2 ? "reply" : "request"} ${frame.subarray(22, 28).toHex()} ` +
    `${frame.subarray(28, 32).join(".")} from ${frame.subarray(6, 12).toHex()}`
  );
}

async function setting(device: string, name: string): Promise<string> {
  return (await Deno.readTextFile(`/proc/sys/net/ipv4/conf/${device}/${name}`)).trim();
}

namespaceTest(
  import.meta.url,
  "the interface of a virtual MAC address is made down, marked, with its settings, and removed",
  async () => {
    using _tap = plug();
    const host = openHost();
    strictEqual(host.addInterface(VIRTUAL), null);
    strictEqual(host.interfaceState("vrrp.55")?.up, false, "known when the call returns");
    const [link] = JSON.parse(ip("-j -d link show vrrp.55"));
    strictEqual(link.address, "00:00:5e:00:01:37");
    strictEqual(link.ifalias, "vipd");
    strictEqual(link.link, "eth0");
    strictEqual(link.inet6_addr_gen_mode, "none");
    strictEqual(link.linkinfo.info_kind, "macvlan");
    strictEqual(await setting("vrrp.55", "arp_ignore"), "1");
    strictEqual(await setting("vrrp.55", "rp_filter"), "2");
    strictEqual(await setting("eth0", "arp_ignore"), "1");
    strictEqual(await setting("eth0", "arp_announce"), "2");
    deepStrictEqual(host.ownInterfaces(), ["vrrp.55"]);
    strictEqual(host.setInterfaceUp("vrrp.55", true), null);
    ok(JSON.parse(ip("-j link show vrrp.55"))[0].flags.includes("UP"));
    strictEqual(host.removeInterface("vrrp.55"), null);
    strictEqual(host.interfaceState("vrrp.55"), null);
    strictEqual(await setting("eth0", "arp_ignore"), "0", "as before");
    strictEqual(await setting("eth0", "arp_announce"), "0", "as before");
    strictEqual(host.removeInterface("vrrp.55"), null, "removing again is no error");
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "settings that another program has changed are put right before the interface hears anything",
  async () => {
    using _tap = plug();
    const host = openHost();
    strictEqual(host.addInterface(VIRTUAL), null);
    const settings = [
      ["vrrp.55", "arp_ignore", "1"],
      ["vrrp.55", "rp_filter", "2"],
      ["eth0", "arp_ignore", "1"],
      ["eth0", "arp_announce", "2"],
    ] as const;
    for (const [device, name] of settings) {
      await Deno.writeTextFile(`/proc/sys/net/ipv4/conf/${device}/${name}`, "0");
    }
    strictEqual(host.setInterfaceUp("vrrp.55", true), null);
    for (const [device, name, value] of settings) {
      strictEqual(await setting(device, name), value, `${device} ${name}`);
    }
    await Deno.writeTextFile("/proc/sys/net/ipv4/conf/eth0/arp_ignore", "2");
    strictEqual(host.setInterfaceUp("vrrp.55", true), null);
    strictEqual(await setting("eth0", "arp_ignore"), "2", "stricter is right, too");
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "the settings of the interface below stay until the last virtual one goes",
  async () => {
    using _tap = plug();
    const host = openHost();
    const second = { ...VIRTUAL, name: "vrrp.56", mac: Uint8Array.of(0, 0, 0x5e, 0, 1, 0x38) };
    for (const each of [VIRTUAL, second]) strictEqual(host.addInterface(each), null);
    host.removeInterface("vrrp.55");
    strictEqual(await setting("eth0", "arp_ignore"), "1");
    host.removeInterface("vrrp.56");
    strictEqual(await setting("eth0", "arp_ignore"), "0");
    await host.close();
  },
);

namespaceTest(import.meta.url, "an interface of another is neither taken nor removed", async () => {
  using _tap = plug();
  ip("link add vrrp.55 link eth0 type macvlan mode private");
  const host = openHost();
  const refused = host.addInterface(VIRTUAL);
  strictEqual(refused?.code, "EEXIST");
  match(refused.message, /make vrrp\.55 on eth0.*not vipd's/);
  strictEqual(host.removeInterface("vrrp.55"), null);
  ok(host.interfaceState("vrrp.55"), "still there");
  deepStrictEqual(host.ownInterfaces(), []);
  strictEqual(host.addInterface({ ...VIRTUAL, name: "v", parent: "eth9" })?.code, "ENODEV");
  strictEqual(await setting("eth0", "arp_ignore"), "0");
  await host.close();
});

namespaceTest(
  import.meta.url,
  "a master speaks, announces and answers with the virtual MAC address alone",
  async () => {
    using tap = plug();
    const host = openHost();
    const balancer = start(host);
    await until("master", () => state(balancer) === "master");
    await delay(150);
    const frames = tap.receivedFrames();
    const announced = arps(frames).filter((arp) => arp.includes(VIP));
    ok(announced.length > 0);
    strictEqual(new Set(announced).size, 1, announced.join("\n"));
    strictEqual(announced[0], `request ${VIRTUAL_MAC} ${VIP} from ${VIRTUAL_MAC}`);

    const adverts = ofType(frames, ETHERTYPE_IPV4).filter((frame) => frame[23] === 112);
    ok(adverts.length > 0);
    for (const advert of adverts) {
      strictEqual(advert.subarray(0, 14).toHex(), `01005e000012${VIRTUAL_MAC}0800`);
      strictEqual(advert.subarray(26, 30).join("."), "192.168.31.11", "its own address as source");
    }

    tap.send(arpRequest(CLIENT, VIP));
    await delay(50);
    deepStrictEqual(arps(tap.receivedFrames()), [
      `reply ${VIRTUAL_MAC} ${VIP} from ${VIRTUAL_MAC}`,
    ]);
    tap.send(arpRequest(CLIENT, "192.168.31.11"));
    await delay(50);
    deepStrictEqual(arps(tap.receivedFrames()), [
      `reply ${PHYSICAL_MAC} 192.168.31.11 from ${PHYSICAL_MAC}`,
    ]);

    // The answer to a stranger needs his MAC address: how the host asks for it must not tell of the physical one.
    tap.send(echoRequest("192.168.31.98", VIP, VIRTUAL.mac));
    await delay(50);
    deepStrictEqual(arps(tap.receivedFrames()), [
      `request ${PHYSICAL_MAC} 192.168.31.11 from ${PHYSICAL_MAC}`,
    ]);
    tap.send(echoRequest(CLIENT, VIP, VIRTUAL.mac));
    await until(
      "the echo is answered",
      () => tap.received(ETHERTYPE_IPV4).some((frame) => frame[23] === 1 && frame[34] === 0),
    );
    await balancer.stop();
    strictEqual(host.interfaceState("vrrp.55"), null);
    strictEqual(await setting("eth0", "arp_ignore"), "0");
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "a master hears another that shares its MAC address, gives way, and is silent as backup",
  async () => {
    using tap = plug();
    const host = openHost();
    const balancer = start(host);
    await until("master", () => state(balancer) === "master");
    tap.send(otherAdvert(255));
    await until("backup", () => state(balancer) === "backup");
    // It must go on hearing the other, or it would be master again after 31 ms.
    const steady = setInterval(() => tap.send(otherAdvert(255)), 20);
    try {
      tap.receivedFrames();
      tap.send(arpRequest(CLIENT, VIP));
      tap.send(echoRequest(CLIENT, VIP, VIRTUAL.mac));
      await delay(500);
      strictEqual(state(balancer), "backup");
      const sent = tap.receivedFrames();
      deepStrictEqual(arps(sent), []);
      // The kernel may say which groups it has joined (IGMP, protocol 2).
      const datagrams = ofType(sent, ETHERTYPE_IPV4).filter((frame) => frame[23] !== 2);
      deepStrictEqual(datagrams, []);
      strictEqual(host.interfaceState("vrrp.55")?.up, false);
    } finally {
      clearInterval(steady);
    }
    await until("master again", () => state(balancer) === "master");
    strictEqual(host.interfaceState("vrrp.55")?.addresses.length, 1);
    balancer.abandon();
    strictEqual(host.interfaceState("vrrp.55"), null);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "with the interface below the virtual one goes, and comes back with it; leftovers are removed",
  async () => {
    const unplugged = plug();
    const first = openHost();
    start(first);
    await until("made", () => first.interfaceState("vrrp.55") !== null);
    // Killed: nothing is taken back.
    await first.close();
    deepStrictEqual(JSON.parse(ip("-j link show vrrp.55")).length, 1);
    const second = openHost();
    const removed = ({ journal }: LoadBalancer) =>
      journal.since().some(({ code }) => code === "virtual_mac_left_behind");
    ok(removed(start(second)));
    await second.close();
    // The record of the run before names it.
    ip("link set vrrp.55 alias mine");
    const host = openHost();
    const balancer = start(host);
    ok(removed(balancer));
    deepStrictEqual(host.ownInterfaces(), ["vrrp.55"]);
    await until("master", () => state(balancer) === "master");
    ip("link delete eth0");
    await until("fault", () => state(balancer) === "fault");
    strictEqual(host.interfaceState("vrrp.55"), null);
    using tap = plug();
    await until("master again", () => state(balancer) === "master");
    await until("it speaks", () => tap.received(ETHERTYPE_IPV4).length > 0);
    strictEqual(host.interfaceState("vrrp.55")?.up, true);
    await balancer.stop();
    await host.close();
    unplugged[Symbol.dispose]();
  },
);

namespaceTest(
  import.meta.url,
  "on a macvlan, the interface below that one does not answer for the virtual address either",
  async () => {
    using _tap = plug();
    ip("link add link eth0 name mv0 type macvlan mode bridge");
    ip("link set mv0 up");
    const host = openHost();
    strictEqual(host.addInterface({ ...VIRTUAL, parent: "mv0" }), null);
    for (const name of ["mv0", "eth0"]) {
      strictEqual(await setting(name, "arp_ignore"), "1", name);
      strictEqual(await setting(name, "arp_announce"), "2", name);
    }
    strictEqual(host.removeInterface(VIRTUAL.name), null);
    for (const name of ["mv0", "eth0"]) strictEqual(await setting(name, "arp_ignore"), "0", name);
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "what another program changes of the interface of a virtual MAC address is put back: address, mode, down, gone",
  async () => {
    using _tap = plug();
    const host = openHost();
    const balancer = start(host);
    await until("master", () => state(balancer) === "master");
    const mac = () => JSON.parse(ip("-j link show vrrp.55"))[0].address;
    const before = mac();
    ip("link set vrrp.55 address 02:00:00:00:00:99");
    await until("the MAC address is back", () => mac() === before);
    ip("link set vrrp.55 type macvlan mode private");
    const mode = () => JSON.parse(ip("-j -d link show vrrp.55"))[0].linkinfo.info_data.mode;
    await until("the mode is back", () => mode() === "vepa");
    ip("link set vrrp.55 down");
    const flags = () => JSON.parse(ip("-j link show vrrp.55"))[0].flags as string[];
    await until("it is up again", () => flags().includes("UP"));
    await until("with its address", () => host.interfaceState("vrrp.55")!.addresses.length === 1);
    const former = host.interfaceState("vrrp.55")!.index;
    ip("link del vrrp.55");
    await until("it is there again, with its address", () => {
      const now = host.interfaceState("vrrp.55");
      return now?.index !== former && now?.enabled === true && now.addresses.length === 1;
    });
    strictEqual(state(balancer), "master");
    const codes = balancer.journal.since().map(({ code }) => code);
    strictEqual(codes.filter((code) => code === "virtual_mac_altered").length, 4);
    await balancer.stop();
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "an interface whose mark another program has taken away is removed, another's of the same name is not",
  async () => {
    using _tap = plug();
    const host = openHost();
    strictEqual(host.addInterface(VIRTUAL), null);
    // `ip` has no way to remove an alias, only to replace it.
    ip("link set vrrp.55 alias mine");
    deepStrictEqual(host.ownInterfaces(), []);
    strictEqual(host.removeInterface("vrrp.55"), null);
    strictEqual(host.interfaceState("vrrp.55"), null);
    strictEqual(host.addInterface(VIRTUAL), null);
    ip("link del vrrp.55");
    ip("link add vrrp.55 type veth peer name far55");
    strictEqual(host.removeInterface("vrrp.55"), null);
    ok(ip("link show vrrp.55").includes("vrrp.55"));
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "a virtual interface that the kernel refuses is an alarm, and a fault after a lease",
  async () => {
    using _tap = plug();
    ip("link add vrrp.55 type veth peer name far55");
    const host = openHost();
    const balancer = start(host);
    const failed = () =>
      balancer.journal.since().filter(({ code }) => code === "virtual_mac_failed");
    await until("fault", () => state(balancer) === "fault");
    match(failed()[0]!.message, /there is an interface vrrp\.55 already that is not vipd's/);
    const alarms = balancer.status().alarms.map(({ code }) => code);
    ok(alarms.includes("resource_refused"), alarms.join());
    await balancer.stop();
    ok(ip("link show vrrp.55").includes("far55"), "it is another's");
    await host.close();
  },
);

/** `all`, `eth0` and `vrrp.55`: their setting. */
async function set(name: ArpSetting, values: Readonly<Record<string, number>>): Promise<void> {
  for (const [device, value] of Object.entries(values)) {
    await Deno.writeTextFile(`/proc/sys/net/ipv4/conf/${device}/${name}`, String(value));
  }
}

namespaceTest(
  import.meta.url,
  "the kernel answers and asks by the setting of the interface at which a request arrives or leaves, or the greater one of all",
  async () => {
    using tap = plug();
    const host = openHost();
    strictEqual(host.addInterface(VIRTUAL), null);
    strictEqual(host.setInterfaceUp("vrrp.55", true), null);
    ip(`address add ${VIP}/24 dev vrrp.55`);
    await until("it has its address", () => host.interfaceState("vrrp.55")?.addresses.length === 1);
    await delay(50);
    const answering = async () => {
      tap.receivedFrames();
      tap.send(arpRequest(CLIENT, VIP));
      await delay(30);
      return arps(tap.receivedFrames()).filter((arp) => arp.startsWith("reply"))
        .map((arp) => arp.split(" ")[1]!);
    };
    const problems = (setting: ArpSetting) =>
      host.arpProblems("vrrp.55").filter((it) => it.setting === setting);
    for (const all of [0, 1, 2, 3, 8]) {
      for (const below of [0, 1, 2, 3, 8]) {
        await set("arp_ignore", { all, eth0: below, "vrrp.55": 1 });
        const expected = problems("arp_ignore");
        const told = await answering();
        const what = `arp_ignore all=${all} eth0=${below}: ${told.join()}`;
        strictEqual(
          told.includes(PHYSICAL_MAC),
          expected.some((it) => it.interface === "eth0"),
          what,
        );
        const silent = expected.some((it) => it.interface === "vrrp.55" && it.value === 8);
        strictEqual(told.includes(VIRTUAL_MAC), !silent, what);
      }
    }
    await set("arp_ignore", { all: 0, eth0: 1, "vrrp.55": 1 });
    for (const all of [0, 2, 3]) {
      for (const below of [0, 1, 2, 3]) {
        await set("arp_announce", { all, eth0: below });
        ip("neigh flush dev eth0");
        tap.receivedFrames();
        tap.send(echoRequest("192.168.31.98", VIP, VIRTUAL.mac));
        await until("it asks", () => {
          const [asked] = arps(tap.receivedFrames()).filter((arp) => arp.startsWith("request"));
          const inOwnName = `request ${PHYSICAL_MAC} 192.168.31.11 from ${PHYSICAL_MAC}`;
          if (asked === undefined) return false;
          const what = `arp_announce all=${all} eth0=${below}`;
          strictEqual(asked !== inOwnName, problems("arp_announce").length > 0, what);
          return true;
        });
        ip("neigh flush dev eth0");
      }
    }
    await host.close();
  },
);

namespaceTest(
  import.meta.url,
  "on the master a setting of ARP that another program changes is put back, and one of all interfaces is an alarm",
  async () => {
    using _tap = plug();
    // Reserved, and answers for all: it is not stricter than 1.
    await set("arp_ignore", { eth0: 3 });
    const host = openHost();
    const balancer = start(host);
    await until("master", () => state(balancer) === "master");
    strictEqual(await setting("eth0", "arp_ignore"), "1");
    const changed = [["vrrp.55", "arp_ignore", 0, "1"], ["eth0", "arp_announce", 1, "2"]] as const;
    for (const [device, name, value] of changed) await set(name, { [device]: value });
    await until("they are put back", () => host.arpProblems("vrrp.55").length === 0);
    for (const [device, name, , wanted] of changed) {
      strictEqual(await setting(device, name), wanted);
    }
    const messages = balancer.journal.since()
      .filter(({ code }) => code === "virtual_mac_altered").map(({ message }) => message);
    strictEqual(messages.length, 2, messages.join("\n"));
    const alarm = () => balancer.status().alarms.find(({ code }) => code === "virtual_mac_arp");
    strictEqual(alarm(), undefined);
    await set("arp_announce", { all: 3 });
    await until("the alarm", () => alarm() !== undefined);
    match(alarm()!.message, /^arp_announce of eth0 is 3: eth0 asks in the name of the virtual/);
    await set("arp_announce", { all: 0 });
    await until("it is over", () => alarm() === undefined);
    await balancer.stop();
    strictEqual(await setting("eth0", "arp_ignore"), "3", "as before");
    await host.close();
  },
);
