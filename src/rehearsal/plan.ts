/**
 * The questions of a node to its own nginx: every name that either node's nginx serves on the virtual addresses.
 *
 * @module
 */

import type { NginxListen } from "../nginx/listen.ts";
import { isHostName, matchesName, type ServerName } from "../nginx/server_name.ts";
import type { NginxServer } from "../nginx/servers.ts";
import { guessedPlace, type OwnAddresses, type Place, Places } from "./place.ts";
import { noServerText } from "./silence.ts";

/** A question is the same on both nodes if all of this is. */
export interface Question {
  /** Empty for the server that takes all other names. */
  readonly name: string;
  readonly port: number;
  readonly tls: boolean;
  /** `null`: a connection without HTTP. */
  readonly path: string | null;
}

export interface PlannedQuestion extends Question {
  readonly place: Place;
  /** Whether a server of this node has the name; `null` if its files do not say. */
  readonly served: boolean | null;
}

export interface PlanFacts {
  /** `null`: the files of nginx are not known. */
  readonly servers: readonly NginxServer[] | null;
  /** Files are missing in `servers`. */
  readonly incomplete: boolean;
  /** The files of `servers` of which nginx has loaded another text, or nothing. */
  readonly unsure?: ReadonlySet<string>;
  readonly own: OwnAddresses;
  /** `ADDRESS PORT` of all that listens on this machine; `null` if that is not known. */
  readonly listening: ReadonlySet<string> | null;
  /** `rehearse.names`: a name, or name and port. */
  readonly names: readonly string[];
  /** `rehearse.except`: names of this node alone, or such a name and port. */
  readonly except: readonly string[];
  readonly paths: readonly string[];
  /** The questions that the other nodes asked because their files have the names. */
  readonly others: readonly Question[];
}

/** Stands for the asterisk of a wildcard name. */
export const WILDCARD_LABEL = "vipd-rehearsal";
/** No node has more; a rehearsal of so many takes a hundred seconds. */
const MAX_QUESTIONS = 5000;
/** Why the rest is not asked. */
export const TOO_MANY = `vipd asks ${MAX_QUESTIONS} questions at most`;
const TLS_PORT = 443;
/** Versions that vipd speaks. */
const SPOKEN = ["TLSv1.2", "TLSv1.3"];

/** Whether a question that another node names can be asked as it stands. */
export function isAskable({ name, path }: Question, paths: readonly string[]): boolean {
  return (name === "" || isHostName(name)) && (path === null || paths.includes(path));
}

export function keyOf({ name, port, tls, path }: Question): string {
  return `${name} ${port} ${tls} ${path}`;
}

export interface Plan {
  readonly questions: readonly PlannedQuestion[];
  /** False if there are more than are asked. */
  readonly whole: boolean;
}

/** All questions, each once; those of this node's own files first. */
export function plan(facts: PlanFacts): Plan {
  const planner = new Planner(facts);
  const planned = new Map<string, PlannedQuestion>();
  for (const question of planner.questions()) {
    const key = keyOf(question);
    if (planned.has(key) || planner.isExcepted(question)) continue;
    if (planned.size >= MAX_QUESTIONS) return { questions: [...planned.values()], whole: false };
    planned.set(key, question);
  }
  return { questions: [...planned.values()], whole: true };
}

interface Served {
  readonly server: NginxServer;
  readonly listen: NginxListen;
}

class Planner {
  readonly #facts: PlanFacts;
  readonly #places: Places;
  readonly #served: readonly Served[];
  readonly #except: ReadonlySet<string>;
  /** The ports of `#byPort` on which all names are this node's alone. */
  readonly #ownPorts: ReadonlySet<string>;
  /** For each port, so that ten thousand names are not compared with ten thousand servers each. */
  readonly #byPort: ReadonlyMap<string, PortNames>;

  constructor(facts: PlanFacts) {
    const servers = facts.servers ?? [];
    this.#facts = facts;
    this.#places = new Places(servers, facts.own);
    const all = servers.flatMap((server) => server.listens.map((listen) => ({ server, listen })));
    this.#served = [
      ...all.filter(({ listen }) => this.#places.isVirtual(listen)),
      // Behind the others, so that none of these is taken for the default of a virtual address.
      ...all.filter(({ listen }) => this.#places.mayBeVirtual(listen))
        .map(({ server, listen }) => ({ server, listen: { ...listen, defaultServer: false } })),
    ];
    this.#byPort = portNames(this.#served);
    this.#except = new Set(facts.except);
    const kept = this.#served.filter(({ server: { names }, listen }) =>
      names.length === 0 ||
      names.some(({ kind, text }) => kind !== "exact" || !this.#excepts(text, listen.port))
    );
    this.#ownPorts = new Set(this.#byPort.keys())
      .difference(new Set(kept.map(({ listen }) => portKey(listen))));
  }

  /** Whether the other node need not serve the name. */
  isExcepted(question: Question): boolean {
    const { name, port } = question;
    return name === "" ? this.#ownPorts.has(portKey(question)) : this.#excepts(name, port);
  }

  #excepts(name: string, port: number): boolean {
    return this.#except.has(name) || this.#except.has(`${name}:${port}`);
  }

  *questions(): Generator<PlannedQuestion> {
    for (const served of this.#served) yield* this.#ofServer(served);
    for (const name of this.#facts.names) yield* this.#configured(name);
    for (const question of this.#facts.others) yield this.#asked(question);
  }

  *#ofServer(served: Served): Generator<PlannedQuestion> {
    const { server, listen } = served;
    const { port, tls } = listen;
    const asked = server.names.flatMap((name) => askedName(name, this.#facts.names));
    const names = this.#byPort.get(portKey(listen))?.fallback === served ? ["", ...asked] : asked;
    const place = this.#place(served);
    const paths = server.kind === "http" ? this.#facts.paths : [null];
    const has = this.#has(server);
    for (const name of names) {
      for (const path of paths) yield { name, port, tls, path, place, served: has };
    }
  }

  *#configured(written: string): Generator<PlannedQuestion> {
    const [name = "", port = `${TLS_PORT}`] = written.split(":");
    const question = { name, port: Number(port), tls: Number(port) !== 80 };
    for (const path of this.#facts.paths) yield this.#asked({ ...question, path });
  }

  /** A question about a name that this node's files need not have. */
  #asked(question: Question): PlannedQuestion {
    const names = this.#byPort.get(portKey(question));
    const found = question.name === "" ? names?.fallback : names?.find(question.name);
    if (found) return { ...question, place: this.#place(found), served: this.#has(found.server) };
    const { servers, incomplete, unsure } = this.#facts;
    const isUnknown = servers === null || incomplete || (unsure?.size ?? 0) > 0;
    const served = isUnknown ? null : false;
    if (names) {
      const { fallback } = names;
      // Whatever is behind it has the name, or not.
      const behind = fallback.server.preread ? null : served;
      return { ...question, place: this.#place(fallback), served: behind };
    }
    const { port } = question;
    const place = isUnknown
      ? guessedPlace(port, this.#facts.own, this.#facts.listening)
      : { deaf: noServerText(port) };
    return { ...question, place, served };
  }

  /** Whether the running nginx has the server; `null` if that is not known. */
  #has({ file }: NginxServer): true | null {
    return this.#facts.unsure?.has(file) ? null : true;
  }

  #place({ server, listen }: Served): Place {
    const { protocols } = server;
    if (listen.tls && protocols.length > 0 && !SPOKEN.some((it) => protocols.includes(it))) {
      return {
        why:
          `it speaks ${protocols.join(" and ")} only, which vipd cannot speak: with TLSv1.2 in ` +
          "ssl_protocols it can be asked, and a name under rehearse.except on both nodes is left out",
      };
    }
    return this.#places.of(server, listen);
  }
}

/** The names of one port, as nginx looks for them: exact ones first. */
class PortNames {
  readonly #exact = new Map<string, Served>();
  readonly #patterns: { readonly name: ServerName; readonly served: Served }[] = [];
  fallback: Served;

  constructor(first: Served) {
    this.fallback = first;
  }

  add(served: Served): void {
    if (served.listen.defaultServer && !this.fallback.listen.defaultServer) this.fallback = served;
    for (const name of served.server.names) {
      if (name.kind !== "exact") this.#patterns.push({ name, served });
      else if (!this.#exact.has(name.text)) this.#exact.set(name.text, served);
    }
  }

  find(asked: string): Served | null {
    return this.#exact.get(asked) ??
      this.#patterns.find(({ name }) => matchesName(name, asked))?.served ?? null;
  }
}

function portNames(all: readonly Served[]): Map<string, PortNames> {
  const result = new Map<string, PortNames>();
  for (const served of all) {
    const { listen, server: { preread } } = served;
    for (const key of [portKey(listen), ...(preread ? [portKey({ ...listen, tls: true })] : [])]) {
      const names = result.get(key) ?? new PortNames(served);
      names.add(served);
      result.set(key, names);
    }
  }
  return result;
}

function portKey({ port, tls }: Pick<Question, "port" | "tls">): string {
  return `${port} ${tls}`;
}

/** A name of the pattern; for a regular expression those that the configuration gives. */
function askedName(name: ServerName, configured: readonly string[]): string[] {
  switch (name.kind) {
    case "exact":
      return [name.text];
    case "suffix":
      return [`${WILDCARD_LABEL}${name.text}`];
    case "prefix":
      return [`${name.text}${WILDCARD_LABEL}.invalid`];
    case "regex":
      return configured.map((each) => each.split(":")[0]!).filter((each) =>
        matchesName(name, each)
      );
  }
}

/** The regular expressions of these servers that none of the names fits: what they serve is not known. */
export function unknownExpressions(
  servers: readonly NginxServer[],
  asked: readonly string[],
): string[] {
  const names = Array.from(new Set(asked));
  const expressions = servers.flatMap((server) => server.names).filter(({ kind }) =>
    kind === "regex"
  );
  const written = new Set<string>();
  for (const name of expressions) {
    if (!names.some((each) => matchesName(name, each))) written.add(name.written);
  }
  return Array.from(written);
}

/** The places of the servers that forward by a name of which their files need not say anything. */
export function prereadPlaces(servers: readonly NginxServer[]): string[] {
  return servers.flatMap(({ preread, file, line }) => preread ? [`${file}:${line}`] : []);
}
