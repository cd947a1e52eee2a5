/**
 * `deno task deb`: makes a Debian package of an executable that was built.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { packagedText, SERVICE_UNITS } from "../src/daemon/service/unit.ts";
import { VERSION } from "../src/version.ts";
import { writeChecksums } from "./checksums.ts";
import { controlText, DEBIAN_CHANGELOG, MAINTAINER_SCRIPTS, SYSUSERS } from "./deb_control.ts";
import { BuildError, runDeno, runProgram } from "./process.ts";

const HELP = `Makes dist/vipd_${VERSION}_amd64.deb of dist/vipd (deno task compile).

  deno task deb
  deno task deb --binary dist/portable/vipd --output /tmp
  deno task deb --binary arm/vipd --architecture arm64
`;

const ROOT = resolve(import.meta.dirname!, "..");
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

async function packageOf(binary: string, architecture: string, folder: string): Promise<string> {
  const root = await Deno.makeTempDir({ dir: folder, prefix: ".deb-" });
  try {
    // The package's folders are everybody's to read.
    await Deno.chmod(root, 0o755);
    const installed = await fillTree(root, binary);
    await Deno.mkdir(join(root, "DEBIAN"), { mode: 0o755 });
    const sizeKib = Math.ceil(installed.reduce((sum, { octets }) => sum + octets, 0) / 1024);
    await put(root, "DEBIAN/control", controlText({ architecture, sizeKib }));
    for (const [name, text] of Object.entries(MAINTAINER_SCRIPTS)) {
      await put(root, `DEBIAN/${name}`, text, 0o755);
    }
    const sums = await runProgram("md5sum", installed.map(({ path }) => path), { cwd: root });
    await put(root, "DEBIAN/md5sums", sums.stdout);
    const file = join(folder, `vipd_${VERSION}_${architecture}.deb`);
    const build = ["--root-owner-group", "-Zgzip", "--build", root, file];
    const { code, stderr } = await runProgram("dpkg-deb", build);
    if (code !== 0) throw new BuildError(`dpkg-deb: ${stderr.trim()}`);
    return file;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

interface Installed {
  readonly path: string;
  readonly octets: number;
}

async function fillTree(root: string, binary: string): Promise<Installed[]> {
  // From source: the executable may be for another processor.
  const vipd = async (...args: string[]) => {
    const { code, stdout, stderr } = await runDeno(["run", "--quiet", "-P", "main.ts", ...args]);
    if (code !== 0) throw new BuildError(`vipd ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const source = (path: string) => Deno.readTextFile(join(ROOT, path));
  const page = async (...args: string[]) => gzip(await vipd("manpage", ...args));
  const files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {
    ...Object.fromEntries(
      SERVICE_UNITS.map((unit) => [`usr/lib/systemd/system/${unit.name}`, packagedText(unit)]),
    ),
    "usr/lib/sysusers.d/vipd.conf": SYSUSERS,
    "usr/share/man/man8/vipd.8.gz": await page(),
    "usr/share/man/man5/vipd.yaml.5.gz": await page("vipd.yaml"),
    "usr/share/bash-completion/completions/vipd": await vipd("completion", "bash"),
    "usr/share/zsh/vendor-completions/_vipd": await vipd("completion", "zsh"),
    "usr/share/fish/vendor_completions.d/vipd.fish": await vipd("completion", "fish"),
    "usr/share/doc/vipd/copyright": await source("LICENSE"),
    "usr/share/doc/vipd/changelog.gz": gzip(DEBIAN_CHANGELOG),
    "usr/share/doc/vipd/NEWS.md.gz": gzip(await source("CHANGELOG.md")),
    "usr/share/doc/vipd/examples/lb01.yaml": await source("config/lb01.yaml"),
    "usr/share/doc/vipd/examples/lb02.yaml": await source("config/lb02.yaml"),
    "usr/share/doc/vipd/examples/vipd.schema.json": await source("config/vipd.schema.json"),
  };
  for (const [path, content] of Object.entries(files)) await put(root, path, content);
  await put(root, "usr/bin/vipd", await Deno.readFile(binary), 0o755);
  await Deno.mkdir(join(root, "etc/vipd"), { recursive: true, mode: 0o755 });
  const paths = [...Object.keys(files), "usr/bin/vipd"].sort();
  return await Promise.all(
    paths.map(async (path) => ({ path, octets: (await Deno.stat(join(root, path))).size })),
  );
}

async function put(
  root: string,
  path: string,
  content: string | Uint8Array<ArrayBuffer>,
  mode = 0o644,
): Promise<void> {
  const octets = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const file = join(root, path);
  await Deno.mkdir(dirname(file), { recursive: true, mode: 0o755 });
  await Deno.writeFile(file, octets);
  await Deno.chmod(file, mode);
}

function gzip(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(text, { level: 9 }));
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

const { values } = parseArgs({
  args: Deno.args,
  options: {
    help: { type: "boolean", short: "h" },
    binary: { type: "string", default: join(ROOT, "dist/vipd") },
    output: { type: "string", default: join(ROOT, "dist") },
    architecture: { type: "string", default: ARCHITECTURES[Deno.build.arch] ?? "" },
  },
});
if (values.help) {
  say(HELP.trimEnd());
} else {
  try {
    await Deno.mkdir(values.output, { recursive: true });
    const file = await packageOf(values.binary, values.architecture, resolve(values.output));
    await writeChecksums(resolve(values.output));
    say(file);
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound;
    if (!(error instanceof BuildError) && !missing) throw error;
    const hint = missing ? "; make the executable first: deno task compile" : "";
    Deno.stderr.writeSync(new TextEncoder().encode(`${error.message}${hint}\n`));
    Deno.exit(1);
  }
}
