import assert from "node:assert/strict";
import { join } from "node:path";
import { DaemonUnreachableError } from "../../../src/api/client_errors.ts";
import { parseTarget } from "../../../src/api/exchange.ts";
import { receivers, requireTokenReceiver } from "../../../src/cli/target/token_receiver.ts";
import { CliError, EXIT } from "../../../src/exit.ts";
import { TOKEN } from "../../front/fake_backend.ts";
import { capture, exampleConfig, inFolder } from "../captured_context.ts";
import { withDaemonApi } from "../fake_daemon_api.ts";

const NOBODY = 65534;

Deno.test("of several sockets on a port those that get the connection are looked at", () => {
  const socket = (address: string, uid: number, port = 9112) => ({ address, uid, port });
  const cases = [
    ["the only one", [socket("127.0.0.1", 5)], "127.0.0.1", [5]],
    ["one bound to all addresses", [socket("0.0.0.0", 5)], "127.0.0.1", [5]],
    [
      "the one bound to the address goes before",
      [socket("0.0.0.0", 5), socket("127.0.0.1", 6)],
      "127.0.0.1",
      [6],
    ],
    [
      "of IPv4 and IPv6 bound to all, either",
      [socket("0.0.0.0", 5), socket("::", 6)],
      "127.0.0.1",
      [5, 6],
    ],
    ["another address", [socket("127.0.0.2", 5)], "127.0.0.1", []],
    ["another port", [socket("127.0.0.1", 5, 9113)], "127.0.0.1", []],
    ["IPv6", [socket("::1", 5), socket("127.0.0.1", 6)], "::1", [5]],
  ] as const;
  for (const [name, sockets, address, uids] of cases) {
    const found = receivers(sockets, address, 9112).map(({ uid }) => uid);
    assert.deepEqual(found, uids, name);
  }
});

Deno.test("a node of peers that is asked without encryption gets no token, and is named with what helps there", async () => {
  const target = parseTarget("http://192.168.31.12:9112")!;
  await assert.rejects(
    requireTokenReceiver(target, "/", "lb02"),
    /^CliError: reading lb02 .* token, and http.*12:9112, its url in `peers`, is not encrypted, .*: vipd pair on both nodes .*: ssh lb02 vipd /,
  );
});

Deno.test("a token goes to a unix socket, to https and to vipd on loopback, and nowhere else", async (t) => {
  await withDaemonApi(async ({ api }) => {
    const { port } = new URL(api);
    for (const target of ["unix:/run/vipd/api.sock", "https://lb02:9112", api]) {
      await t.step(target.replace(port, "PORT"), async () => {
        await requireTokenReceiver(parseTarget(target)!, "/nonexistent");
      });
    }
    for (
      const target of [
        "http://lb02:9112",
        "http://192.168.31.12:9112",
        "http://[2001:db8::1]:9112",
        "http://127.example:9112",
      ]
    ) {
      await t.step(target, async () => {
        await assert.rejects(requireTokenReceiver(parseTarget(target)!, "/"), (error) => {
          assert.ok(error instanceof CliError);
          assert.equal(error.exitCode, EXIT.notPermitted);
          const host = new URL(target).hostname;
          assert.ok(error.message.startsWith(`${target} is not encrypted, so no token is sent`));
          assert.ok(error.message.includes(`--api https://${host}:9112 --ca-file`));
          return true;
        });
      });
    }
    await t.step("nobody listens", async () => {
      const target = parseTarget("http://127.0.0.1:1")!;
      await assert.rejects(requireTokenReceiver(target, "/"), DaemonUnreachableError);
    });
  });
});

interface Foreigner {
  /** Where it listens. */
  readonly api: string;
  /** Everything that anybody has sent to it, once it has ended. */
  end(): Promise<string>;
}

/** A listener of another user: answers each request with 401, as a vipd whose reading needs a token. */
async function listenAs(uid: number): Promise<Foreigner> {
  const script = `
    use IO::Socket::INET;
    my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1") or die;
    $| = 1;
    print $server->sockport, "\\n";
    while (my $client = $server->accept) {
      while (my $line = <$client>) { print $line; last if $line eq "\\r\\n"; }
      my $body = '{"status":401,"code":"token_missing","detail":"show your token"}';
      print $client "HTTP/1.1 401 x\\r\\nconnection: close\\r\\ncontent-length: ", length $body,
        "\\r\\n\\r\\n$body";
      close $client;
    }`;
  const child = new Deno.Command("/usr/bin/perl", {
    args: ["-e", script],
    uid,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) text += (await reader.read()).value ?? assert.fail("it has ended");
  const [port, ...rest] = text.split("\n");
  return {
    api: `http://127.0.0.1:${port}`,
    async end() {
      child.kill();
      let heard = rest.join("\n");
      for (let { done, value } = await reader.read(); !done;) {
        heard += value;
        ({ done, value } = await reader.read());
      }
      await child.status;
      return heard;
    },
  };
}

/** Gives `act` a listener of another user and the options that lead to it; no token may come to it. */
async function withForeigner(
  act: (foreigner: Foreigner, folder: string, options: string[]) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const foreigner = await listenAs(NOBODY);
    try {
      const config = join(folder, "vipd.yaml");
      const listen = foreigner.api.replace("http://", "");
      await Deno.writeTextFile(config, exampleConfig(folder, listen));
      await Deno.writeTextFile(join(folder, "token"), `${TOKEN}\n`, { mode: 0o600 });
      await act(foreigner, folder, ["--config", config]);
    } finally {
      const heard = await foreigner.end();
      assert.match(heard, /HTTP\/1\.1/, "it was asked");
      assert.doesNotMatch(heard, new RegExp(`authorization|${TOKEN}`, "i"));
    }
  });
}

// Only root starts a process as another user.
const ignore = Deno.uid() !== 0;

Deno.test({
  name: "another user who has the port gets no token, neither of a reader nor of an order",
  ignore,
  fn: async () => {
    await withForeigner(async ({ api }, _folder, options) => {
      for (const command of ["status", "promote", "reload", "events"]) {
        const { code, out, err } = await capture([command, ...options]);
        assert.deepEqual([code, out], [EXIT.notPermitted, ""], command);
        assert.match(
          err,
          new RegExp(
            `^vipd: user nobody \\(uid ${NOBODY}\\) listens on ${api}, not vipd, so no token`,
          ),
        );
        assert.match(err, /ss -ltnp 'sport = :\d+'.*(systemctl status|the log of) vipd.front/);
      }
    });
  },
});

Deno.test({
  name: "a front's user is known by its folder in the run directory, but not by a link there",
  ignore,
  fn: async () => {
    await withForeigner(async ({ api }, folder) => {
      const target = parseTarget(api)!;
      const front = join(folder, "front");
      const real = join(folder, "of-somebody");
      await Deno.mkdir(real);
      await Deno.chown(real, NOBODY, null);
      await Deno.symlink(real, front);
      await assert.rejects(requireTokenReceiver(target, folder), CliError);
      await Deno.remove(front);
      await Deno.rename(real, front);
      await requireTokenReceiver(target, folder);
      await Deno.remove(front);
      await assert.rejects(requireTokenReceiver(target, folder), CliError);
      await Deno.chown(folder, NOBODY, null);
      await requireTokenReceiver(target, folder);
      await fetch(api).then((response) => response.body?.cancel());
    });
  },
});
