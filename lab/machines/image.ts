/**
 * The disk that every guest begins with. The lab makes it once, in a minute or two, and keeps it in the user's cache.
 *
 * @module
 */

import { join } from "node:path";
import { LabError } from "../error.ts";
import { ensurePackages } from "../packages.ts";
import { DISK_SIZE, PACKAGES, recipeId, SETUP, SUITE } from "./recipe.ts";

/** The mirror of Debian if apt does not know one. */
const DEBIAN = "http://deb.debian.org/debian";

/** The lab removes images that nobody has used for this long, in milliseconds. */
const UNUSED_MS = 30 * 24 * 3_600_000;

/** Paths of a guest's parts. */
export interface Image {
  /** A raw disk that guests only read. */
  readonly disk: string;
  readonly kernel: string;
  /** The private key for ssh to root. */
  readonly key: string;
}

/**
 * The image for this recipe. Needs root to make one.
 *
 * @param say gets a line before each long step
 * @throws {LabError} If it cannot be made; the message says why.
 */
export async function machineImage(say: (line: string) => void): Promise<Image> {
  await ensurePackages(
    ["debootstrap", "mkfs.ext4", "qemu-img", "qemu-system-x86_64", "ssh"],
    say,
  );
  const folder = join(cacheFolder(), await recipeId());
  const image = {
    disk: join(folder, "disk"),
    kernel: join(folder, "kernel"),
    key: join(folder, "key"),
  };
  if (!await isFile(image.disk)) {
    say(`Making the machines' disk, Debian ${SUITE}, in ${folder}`);
    await make(folder);
    await removeUnused();
  }
  // Marks the image as used now.
  await Deno.utime(folder, new Date(), new Date());
  return image;
}

function cacheFolder(): string {
  const home = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/root", ".cache");
  return join(home, "vipd-machines");
}

/** Makes an image next to its place and moves it there as a whole. */
async function make(folder: string): Promise<void> {
  if (Deno.uid() !== 0) throw new LabError("Making the machines' disk needs root");
  const work = `${folder}.new-${crypto.randomUUID().slice(0, 8)}`;
  const at = (name: string) => join(work, name);
  const root = at("root");
  try {
    await Deno.mkdir(work, { recursive: true });
    const options = ["--variant=minbase", `--include=${PACKAGES.join(",")}`];
    await run("debootstrap", ...options, SUITE, root, await mirror());
    await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", at("key"));
    const key = await Deno.readTextFile(at("key.pub"));
    await run("chroot", root, "sh", "-c", SETUP, "sh", key.trim());
    await run("cp", "--dereference", join(root, "vmlinuz"), at("kernel"));
    await run("mkfs.ext4", "-q", "-d", root, at("disk"), DISK_SIZE);
    await Deno.remove(root, { recursive: true });
    // Another process may have made one at the same time.
    await Deno.rename(work, folder).catch(async (error) => {
      if (!await isFile(join(folder, "disk"))) throw error;
    });
  } finally {
    await Deno.remove(work, { recursive: true }).catch(() => {});
  }
}

/** The mirror that this machine's apt uses for Debian. */
async function mirror(): Promise<string> {
  const args = ["indextargets", "--format", "$(REPO_URI)", "Origin: Debian", "Component: main"];
  const { stdout } = await new Deno.Command("apt-get", { args, stderr: "null" }).output();
  const known = new TextDecoder().decode(stdout).split("\n");
  return known.find((uri) => uri !== "" && !uri.includes("security")) ?? DEBIAN;
}

async function removeUnused(): Promise<void> {
  for await (const { name } of Deno.readDir(cacheFolder())) {
    const path = join(cacheFolder(), name);
    const usedMs = (await Deno.stat(path)).mtime?.getTime() ?? 0;
    if (Date.now() - usedMs > UNUSED_MS) await Deno.remove(path, { recursive: true });
  }
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" })
    .output();
  if (code === 0) return;
  const said = [stdout, stderr].map((octets) => new TextDecoder().decode(octets)).join("").trim();
  throw new LabError(
    `${program} ended with ${code} while the machines' disk was made:\n${
      said.split("\n").slice(-20).join("\n")
    }`,
  );
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
