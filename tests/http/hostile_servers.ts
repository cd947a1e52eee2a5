/**
 * Starts the hostile servers of `fixtures/hostile_server.ts` and knows their ports.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { lines } from "../../lab/process.ts";
import type { AnswerName } from "./hostile_answers.ts";

const SERVER = fileURLToPath(new URL("fixtures/hostile_server.ts", import.meta.url));
const tlsFile = (name: string) => fileURLToPath(new URL(`../health/tls/${name}`, import.meta.url));

/** For www.example.org, signed by nobody. */
export const CERTIFICATE = tlsFile("certificate.pem");

export class HostileServers implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #ports: Readonly<Record<string, number>>;

  private constructor(process: Deno.ChildProcess, ports: Readonly<Record<string, number>>) {
    this.#process = process;
    this.#ports = ports;
  }

  static async start(): Promise<HostileServers> {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "--no-check", SERVER, CERTIFICATE, tlsFile("key.pem")],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const output = lines(process.stdout);
    const { value } = await output.next();
    await output.return(undefined);
    return new HostileServers(process, JSON.parse(value ?? "{}"));
  }

  /** The port of the server with this answer; with `tls:` before it the same behind TLS. */
  port(answer: AnswerName | `tls:${AnswerName}` | "neverReads"): number {
    const port = this.#ports[answer];
    if (port === undefined) throw new Error(`There is no hostile server ${answer}`);
    return port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
  }
}
