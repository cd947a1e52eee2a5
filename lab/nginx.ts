/**
 * nginx in the lab: as the load balancer that vipd keeps alive, and as the web servers behind it.
 *
 * @module
 */

import { LabError } from "./error.ts";
import type { LabHost } from "./host.ts";
import { type LabProcess, sendSignal } from "./process.ts";
import { family } from "./usage.ts";
import { clockMs, waitFor } from "./wait.ts";

/** nginx writes everything under the host's own /run. */
const FOLDER = "/run/nginx";

/** A web server's answer, as JSON. */
export interface Answer {
  /** The web server that answered. */
  readonly backend: string;
  /** The load balancer that forwarded the request, as the web server saw it. */
  readonly load_balancer: string;
}

/** nginx on one host: it can be killed and started again. */
export class Nginx {
  readonly host: LabHost;
  #config: string;
  #process: LabProcess | null = null;

  private constructor(host: LabHost, config: string) {
    this.host = host;
    this.#config = config;
  }

  /**
   * A reverse proxy on port 80 of every address; it spreads the requests over `backends`. It does not remember which of
   * them failed, because by default nginx ignores them for 10 s, long after a cut cable is whole again.
   */
  static async balance(host: LabHost, backends: readonly string[]): Promise<Nginx> {
    return await Nginx.#open(
      host,
      `
    upstream web {
${backends.map((address) => `        server ${address} max_fails=0;`).join("\n")}
    }
    server {
        listen 0.0.0.0:80;
        location / {
            proxy_pass http://web;
            proxy_set_header X-LB ${host.name};
            proxy_connect_timeout 500ms;
            add_header X-LB ${host.name} always;
        }
    }`,
    );
  }

  /** A web server on port 80 whose answer is an {@link Answer}. */
  static async serve(host: LabHost): Promise<Nginx> {
    return await Nginx.#open(
      host,
      `
    server {
        listen 0.0.0.0:80;
        location / {
            default_type application/json;
            return 200 '{"backend":"${host.name}","load_balancer":"$http_x_lb"}\\n';
        }
    }`,
    );
  }

  /** These blocks of `http`; one of them listens on port 80. */
  static async configured(host: LabHost, servers: string): Promise<Nginx> {
    return await Nginx.#open(host, servers);
  }

  static async #open(host: LabHost, servers: string): Promise<Nginx> {
    const nginx = new Nginx(host, configuration(servers));
    await nginx.start();
    return nginx;
  }

  /**
   * Replaces the blocks of `http` and reloads, as `nginx -s reload` does. nginx refuses a reload that narrows
   * `listen 443` to an address: the port is still taken.
   */
  async reconfigure(servers: string): Promise<void> {
    this.#config = configuration(servers);
    await this.#write();
    await this.host.run(["nginx", "-p", FOLDER, "-c", `${FOLDER}/nginx.conf`, "-s", "reload"]);
  }

  /** Starts nginx, with these blocks of `http` if there are some, and waits until it accepts connections. */
  async start(servers?: string): Promise<void> {
    if (servers !== undefined) this.#config = configuration(servers);
    await this.#write();
    const started = this.host.start("nginx", [
      ...["nginx", "-p", FOLDER, "-c", `${FOLDER}/nginx.conf`, "-e", "stderr"],
    ]);
    this.#process = started;
    await waitFor(`nginx on ${this.host.name}`, async () => {
      if (!started.running) throw new LabError(`${started.name}: ${started.lastLines.join("\n")}`);
      const listening = await this.host.run(["ss", "-Hltn", "sport = :80"]);
      return listening.stdout.trim() !== "";
    }, { timeoutMs: 10_000 });
  }

  /** Everybody may read it, as on other machines. */
  async #write(): Promise<void> {
    await this.host.write(`${FOLDER}/nginx.conf`, this.#config);
    await this.host.run(["chmod", "a+rX", FOLDER, `${FOLDER}/nginx.conf`]);
  }

  /**
   * Kills the master process and every worker, as a crash would.
   *
   * @returns when, in milliseconds since the epoch.
   */
  async crash(): Promise<number> {
    const atMs = await this.#signal("SIGKILL");
    await this.#process?.ended;
    return atMs;
  }

  /** A reload as by `nginx -s reload`: other workers, the same master process. */
  async reload(): Promise<void> {
    await this.host.run(["nginx", "-p", FOLDER, "-c", `${FOLDER}/nginx.conf`, "-s", "reload"]);
  }

  /** Lets it hang: the kernel accepts connections, nobody answers. */
  async hang(): Promise<void> {
    await this.#signal("SIGSTOP");
  }

  /** Ends {@link hang}. */
  async proceed(): Promise<void> {
    await this.#signal("SIGCONT");
  }

  async #signal(signal: Deno.Signal): Promise<number> {
    const pid = await this.#process?.pid() ?? null;
    const processes = pid === null ? [] : await family(pid);
    const atMs = clockMs();
    for (const each of processes) sendSignal(each, signal);
    return atMs;
  }
}

function configuration(servers: string): string {
  // Workers run as the master's user, because a lab without root has only that one.
  return `daemon off;
user root root;
worker_processes 1;
pid ${FOLDER}/nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path ${FOLDER}/body;
    proxy_temp_path ${FOLDER}/proxy;
    fastcgi_temp_path ${FOLDER}/fastcgi;
    uwsgi_temp_path ${FOLDER}/uwsgi;
    scgi_temp_path ${FOLDER}/scgi;
${servers}
}
`;
}
