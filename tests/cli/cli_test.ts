import assert from "node:assert/strict";
import { EXIT } from "../../src/exit.ts";
import { capture } from "./captured_context.ts";

const OVERVIEW = `vipd keeps a virtual IP address alive on a pair of load balancers.

Examples:
  vipd init                         write the configuration of this machine
  vipd check /etc/vipd/vipd.yaml    is the configuration right?
  vipd run                          run the daemon
  vipd status                       who is master, and why?
  vipd demote --for 2h              hand over before work on this node

Commands:
  init            write the configuration and the systemd units of this machine
  pair            make this node and another one a pair whose nodes see each other
  check           check a configuration file
  run             run the daemon in the foreground
  front           serve the HTTP API for a running engine
  goodbye         end the mastership of an engine that died
  import          turn a keepalived.conf into a configuration of vipd
  status          show who is master, why, and what the checks say
  watch           show the status and what happens, live, until Ctrl-C
  events          show what happened, and follow what happens
  doctor          examine this machine, and say how to fix what is wrong
  explain         say what a code means and what to do about it
  listen          show all VRRP on the links without taking part
  promote         become master now and stay so
  demote          hand over to the other node and stay backup
  release         end a promote, demote or manual priority
  maintenance     hand everything over, and say when this node may be rebooted
  priority        set the priority, or put the configured one back
  rehearse        try out what this node's nginx would answer
  reload          read the configuration file again, without a restart
  diff            compare this node with the other one
  notify-test     send a test to those whom vipd notifies
  simulate        play a failover on virtual time, without touching the network
  support-bundle  write everything that helps to find a fault into one file
  completion      print the completion for a shell
  man             show the manual, from the executable itself
  manpage         print a man page
  version         print the version
  help            help for a command

Options of every command:
  -h, --help    help for the command
  --no-color    no colours (also: NO_COLOR in the environment); also before
                the command

Exit codes:
  0  it worked
  1  it failed; diff: a difference; status --exit-code: unprotected or worse
  2  the command line is wrong
  3  the configuration is not valid
  4  a permission, a capability or the right token is missing
  5  no vipd answers
  6  the running vipd refused the command
  7  of status --exit-code: unverified
`;

const COMMANDS = [
  ...OVERVIEW.split("Commands:\n")[1]!.split("\n\n")[0]!.matchAll(/^ {2}([\w-]+)/gm),
]
  .map((match) => match[1]!);

Deno.test("help is data, and without a command it is an error message", async () => {
  for (const argv of [["help"], ["--help"], ["-h"]]) {
    assert.deepEqual(await capture(argv), { code: EXIT.ok, out: OVERVIEW, err: "" });
  }
  assert.deepEqual(await capture([]), { code: EXIT.usage, out: "", err: OVERVIEW });
});

Deno.test("every command's help has examples before options, however it is asked for", async (t) => {
  assert.deepEqual([COMMANDS[0], COMMANDS.at(-1)], ["init", "help"]);
  for (const name of COMMANDS) {
    await t.step(name, async () => {
      const { code, out, err } = await capture(["help", name]);
      assert.deepEqual([code, err], [EXIT.ok, ""]);
      assert.ok(out.startsWith(`vipd ${name}: `));
      const options = out.indexOf("Options:");
      assert.ok(out.includes("Examples:") && (options < 0 || out.indexOf("Examples:") < options));
      assert.ok(out.split("\n").every((line) => line.length <= 80), "fits a terminal");
      assert.deepEqual(await capture([name, "--help"]), { code, out, err });
      assert.deepEqual(await capture([name, "-h"]), { code, out, err });
    });
  }
});

Deno.test("version is said in both ways", async () => {
  const want = { code: EXIT.ok, out: "vipd 0.1.0 (source)\n", err: "" };
  for (const argv of [["version"], ["--version"], ["-V"]]) {
    assert.deepEqual(await capture(argv), want);
  }
  assert.equal(JSON.parse((await capture(["version", "--json"])).out).vipd, "0.1.0");
});

Deno.test("a wrong command line ends with 2 and says what was meant", async (t) => {
  const cases: readonly [readonly string[], RegExp][] = [
    [["statsu"], /unknown command "statsu"; did you mean status\?/],
    [["Promote"], /did you mean promote\?/],
    [["frobnicate"], /unknown command "frobnicate"\n/],
    [["--json"], /unknown command "--json"/],
    [["help", "chekc"], /did you mean check\?/],
    [["help", "a", "b"], /unexpected argument "b"/],
    [["status", "--jsno"], /unknown option --jsno; did you mean --json\?/],
    [["status", "--for", "10m"], /unknown option --for/],
    [["status", "-x"], /unknown option -x/],
    [["status", "--json=yes"], /--json takes no value/],
    [["events", "extra"], /unexpected argument "extra"/],
    [["status", "--state", "backup,gone"], /--state takes fault, init, master, backup, not "gone"/],
    [["status", "--verdict", "safe"], /--verdict takes unserved, contested, .*, not "safe"/],
    [["status", "--brief", "--json"], /--brief and --json exclude each other/],
    [["status", "--brief", "--all"], /--brief and --all exclude each other/],
    [
      ["events", "--since", "1x"],
      /--since takes a time such as 90s, .* or the id of an entry, not "1x"/,
    ],
    [["--no-color", "--state"], /unknown command "--state"/],
    [["status", "--api"], /--api needs a value/],
    [["status", "--api="], /--api needs a value/],
    [["status", "--api", "ftp://x"], /no address; write http:\/\/127\.0\.0\.1:9112, https:/],
    [["status", "--api", "http://x/path"], /no address/],
    [["status", "--api", "unix:relative"], /no address/],
    [["reload", "a"], /unexpected argument "a"/],
    [["demote", "--reason", "two\nlines"], /--reason takes one line of at most 200/],
    [["demote", "--reason", "x".repeat(201)], /--reason takes one line of at most 200/],
    [["promote", "--for", "soon"], /--for soon is no duration; write 90s, 10m or 2h/],
    [["demote", "--for", "0s"], /--for 0s is no duration/],
    [["promote", "--for", "200h"], /--for takes a duration from 1ms to 168h, not 200h; write 90s,/],
    [["demote", "--for", "200h"], /--for takes a duration from 1ms to 168h, not 200h/],
    [["maintenance", "--for", "169h"], /--for takes a duration from 1ms to 168h, not 169h/],
    [["maintenance", "--for", "soon"], /--for soon is no duration; write 90s, 10m or 2h/],
    [
      ["reload", "--confirm", "200h"],
      /--confirm takes a duration from 1ms to 168h, not 200h; .* 60s/,
    ],
    [["reload", "--confirm", "soon"], /--confirm soon is no duration; write 60s or 10m/],
    [["release", "--for", "10m"], /unknown option --for/],
    [["priority"], /give a priority from 1 to 254, or --reset/],
    [["priority", "VI_1"], /"VI_1" is no priority/],
    [["priority", "0"], /"0" is no priority/],
    [["priority", "VI_1", "255"], /"255" is no priority/],
    [["priority", "VI_1", "1e2"], /"1e2" is no priority/],
    [["priority", "VI_1", "120", "--reset"], /exclude each other/],
    [["run", "--log-level", "loud"], /takes error, warning, notice, info, debug, not "loud"/],
    [["run", "--log-format", "xml"], /takes text, systemd, json, not "xml"/],
    [["run", "extra"], /unexpected argument "extra"/],
    [
      ["run", "/a/vipd.yaml"],
      /unexpected argument "[^"]*"; did you mean --config \/a\/vipd\.yaml\?/,
    ],
    [["reload", "my vipd.yml"], /; did you mean --config 'my vipd\.yml'\?$/m],
    [["doctor", "-"], /; did you mean --config -\?$/m],
    [["listen", "/a/vipd.yaml"], /unexpected argument "[^"]*"$/m],
    [["check", "a", "b.yaml"], /unexpected argument "b\.yaml"$/m],
    [["check", "a", "--config", "b"], /two files to check, a and b: name one; --peer names the/],
    [["listen", "--for", "0s"], /--for 0s is no duration; write 10s, 5m or 1h/],
    [["listen", "eth1"], /unexpected argument "eth1"/],
    [["simulate", "carsh"], /there is no scenario "carsh"; did you mean crash\?/],
    [["simulate", "--nodes", "1"], /--nodes takes a whole number from 2 to 9, not "1"/],
    [["simulate", "--seed", "x"], /--seed takes a whole number from 0 to 4294967295, not "x"/],
    [["simulate", "--loss", "1"], /--loss takes a number from 0 to 0\.9, not "1"/],
    [["version", "now"], /unexpected argument "now"/],
    [["status", "--constructor"], /unknown option --constructor/],
    [["constructor"], /unknown command "constructor"/],
  ];
  for (const [argv, message] of cases) {
    await t.step(argv.join(" "), async () => {
      const { code, out, err } = await capture([...argv]);
      assert.deepEqual([code, out], [EXIT.usage, ""]);
      assert.match(err, message);
      const [name = ""] = argv.filter((word) => word !== "--no-color");
      const named = COMMANDS.includes(name) && name !== "help" ? ` ${name}` : "";
      assert.match(err, /^vipd: [^\n]*\n[^\n]*\n$/);
      assert.equal(err.split("\n")[1], `See vipd help${named}.`);
    });
  }
});

Deno.test("an option of every command may stand before the command", async () => {
  const behind = await capture(["version", "--no-color"]);
  assert.deepEqual(await capture(["--no-color", "version"]), behind);
  assert.equal(behind.code, EXIT.ok);
});
