import { serversOf } from "../../../src/nginx/servers.ts";
import { parseText } from "../../../src/nginx/syntax.ts";
import { plan } from "../../../src/rehearsal/plan.ts";
import { mutateText } from "../mutate_text.ts";
import { fuzzTarget, must } from "../target.ts";

const CORPUS = [
  `http {
  ssl_certificate /etc/ssl/a.pem;
  server { listen 443 ssl http2 default_server; listen [::]:443 ssl; server_name a.test *.b.test ~^x\\d+$; }
  server { listen 192.0.2.5:80; server_name .c.test mail.*; location ~ "^/\\d{2}/" { return 301 https://$host; } }
}
stream { server { listen 3306-3308; proxy_pass db; } }
`,
  `# comment
http { server { set_by_lua_block $x { if "}" == '{' then return [[ } ]] end } listen unix:/run/x; }
  map $a \${b}c { default 'd "e"'; } include sites/*; }
`,
];

const PIECES = [
  ...["{", "}", ";", '"', "'", "\\", "${", "#", "\n", "--", "[[", "]=]", "listen ", "server {"],
  ...["server_name ", "~(", "*.", "ssl ", "-65535", "x_by_lua_block {", "ssl_protocols TLSv1;"],
];

export const NGINX = fuzzTarget<string>({
  name: "nginx",
  title: "nginx.conf: directives at lines that exist, and a plan to ask for what they say",
  reaches: ["directives", "a problem", "questions"],
  shortInputs: 5000,
  make: (random) => mutateText(CORPUS, PIECES, random),
  check(text) {
    const { directives, problem } = parseText(text, "f");
    const lines = text.split("\n").length;
    if (problem !== null) must(problem.line >= 1 && problem.line <= lines, "a line that exists");
    const servers = serversOf(directives, "/etc/nginx");
    const { questions } = plan({
      ...{
        servers,
        incomplete: problem !== null,
        except: [],
        names: ["a.test"],
        paths: ["/"],
        others: [],
      },
      own: { addresses: ["127.0.0.1", "192.0.2.11"], virtual: ["192.0.2.5"] },
      listening: null,
    });
    for (const { name, port, place } of questions) {
      must(!/[^a-z0-9._-]/.test(name), "a name of a host");
      must(port >= 1 && port <= 65535, "a port");
      must(!("address" in place) || place.address !== "192.0.2.5", "an address of this node");
    }
    return problem !== null ? "a problem" : questions.length > 1 ? "questions" : "directives";
  },
  show: (text) => JSON.stringify(text),
});
