/** A real nginx on loopback, with certificates of its own. */

import { waitFor } from "../../../lab/wait.ts";
import { machineFiles } from "./proc_files.ts";

export interface RealNginx extends AsyncDisposable {
  readonly config: string;
  readonly folder: string;
  readonly pid: number;
  /** Sends a signal of nginx's: `reload`, `quit`. */
  signal(name: string): Promise<void>;
}

/** Makes `NAME.pem` and `NAME.key` in a folder. */
export async function makeCertificate(
  folder: string,
  name: string,
  names: string,
  days: number,
): Promise<void> {
  // A certificate that has expired is one of the past: openssl takes no negative number of days everywhere.
  const end = new Date(Date.now() + days * 86_400_000);
  const stamp = (date: Date) => date.toISOString().replace(/[-:T]/g, "").slice(0, 14) + "Z";
  const key = `${folder}/${name}.key`;
  await must(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key]);
  const config = `${folder}/${name}.cnf`;
  await Deno.writeTextFile(`${folder}/index.txt`, "");
  await Deno.writeTextFile(
    config,
    `[ca]\ndefault_ca=a\n[a]\ndatabase=${folder}/index.txt\nnew_certs_dir=${folder}\nrand_serial=yes\n` +
      `default_md=sha256\npolicy=p\nx509_extensions=e\nunique_subject=no\n[p]\ncommonName=supplied\n` +
      `[e]\nsubjectAltName=${names}\n[req]\ndistinguished_name=d\n[d]\n`,
  );
  const request = `${folder}/${name}.csr`;
  await must([
    ...["openssl", "req", "-new", "-key", key, "-config", config],
    ...["-subj", "/CN=Test of vipd", "-out", request],
  ]);
  const start = new Date(Math.min(Date.now(), end.getTime()) - 86_400_000);
  await must([
    ...["openssl", "ca", "-batch", "-selfsign", "-config", config, "-keyfile", key, "-in", request],
    ...["-startdate", stamp(start), "-enddate", stamp(end), "-notext", "-out"],
    `${folder}/${name}.pem`,
  ]);
}

async function must(command: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command[0]!, { args: command.slice(1) })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Starts nginx with these blocks of `http`, in a folder that ends with it. */
export async function startNginx(folder: string, http: string): Promise<RealNginx> {
  const config = `${folder}/nginx.conf`;
  await Deno.writeTextFile(
    config,
    `pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 2;
events { }
http { access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p;
fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
${http}
}
`,
  );
  const args = ["-p", folder, "-c", config];
  await must(["nginx", ...args]);
  await waitFor("nginx", async () => (await readPid(folder)) !== null, { timeoutMs: 5000 });
  const pid = (await readPid(folder))!;
  return {
    ...{ config, folder, pid },
    signal: (name) => must(["nginx", ...args, "-s", name]),
    [Symbol.asyncDispose]: async () => {
      Deno.kill(pid, "SIGTERM");
      const gone = () => Promise.resolve(!machineFiles.processes().includes(pid));
      await waitFor("the end of nginx", gone, { timeoutMs: 5000 });
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function readPid(folder: string): Promise<number | null> {
  const text = await Deno.readTextFile(`${folder}/nginx.pid`).catch(() => "");
  return /^\d+\n$/.test(text) ? Number(text) : null;
}

/** Ports that nobody has at this moment. */
export function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => (addr as Deno.NetAddr).port);
  for (const listener of listeners) listener.close();
  return ports;
}
