/**
 * Two nodes run, and their API is asked everything: what is answered, with status and headers.
 *
 * @module
 */

import { Lab, type LabPlan } from "../../../lab/network.ts";
import { PAIR_PLAN } from "../../../lab/pair_config.ts";
import { Vipd } from "../../../lab/vipd.ts";
import { waitFor } from "../../../lab/wait.ts";
import {
  guesses,
  oddRequests,
  openCalls,
  order,
  READ_TOKEN,
  readTokenCalls,
  refusedBodies,
  remoteCalls,
  stream,
  TOKEN,
} from "./api_calls.ts";
import { type Answers, type Call, type CallGroup, makeCalls } from "./http.ts";

const TOKEN_FILE = "/run/lab/token";
const READ_TOKEN_FILE = "/run/lab/read_token";
const WAIT = { timeoutMs: 20_000, everyMs: 100 };
/** So many priorities are set, each with two entries, that the journal does not keep the first entry. */
const MANY_ORDERS = 600;
/** An idle stream has a comment every 15 seconds; what the start still brings may come within the first ten. */
const IDLE_STREAM_MS = 26_000;
const MAX_STREAMS = 32;

const LB01 = `node: lb01
api:
  listen: ["127.0.0.1:9112", "unix:/run/vipd/api.sock", "192.168.31.11:9112"]
  allow_plaintext: true
  token_file: ${TOKEN_FILE}
peers:
  - { name: lb02, url: "http://192.168.31.12:9112", token_file: ${TOKEN_FILE} }
checks:
  there: { type: process, process: cat, interval: 1s }
  missing: { type: process, process: not-there, interval: 1s }
instances:
  - name: VI_1
    interface: eth1
    vrid: 55
    version: 3
    advert_interval: 500ms
    priority: 150
    addresses: [{ address: 192.168.31.5/24, label: "eth1:1" }, 192.168.31.6/24]
    track: [{ check: there }, { check: missing, weight: -10 }]
  - { name: VI_2, interface: eth9, vrid: 56, addresses: [10.8.0.5/24] }
  - { name: VI_3, interface: eth2, vrid: 57, priority: 100, addresses: [10.9.0.7/24] }
`;

const LB02 = `node: lb02
api:
  listen: ["127.0.0.1:9112", "192.168.31.12:9112"]
  allow_plaintext: true
  token_file: ${TOKEN_FILE}
instances:
  - name: VI_1
    interface: eth1
    vrid: 55
    version: 3
    advert_interval: 500ms
    priority: 100
    addresses: [192.168.31.5/24, 192.168.31.6/24]
`;

const VI_1 = "/v1/instances/VI_1";
const VI_3 = "/v1/instances/VI_3";

/** Nobody hears lb01 on its second interface. */
const PLAN = {
  ...PAIR_PLAN,
  lb01: { ...PAIR_PLAN.lb01, eth2: { network: "lonely", addresses: ["10.9.0.11/24"] } },
} as const satisfies LabPlan;

class ApiWalk {
  readonly answers: Answers = new Map();
  readonly #lb01: Vipd;
  readonly #lb02: Vipd;
  readonly #version: string;

  constructor(lab: Lab, binary: string | undefined, version: string) {
    this.#lb01 = new Vipd(lab.host("lb01"), { config: LB01, binary, tokenFile: TOKEN_FILE });
    this.#lb02 = new Vipd(lab.host("lb02"), { config: LB02, binary, tokenFile: TOKEN_FILE });
    this.#version = version;
  }

  async walk(): Promise<void> {
    await this.#start();
    const lastId = (await this.#lb02.events()).at(-1)?.id ?? 0;
    const ready = { name: "GET /readyz, a node without faults", method: "GET", target: "/readyz" };
    await Promise.all([
      this.#ask([...openCalls(), ...remoteCalls(), ...refusedBodies(), ...oddRequests()]),
      // Meanwhile nothing happens on lb02.
      this.#ask([[ready, stream("idle", lastId, IDLE_STREAM_MS)]], this.#lb02.host),
    ]);
    await this.#orders();
    await this.#streams();
    await this.#reloads();
    await this.#tokens();
  }

  async #start(): Promise<void> {
    for (const vipd of [this.#lb01, this.#lb02]) {
      await vipd.host.write(TOKEN_FILE, `${TOKEN}\n`);
      await vipd.host.write(READ_TOKEN_FILE, `${READ_TOKEN}\n`);
    }
    await this.#lb01.start();
    await this.#until("lb01 to be master", this.#isMaster("VI_1", "VI_3"));
    await this.#lb02.start();
    await this.#until(
      "the checks to know",
      async () => (await this.#lb01.status())?.checks.every(({ state }) => state !== "unknown"),
    );
    await this.#until("lb01 to see that lb02 hears it", this.#isSeenWith(140));
  }

  async #orders(): Promise<void> {
    const master = this.#isMaster("VI_1");
    await this.#ask([
      [order("POST", `${VI_1}/promote`, "by its master")],
      [order("POST", `${VI_1}/release`, "after a promote")],
      [order("POST", `${VI_1}/promote`, "for a while", '{"for":"10m"}')],
      [order("GET", VI_1, "promoted for a while")],
      [order("POST", `${VI_1}/release`, "with a body", "{}")],
      [order("PUT", `${VI_1}/priority`, "of 130", '{"priority":130}')],
      [order("GET", VI_1, "with a manual priority")],
      [order("DELETE", `${VI_1}/priority`, "back to 150")],
      [order("POST", `${VI_1}/release`, "of nothing")],
      [order("POST", `${VI_1}/demote`, "to lb02")],
      [order("GET", VI_1, "demoted")],
      [order("POST", `${VI_1}/release`, "after a demote")],
    ]);
    await this.#until("lb01 to be master again", master);
    await this.#ask([
      [order("POST", "/v1/instances/VI_2/promote", "in fault")],
      [order("POST", "/v1/instances/VI_2/demote", "in fault")],
      [order("POST", "/v1/instances/VI_2/release", "in fault")],
      [order("POST", "/v1/instances/VI_9/promote", "an unknown instance")],
      [order("POST", "/v1/instances/a%2Fb%20c/promote", "an odd name")],
      [order("POST", `${VI_3}/demote`, "without another node")],
      [
        order("POST", `${VI_3}/demote`, "superseded"),
        delayed(order("POST", `${VI_3}/promote`, "while a demote runs")),
      ],
      [order("POST", `${VI_3}/release`, "at the end")],
    ]);
    await this.#lb02.setPriority("VI_1", 254);
    await this.#until("lb01 to follow lb02", async () => {
      const instance = (await this.#lb01.status())?.instances.find(({ name }) => name === "VI_1");
      return instance?.state === "backup" && instance.master?.priority === 254;
    });
    await this.#ask([[order("POST", `${VI_1}/promote`, "against a priority of 254")]]);
    await this.#lb02.send("VI_1", "release");
    await this.#until("lb01 to be master at last", master);
    await this.#until("lb01 to see that lb02 hears it again", this.#isSeenWith(140));
    // Its verdict comes a moment later and is news of a stream; 0.1.0 gives none.
    await this.#until("the pair to be protected again", async () => {
      const instance = (await this.#lb01.status())?.instances.find(({ name }) => name === "VI_1");
      return instance !== undefined && (instance.pair?.verdict ?? "protected") === "protected";
    });
  }

  async #streams(): Promise<void> {
    const id = (await this.#lb01.events()).at(-1)?.id ?? 0;
    const put = order("PUT", `${VI_1}/priority`, "during a stream", '{"priority":140}');
    await this.#ask([[stream("from an id", id, 2500), delayed(put)]]);
    await this.#ask([[stream("from Last-Event-ID", 0, 500, id)]]);
    const full = Array.from({ length: MAX_STREAMS }, () => ({ ...stream("", id, 3000), name: "" }));
    await this.#ask([[...full, delayed(stream("one too many", id, 3000))]]);
    const many = Array.from({ length: MANY_ORDERS }, (_, index) => {
      const body = `{"priority":${index % 2 === 0 ? 141 : 142}}`;
      return [{ ...order("PUT", `${VI_1}/priority`, "", body), name: "" }];
    });
    await this.#ask(many);
    await this.#ask([
      [stream("with a gap", 1, 1000)],
      [order("DELETE", `${VI_1}/priority`, "after many orders")],
    ]);
    await this.#until("lb01 to see that lb02 hears its own priority", this.#isSeenWith(140));
  }

  async #reloads(): Promise<void> {
    const reload = (what: string) => this.#ask([[order("POST", "/v1/reload", what)]]);
    const file = "/run/lab/vipd.yaml";
    await reload("unchanged");
    await this.#lb01.host.write(
      file,
      LB01.replace("priority: 150", "priorty: 150").replace("57", "570"),
    );
    await reload("with mistakes");
    await this.#ask([[order("GET", "/v1/status", "after a refused reload")]]);
    await this.#lb01.host.write(file, `${LB01}start_delay: 5s\n`);
    await reload("that needs a restart");
    const readToken = `  read_token_file: ${READ_TOKEN_FILE}\n  token_file`;
    await this.#lb01.host.write(
      file,
      LB01.replace("  token_file", readToken).replace(
        "priority: 150",
        "announce: { delay: 1s }\n    priority: 150",
      ),
    );
    await reload("with changes");
    await this.#ask(readTokenCalls());
  }

  async #tokens(): Promise<void> {
    await this.#lb01.host.run(["rm", TOKEN_FILE]);
    await this.#ask([[order("POST", "/v1/reload", "without a token file")]]);
    await this.#lb01.host.write(TOKEN_FILE, `${TOKEN}\n`);
    await this.#ask(guesses());
  }

  async #ask(groups: readonly CallGroup[], host = this.#lb01.host): Promise<void> {
    await makeCalls(host, groups, this.#version, this.answers);
  }

  #isMaster(...names: readonly string[]): () => Promise<boolean> {
    return async () => {
      const instances = (await this.#lb01.status())?.instances ?? [];
      const masters = instances.filter(({ state }) => state === "master").map(({ name }) => name);
      return names.every((name) => masters.includes(name));
    };
  }

  /** What lb02 says of lb01 is asked once a second. */
  #isSeenWith(priority: number): () => Promise<boolean> {
    return async () => {
      const seen = (await this.#lb01.status())?.peers[0]?.instances[0];
      return seen?.state === "backup" && seen.master?.priority === priority;
    };
  }

  async #until(what: string, look: () => Promise<boolean | undefined>): Promise<void> {
    await waitFor(what, look, { ...WAIT, explain: () => this.#lb01.lastLines.join("\n") });
  }
}

/** The same call, half a second after the others of its group. */
function delayed(call: Call): Call {
  return { ...call, delayMs: 500 };
}

/** Runs the walk with an executable, or from source without one, and returns all answers by the names of their calls. */
export async function walkApi(binary: string | undefined, version: string): Promise<Answers> {
  await using lab = await Lab.open(`frozen-api-${crypto.randomUUID()}`, PLAN);
  const walk = new ApiWalk(lab, binary, version);
  await walk.walk();
  return walk.answers;
}
