import assert from "node:assert/strict";
import {
  inReadingOrder,
  placeFor,
  SYSCTL_CONF,
  SYSCTL_FILE,
} from "../../src/doctor/sysctl_files.ts";
import { programRemedy, sysctlRemedy, withSysctls } from "../../src/doctor/fix.ts";

const OWN = { own: SYSCTL_FILE };
const LATE = { own: "/etc/sysctl.d/99-zz-vipd.conf" };

Deno.test("a setting replaces its own line, in whatever form, and no other", () => {
  const cases: [text: string, settings: Record<string, string>, want: string][] = [
    ["", { "net.ipv4.ip_nonlocal_bind": "1" }, "net.ipv4.ip_nonlocal_bind = 1\n"],
    [
      "# ours\nvm.swappiness=10\n\n",
      { "net.ipv4.ip_nonlocal_bind": "1" },
      "# ours\nvm.swappiness=10\nnet.ipv4.ip_nonlocal_bind = 1\n",
    ],
    [
      "net.ipv4.conf.all.rp_filter = 1\nnet/ipv4/conf/all/arp_ignore=0\n-net.ipv4.x=1",
      {
        "net.ipv4.conf.all.arp_ignore": "1",
        "net.ipv4.conf.all.rp_filter": "2",
        "net.ipv4.x": "2",
      },
      "net.ipv4.conf.all.arp_ignore = 1\nnet.ipv4.conf.all.rp_filter = 2\nnet.ipv4.x = 2\n",
    ],
    [
      "net.core.somaxconn = 4096net.ipv4.ip_nonlocal_bind = 1\n",
      { "net.ipv4.ip_nonlocal_bind": "1" },
      "net.core.somaxconn = 4096\nnet.ipv4.ip_nonlocal_bind = 1\n",
    ],
    [
      "# a = 1net.ipv4.x = 0\nkernel.y=1net.ipv4.xx = 0\nkernel.z=1 net/ipv4/x=0",
      { "net.ipv4.x": "1" },
      "# a = 1net.ipv4.x = 0\nkernel.y=1net.ipv4.xx = 0\nkernel.z=1 \nnet.ipv4.x = 1\n",
    ],
    [
      "net/ipv4/conf/eth1.100/arp_ignore = 8\nnet.ipv4.conf.eth1.arp_ignore = 8\n",
      { "net.ipv4.conf.eth1/100.arp_ignore": "0" },
      "net.ipv4.conf.eth1.arp_ignore = 8\nnet.ipv4.conf.eth1/100.arp_ignore = 0\n",
    ],
  ];
  for (const [text, settings, want] of cases) assert.equal(withSysctls(text, settings), want);
});

Deno.test("a remedy's command does what its fix does", () => {
  const sysctl = sysctlRemedy({ "net.ipv4.a": "1", "net.ipv4.b": "2" }, []);
  assert.match(
    sysctl.command,
    /^printf '%s\\n' '' 'net\.ipv4\.a = 1' 'net\.ipv4\.b = 2' >> \S+ && sysctl -p \S+$/,
  );
  const programs = programRemedy(["chown", "7", "/t"], ["chmod", "600", "/t"]);
  assert.equal(programs.command, "chown 7 /t && chmod 600 /t");
});

Deno.test("a remedy that is typed changes no line of the file, also of one without a newline at its end", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/60-vipd.conf`;
    const { command } = sysctlRemedy({ "net.ipv4.a": "1", "net.ipv4.b": "2" }, []);
    const [set] = command.split(" && ");
    for (const before of [null, "", "# ours\n", "net.core.somaxconn = 4096"]) {
      if (before === null) await Deno.remove(file).catch(() => {});
      else await Deno.writeTextFile(file, before);
      const args = ["-c", set!.replace(SYSCTL_FILE, file)];
      assert.ok((await new Deno.Command("sh", { args }).output()).success, set);
      const lines = (await Deno.readTextFile(file)).split("\n").filter((line) => line !== "");
      assert.deepEqual(lines, [
        ...before ? [before.trim()] : [],
        ...["net.ipv4.a = 1", "net.ipv4.b = 2"],
      ]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a setting goes where it has the last word, whatever folder the others are in", () => {
  const wanted = { "net.ipv4.ip_nonlocal_bind": "1" };
  const cases: [name: string, text: string, place: object][] = [
    ["/usr/lib/sysctl.d/50-default.conf", "net.ipv4.ip_nonlocal_bind = 0", OWN],
    ["/etc/sysctl.d/70-site.conf", "net/ipv4/ip_nonlocal_bind=1", OWN],
    ["/etc/sysctl.d/70-site.conf", "# net.ipv4.ip_nonlocal_bind=0\nvm.swappiness=0", OWN],
    ["/usr/lib/sysctl.d/70-late.conf", "net.ipv4.ip_nonlocal_bind=0", LATE],
    ["/usr/lib/sysctl.d/60-vipd.conf", "net.ipv4.ip_nonlocal_bind=0", LATE],
    ["/run/sysctl.d/99-sysctl.conf", "-net/ipv4/ip_nonlocal_bind = 0", LATE],
    [
      "/etc/sysctl.d/zz-last.conf",
      "net.ipv4.ip_nonlocal_bind=0",
      { own: "/etc/sysctl.d/zzzz-vipd.conf" },
    ],
    [SYSCTL_CONF, "net.ipv4.ip_nonlocal_bind=0", { overriddenBy: SYSCTL_CONF }],
    ["/etc/sysctl.d/zzzzz.conf", "net.ipv4.ip_nonlocal_bind=0", {
      overriddenBy: "/etc/sysctl.d/zzzzz.conf",
    }],
  ];
  for (const [path, text, place] of cases) {
    assert.deepEqual(placeFor(wanted, [{ path, text }]), place, path);
  }
  const own = { path: SYSCTL_FILE, text: "net.ipv4.ip_nonlocal_bind=0" };
  assert.deepEqual(placeFor(wanted, [own]), OWN, "its own line is replaced");
  assert.deepEqual(
    inReadingOrder(["/etc/sysctl.d/b.conf", "/run/sysctl.d/a.conf", "/usr/lib/sysctl.d/b.conf"]),
    ["/run/sysctl.d/a.conf", "/etc/sysctl.d/b.conf"],
  );
  assert.deepEqual(inReadingOrder(["/a/c.conf", "/z/b.conf"]), ["/z/b.conf", "/a/c.conf"]);
});

Deno.test("where somebody else's file has the last word, the command takes it there, and --fix does not", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/sysctl.conf`;
    const text = "net.ipv4.x = 1\nnet/ipv4/ip_nonlocal_bind=0\n# end\n";
    const real = `${folder}/real.conf`;
    await Deno.writeTextFile(real, text);
    await Deno.symlink(real, file);
    const { command, fix } = sysctlRemedy({ "net.ipv4.ip_nonlocal_bind": "1" }, [
      { path: SYSCTL_CONF, text },
    ]);
    assert.equal(fix, undefined);
    const [edit, set] = command.split(" && ");
    assert.match(set!, /^printf .* >> \/etc\/sysctl\.d\/60-vipd\.conf$/);
    const args = ["-c", edit!.replace(SYSCTL_CONF, file)];
    assert.ok((await new Deno.Command("sh", { args }).output()).success, edit);
    assert.equal(
      await Deno.readTextFile(file),
      "net.ipv4.x = 1\n# net/ipv4/ip_nonlocal_bind=0\n# end\n",
    );
    assert.equal(await Deno.readLink(file), real, "a link stays one");
    assert.equal(await Deno.readTextFile(`${real}.before-vipd`), text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
