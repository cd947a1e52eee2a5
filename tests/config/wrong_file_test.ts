/** What can be wrong with the text, the keys, and the top of the file. */

import { instance, testWrong, withCheck, withInstance, withTop } from "./support.ts";

testWrong([
  ["no character at all", "", "file_empty", /nothing in the file/],
  ["only comments", "# nothing\n\n# here\n", "file_empty", /nothing in the file/],
  ["only a document's start", "---\n", "file_empty", /`vipd init` writes one/],
]);

testWrong([
  ["a tab as indentation", "instances:\n»\t- name: x\n", "yaml_syntax", /indent with spaces/],
  [
    "an unclosed bracket",
    "instances: [1\n»node: x\n",
    "yaml_syntax",
    /close every \[ and \{/,
  ],
  ["an unclosed quote", 'node: "lb01\n»', "yaml_syntax", /unclosed quote/],
  ["an unclosed brace", "{node: lb01\n»", "yaml_syntax", /unclosed quote, \[ or \{/],
  ["two keys in a line", "node: »a: b\n", "yaml_syntax", /one key a line/],
  ["a key without colon", "»node lb01\nrun_dir: /x\n", "yaml_syntax", /put a colon and a blank/],
  ["a reserved character", "node: »@lb01\n", "yaml_syntax", /in quotes/],
  ["a template that was not filled in", "node: »%NODE%\n", "yaml_syntax", /in quotes/],
  ["an unknown escape", 'node: "a»\\qb"\n', "yaml_syntax", /single quotes/],
  ["an alias without anchor", "node: »*lb\n", "yaml_syntax", /begins with \* in quotes/],
  ["a tag", `node: »!vault x\n`, "yaml_syntax", /begins with ! in quotes/],
  ["a second document", `${withInstance()}»---\nnode: x\n`, "yaml_syntax", /remove the line/],
]);

testWrong([
  [
    "a blank too few",
    withInstance("»a: 1").replace("    »", "   »"),
    "yaml_syntax",
    /with 4 blanks/,
  ],
  [
    "a blank too many",
    withInstance("a: 1", "»b: 1").replace("    »", "     »"),
    "yaml_syntax",
    /begins with 5 blanks.*with 4 blanks/,
  ],
  [
    "a blank too many in a file with an alias",
    "a: &x 1\nb: 1\n »c: *x\n",
    "yaml_syntax",
    /deeper than the line of `b`.*with no blank/,
  ],
  ["a blank too few before a dash", "a:\n  - b: 1\n »- b: 2\n", "yaml_syntax", /with 2 blanks/],
  ["blanks at the top", "a: 1\n »b: 1\nc: 1\n", "yaml_syntax", /with no blank/],
  ["an indented mark at the top", " »---\na: 1\nb: 2\nc: 3\n", "yaml_syntax", /remove it/],
  ["an indented mark in a list", "a:\n  »---\n  - b: 1\n  - b: 2\nc: 3\n", "yaml_syntax", /`---`/],
  ["an indented mark in a mapping", withInstance("»---", "a: 1"), "yaml_syntax", /`---`/],
  ["what is no YAML from here on", "a: »}\nb: 1\nc }\nd: 2\n", "yaml_syntax", /this is not YAML/],
  ["tabs on several lines", "a:\n»\tb: 1\n\tc: 1\nd: 1\n", "yaml_syntax", /indent with spaces/],
  ["a no-break space behind a colon", "a: 1\nb:»\u00a01\nc: 1\n", "yaml_syntax", /U\+00A0/],
  [
    "a no-break space in the indentation",
    withInstance("priority: 1").replace("    priority", "»\u00a0   priority"),
    "unknown_key",
    /it has a no-break space/,
  ],
]);

testWrong([
  ["a key without blank", "node»:lb01\nrun_dir: /x\n", "yaml_syntax", /after the colon of `node`/],
  ["the last key", withInstance("priority»:150"), "yaml_syntax", /the colon of `priority`/],
  ["a key of two", withInstance("priority»:1", "preempt:true"), "yaml_syntax", /`priority`/],
  ["a key behind a dash", "instances:\n  - name»:VI_1\n    vrid: 1\n", "yaml_syntax", /`name`/],
  ["a key before a brace", withTop("checks:", "  web»:{ a: b, c: d }"), "yaml_syntax", /`web`/],
  ["a check before a brace", withTop("checks:", "  »web:{ a: b }"), "invalid_name", /`web`/],
  ["the only key", withTop("api:", "  »listen:127.0.0.1:9112"), "wrong_type", /`listen`/],
  ["the only key of an entry", withInstance("track: [»check:web]"), "wrong_type", /`check`/],
  ["a key in braces", withInstance("track: [{»check:web}]"), "unknown_key", /`check`/],
  ["a type in braces", withTop("checks: { web: »{ type:tcp } }"), "missing_key", /`type`/],
  [
    "a needed key in braces",
    withTop("checks: { web: { type: tcp, »address:a:1 } }"),
    "unknown_key",
    /after the colon of `address`/,
  ],
  ["an address is no key", "a: 1\n»fd00:1::5/64\nb: 1\n", "yaml_syntax", /no `key: value`/],
  ["nor is a URL", "a: 1\n»http://a:1\nb: 1\n", "yaml_syntax", /no `key: value`/],
]);

const TWO = "192.168.31.5/24\n  ";

testWrong([
  [
    "the only dash",
    withInstance("addresses:\n  »-192.168.31.5/24"),
    "wrong_type",
    /after the dash/,
  ],
  [
    "the first dash",
    withInstance(`addresses:\n  »-${TWO}- 192.168.31.6/24`),
    "wrong_type",
    /after the dash/,
  ],
  [
    "another dash",
    withInstance(`addresses:\n  - ${TWO}»-192.168.31.6/24`),
    "yaml_syntax",
    /after the dash/,
  ],
  [
    "a dash that is too deep, too",
    withInstance(`addresses:\n  - »${TWO}  -192.168.31.6/24`),
    "invalid_address",
    /after the dash, in line with the dash above it/,
  ],
  ["the dash of a mapping", "instances:\n  »-name: VI_1\n    vrid: 1\n", "yaml_syntax", /the dash/],
  ["dashes of mappings", "instances:\n  »-name: A\n  - name: B\n", "yaml_syntax", /after the dash/],
  ["the dash of a short mapping", withInstance("track:\n  »-check: web"), "wrong_type", /the dash/],
  ["the dash of a brace", withInstance("track:\n  »-{ check: web }"), "wrong_type", /the dash/],
  ["a dash behind its key", withInstance("track: »- check: web"), "yaml_syntax", /line of its own/],
]);

testWrong([
  [
    "a dash before each key",
    "instances:\n  - name: A\n  - »interface: eth1\n  - vrid: 1\n  - addresses: [10.0.0.5/24]\n",
    "missing_key",
    /the dash before `interface`, `vrid`, `addresses`: a dash begins another entry/,
  ],
  [
    "a dash within a mapping, and one more mapping",
    "instances:\n  - name: A\n    interface: eth1\n  - »vrid: 1\n    addresses: [10.0.0.5/24]\n" +
    instance("name: B"),
    "missing_key",
    /the dash before `vrid`: /,
  ],
  [
    "two mappings that lack the same key",
    "instances:\n  - »name: A\n    interface: eth1\n    vrid: 1\n" + instance("name: B"),
    "missing_key",
    /add it: `addresses: /,
  ],
  [
    "dashes before the names of checks",
    withTop("checks:", "  »- a: { type: tcp, address: b:1 }", "  - c: { type: tcp, address: d:1 }"),
    "wrong_type",
    /write `\{ a: \{ type: tcp, address: b:1 \}, c: \{ type: tcp, address: d:1 \} \}`/,
  ],
  [
    "checks as a list of names",
    withTop("checks:", "  »- { name: a, type: tcp, address: b:1 }"),
    "wrong_type",
    /write `\{ a: \{ type: tcp, address: b:1 \} \}`/,
  ],
  [
    "a dash before the first keys",
    withTop("api:", "  »- listen: 127.0.0.1:1", "  - hosts: [a]"),
    "wrong_type",
    /write `\{ listen: 127.0.0.1:1, hosts: \[a\] \}`/,
  ],
  [
    "a number as the name of a check",
    `checks: { 01: { type: tcp, address: b:1 } }\n` + withInstance('track: [{ check: »"01" }]'),
    "unknown_check",
    /it is the number 1; put the key under `checks` in quotes: "01"/,
  ],
]);

testWrong([
  ["a key twice", withInstance("priority: 1\n»priority: 2"), "duplicate_key", /"priority"/],
  ["a key twice at the top", `node: a\n»node: b\n${withInstance()}`, "duplicate_key", /"node"/],
  [
    "a check twice",
    withTop(
      "checks:",
      "  web: { type: process, process: a }",
      "  »web: { type: process, process: b }",
    ),
    "duplicate_key",
    /keep one of the two/,
  ],
]);

testWrong([
  ["a list as file", "»- name: VI_1\n", "wrong_type", /expected a mapping.*found a list/],
  ["a text as file", "»instances\n", "wrong_type", /expected a mapping.*found "instances"/],
  ["no instances", "»node: lb01\n", "missing_key", /add it/],
  ["an empty list of instances", "instances: »[]\n", "out_of_range", /at least one/],
  ["instances without value", "»instances:\n", "wrong_type", /nothing stands here/],
  ["instances as mapping", "instances:\n  »VI_1: 1\n", "wrong_type", /expected a list/],
  ["an instance as text", "instances:\n  - »VI_1\n", "wrong_type", /write `\{ name: VI_1, /],
  ["checks as list", withTop("checks:", "  »- web"), "wrong_type", /found a list/],
]);

testWrong([
  ["a typing error at the top", withTop("»nodee: x"), "unknown_key", /did you mean `node`/],
  ["a hyphen", withTop("»run-dir: /x"), "unknown_key", /did you mean `run_dir`/],
  ["camel case", withInstance("»advertInterval: 1"), "unknown_key", /`advert_interval`/],
  ["swapped letters", withInstance("»tarck: []"), "unknown_key", /did you mean `track`/],
  [
    "nothing like it",
    withTop("»foobar: 1"),
    "unknown_key",
    /node, api, run_dir, state_dir, start_delay, process, checks/,
  ],
  ["a key of api at the top", withTop("»listen: 9112"), "unknown_key", /write it under `api`$/],
  ["a key of a check", withTop("»address: a:1"), "unknown_key", /under a name in `checks`/],
  ["its interval", withTop("»interval: 2s"), "unknown_key", /under a name in `checks`/],
  ["a key of an instance", withTop("»track: []"), "unknown_key", /an entry of `instances`/],
  ["a key of announce", withInstance("»refresh: 60s"), "unknown_key", /under `announce`/],
  ["a merge key", withTop("»<<: { node: x }"), "unknown_key", /no merge keys: write the keys/],
  [
    "a merge key that was to bring what is needed",
    withTop(
      "checks:",
      "  a: { type: tcp, address: &a a:1 }",
      "  b: { type: tcp, »<<: { address: *a } }",
    ),
    "unknown_key",
    /no merge keys/,
  ],
  ["a no-break space in a key", withTop('»"node\u00a0": x'), "unknown_key", /no-break space/],
  ["a key that is a list", withTop("»[a]: 1"), "unknown_key", /known keys here/],
  ["a key of keepalived", withInstance("»virtual_router_id: 5"), "unknown_key", /write `vrid`/],
  ["keepalived's nopreempt", withInstance("»nopreempt: 1"), "unknown_key", /`preempt: false`/],
  [
    "a key of another check",
    withCheck("type: tcp", "address: a:1", "»url: x"),
    "unknown_key",
    /http/,
  ],
  [
    "a key in an address",
    withInstance("addresses:\n  - { address: 10.0.0.5/24, »dev: eth0 }"),
    "unknown_key",
    /did you mean `device`|address, device, label/,
  ],
  ["a key in announce", withInstance("announce: { »delai: 1s }"), "unknown_key", /`delay`/],
  ["a dangerous key", withTop("»__proto__: 1"), "unknown_key", /known keys here/],
]);

testWrong([
  ["a blank in the node's name", withTop('node: »"lb 01"'), "invalid_name", /letters, digits/],
  ["a number as name", withTop("node: »01"), "wrong_type", /in quotes: "01"/],
  ["a name without value", withTop("»node:"), "wrong_type", /nothing stands here/],
  ["a relative folder", withTop("run_dir: »run/vipd"), "invalid_path", /from \/ on/],
  ["a control character in a path", withTop('run_dir: »"/a\\0b"'), "invalid_path", /control/],
  ["a relative token", withTop("api: { token_file: »token }"), "invalid_path", /absolute/],
  ["api as text", withTop("api: »localhost"), "wrong_type", /expected a mapping/],
]);

const hosts = (entry: string) => withTop(`api: { hosts: ${entry} }`);

testWrong([
  ["any host", hosts('[»"*"]'), "invalid_api_host", /name each host/],
  ["a host of any name", hosts('[»"*.example.com"]'), "invalid_api_host", /name each host/],
  ["a host as URL", hosts('[»"https://lb.example.com"]'), "invalid_api_host", /without scheme/],
  ["a host with a path", hosts('[»"lb.example.com/vipd"]'), "invalid_api_host", /without scheme/],
  ["a host with port 0", hosts('[»"lb.example.com:0"]'), "invalid_api_host", /no host name/],
  ["this machine as host", hosts('[»"localhost:9112"]'), "invalid_api_host", /this machine itself/],
  ["its address as host", hosts('[»"127.0.0.1"]'), "invalid_api_host", /this machine itself/],
]);

const listen = (entry: string) => withTop(`api: { listen: ${entry} }`);

testWrong([
  ["all addresses", listen("»0.0.0.0:9112"), "listen_not_local", /SSH tunnel/],
  ["all addresses of IPv6", listen('»"[::]:9112"'), "listen_not_local", /api\.tls/],
  ["an address of the network", listen("»192.168.1.2:80"), "listen_not_local", /allow_plaintext/],
  ["no address", listen('»":9112"'), "invalid_listen", /0\.0\.0\.0:9112/],
  ["no port", listen("»127.0.0.1"), "invalid_listen", /127\.0\.0\.1:9112/],
  ["a port alone", listen("»9112"), "wrong_type", /such as `127\.0\.0\.1:9112`/],
  ["port 0", listen("»127.0.0.1:0"), "invalid_listen", /between 1 and 65535/],
  ["port 65536", listen("»127.0.0.1:65536"), "invalid_listen", /between 1 and 65535/],
  ["a name", listen("»localhost:9112"), "invalid_listen", /write 127\.0\.0\.1:9112/],
  ["a wrong address", listen("»127.0.0.256:1"), "invalid_listen", /not an IP address/],
  ["IPv4 in brackets", listen('»"[127.0.0.1]:1"'), "invalid_listen", /not an IP address/],
  ["a relative socket", listen("»unix:api.sock"), "invalid_listen", /absolute/],
  ["a long socket path", listen(`»unix:/${"x".repeat(107)}`), "invalid_listen", /107 octets/],
  ["an empty list", listen("»[]"), "out_of_range", /at least one/],
  ["one wrong in a list", listen('["127.0.0.1:1", »"1"]'), "invalid_listen", /not an address/],
  ["twice", listen("[127.0.0.1:1, »127.0.0.1:1]"), "duplicate_listen", /already/],
]);

testWrong([
  ["two instances of one name", duplicate("name: VI_1", "vrid: 56"), "duplicate_instance", /\[0\]/],
]);

function duplicate(...lines: string[]): string {
  const marked = lines.map((line) => line.replace("VI_1", "»VI_1"));
  return `instances:\n${instance()}${instance("addresses: [10.0.0.7/24]", ...marked)}`;
}
