/**
 * The output of other programs for `vipd doctor`: packet filters and nginx.
 *
 * @module
 */

import type { FilterFacts, Listener, NginxFacts } from "../../doctor/facts.ts";
import { listenersIn } from "../../nginx/listen.ts";

/** A program that hangs counts as missing, in milliseconds. */
const LIMIT_MS = 5000;
/** Administrators' programs are not in every user's path. */
const FOLDERS = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

export interface ProgramOutput {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program, by its name or its path; `null` if it is not installed. */
export async function programOutput(
  name: string,
  args: readonly string[],
): Promise<ProgramOutput | null> {
  const path = name.startsWith("/") ? name : await placeOf(name);
  if (path === null) return null;
  const signal = AbortSignal.timeout(LIMIT_MS);
  const command = new Deno.Command(path, { args: [...args], stdin: "null", signal });
  try {
    const { success, stdout, stderr } = await command.output();
    const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
    return { ok: success, stdout: text(stdout), stderr: text(stderr) };
  } catch (error) {
    return { ok: false, stdout: "", stderr: String(error) };
  }
}

async function placeOf(name: string): Promise<string | null> {
  for (const folder of FOLDERS) {
    const found = await Deno.stat(`${folder}/${name}`).then((it) => it.isFile).catch(() => false);
    if (found) return `${folder}/${name}`;
  }
  return null;
}

/** The rules of every packet filter that is installed; the kernel runs the legacy rules next to nft's. */
export async function filterFacts(): Promise<FilterFacts[]> {
  const nft = await programOutput("nft", ["-j", "list", "ruleset"]);
  const found: FilterFacts[] = [];
  if (nft) found.push({ tool: "nft", program: "nft", text: nft.ok ? nft.stdout : null });
  for (const tool of ["iptables", "ip6tables"] as const) {
    const saved = await programOutput(`${tool}-save`, []);
    const usesNft = saved?.stdout.includes("nf_tables") ?? false;
    // nft has listed these rules already.
    if (saved && !(nft?.ok && usesNft)) {
      found.push({ tool, program: tool, text: saved.ok ? saved.stdout : null });
    }
    const legacy = usesNft ? await programOutput(`${tool}-legacy-save`, []) : null;
    if (legacy?.ok && legacy.stdout !== "") {
      found.push({ tool, program: `${tool}-legacy`, text: legacy.stdout });
    }
  }
  return found;
}

/** nginx's own verdict on its configuration; `null` if it is not installed. */
export async function nginxFacts(running: boolean): Promise<NginxFacts | null> {
  const test = await programOutput("nginx", ["-T"]);
  if (!test) return null;
  const listens: readonly Listener[] = listenersIn(test.stdout);
  // nginx reads its certificates' keys and makes its pid file, which only root may.
  const isDenied = !test.ok && Deno.uid() !== 0 && /Permission denied/.test(test.stderr);
  return {
    running,
    test: isDenied ? null : { ok: test.ok, said: test.stderr.trim() },
    listens,
  };
}
