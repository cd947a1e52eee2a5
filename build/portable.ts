/**
 * The portable executable: a shell script, the runtime and the bundled program in one file that unpacks itself.
 *
 * @module
 */

import { VERSION } from "../src/version.ts";
import { sha256Hex } from "./checksums.ts";
import { permissionOptions } from "./permissions.ts";
import { BuildError } from "./process.ts";
import { ENGINE_OPTION } from "./runtime.ts";

type Octets = Uint8Array<ArrayBuffer>;

const TEMPLATE = new URL("portable.sh", import.meta.url);
/** The script with all its values has room in this; the rest is filled with line ends. */
const HEADER_OCTETS = 8192;

/** With what the runtime runs the program. */
export const PORTABLE_OPTIONS: readonly string[] = [
  ...["--no-config", "--no-lock", "--no-remote", "--no-npm", ENGINE_OPTION],
  ...permissionOptions(),
];

/** The files that become one. */
export interface Parts {
  /** Path of the Deno executable for the target. */
  readonly runtime: string;
  /** Path of the bundled program. */
  readonly program: string;
}

/** Writes the executable. */
export async function writePortable(parts: Parts, output: string): Promise<void> {
  const [runtime, program] = await Promise.all([
    Deno.readFile(parts.runtime),
    Deno.readFile(parts.program),
  ]);
  const [packedRuntime, packedProgram] = await Promise.all([gzip(runtime), gzip(program)]);
  const payload = new Uint8Array(await new Blob([packedRuntime, packedProgram]).arrayBuffer());
  const digests = {
    RUNTIME_SHA256: await sha256Hex(runtime),
    PROGRAM_SHA256: await sha256Hex(program),
    PAYLOAD_SHA256: await sha256Hex(payload),
  };
  const header = fill(await Deno.readTextFile(TEMPLATE), {
    VERSION,
    // Both contents, so that no other build is ever found in its place.
    ID: `${VERSION}-${digests.PAYLOAD_SHA256.slice(0, 32)}`,
    HEADER_SIZE: String(HEADER_OCTETS),
    RUNTIME_SIZE: String(packedRuntime.length),
    UNPACKED_MIB: String(Math.ceil((runtime.length + program.length) / 2 ** 20)),
    OPTIONS: PORTABLE_OPTIONS.join(" "),
    ...digests,
  });
  await Deno.writeFile(output, new Uint8Array(await new Blob([header, payload]).arrayBuffer()));
  await Deno.chmod(output, 0o755);
}

function fill(template: string, values: Readonly<Record<string, string>>): Octets {
  const text = template.replaceAll(/@([A-Z0-9_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new BuildError(`portable.sh: @${name}@ has no value`);
    return value;
  });
  const script = new TextEncoder().encode(text);
  if (script.length > HEADER_OCTETS) {
    throw new BuildError(`portable.sh is longer than ${HEADER_OCTETS} octets`);
  }
  const header = new Uint8Array(HEADER_OCTETS).fill("\n".charCodeAt(0));
  header.set(script);
  return header;
}

async function gzip(octets: Octets): Promise<Octets> {
  const packed = new Blob([octets]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
