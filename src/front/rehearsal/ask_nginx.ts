/**
 * Asks nginx once as a client of the virtual address would: handshake, request, the head of the answer. The certificate
 * is learnt, not judged, so it may have expired or be for another name.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type PeerCertificate, type TLSSocket } from "node:tls";
import { beginsWithSettings, http2Get, Http2StatusReader } from "../../http/http2.ts";
import { HttpResponseReader } from "../../http/response.ts";
import type { PlannedQuestion } from "../../rehearsal/plan.ts";
import type { ShutDown } from "../../runtime/connection.ts";
import type { RehearsedCertificate, RehearsedName } from "../../status/rehearsal.ts";

/** Limit for connection, handshake and head together. */
const LIMIT_MS = 1500;
const HEAD_OCTETS = 64 * 1024;
const USER_AGENT = "vipd-rehearsal";
/** The name for the server that takes all other names; RFC 2606 keeps it free. */
const NO_NAME = "vipd-rehearsal.invalid";

export interface AskingMachine {
  readonly shutDown: ShutDown;
  /** `ADDRESS PORT` of what listens; `null` if that is not known. */
  readonly listening: ReadonlySet<string> | null;
  /** Whether this machine has the address at this moment. */
  readonly has: (address: string) => boolean;
  /** Resolves when nginx may be asked once more. */
  readonly turn: () => Promise<void>;
}

type Answer = Pick<RehearsedName, "certificate" | "status" | "location" | "error">;

const NOTHING: Answer = { certificate: null, status: null, location: null, error: null };

/** Asks one question; never rejects. */
export async function askNginx(
  question: PlannedQuestion,
  at: string,
  machine: AskingMachine,
): Promise<RehearsedName> {
  const { name, port, tls, path, place, served } = question;
  const asked = { name, port, tls, path, at, served };
  if ("deaf" in place) return { ...asked, ...NOTHING, error: place.deaf, not_rehearsed: null };
  if ("why" in place) {
    const { absent, why } = place;
    const isDeaf = absent && machine.listening && !listensAt(absent, machine.listening);
    return isDeaf
      ? { ...asked, ...NOTHING, error: `nothing listens on ${absent.address}`, not_rehearsed: null }
      : { ...asked, ...NOTHING, not_rehearsed: why };
  }
  let exchange = new Exchange(question, place, machine);
  let { isForeign, ...answer } = await exchange.run();
  if (exchange.wantsHttp2) {
    await machine.turn();
    exchange = new Exchange(question, place, machine, new Http2StatusReader());
    ({ isForeign, ...answer } = await exchange.run());
  }
  return isForeign
    ? { ...asked, ...NOTHING, not_rehearsed: `this node does not have ${place.address} any more` }
    : { ...asked, ...answer, not_rehearsed: null };
}

/** Also for an nginx that listens on all addresses because its last reload failed. */
function listensAt(
  { address, port }: { readonly address: string; readonly port: number },
  listening: ReadonlySet<string>,
): boolean {
  const all = address.includes(":") ? "::" : "0.0.0.0";
  return [address, all].some((each) => listening.has(`${each} ${port}`));
}

class Exchange {
  readonly #question: PlannedQuestion;
  readonly #place: { readonly address: string; readonly port: number };
  readonly #machine: AskingMachine;
  readonly #done = Promise.withResolvers<string | null>();
  readonly #reader = new HttpResponseReader();
  readonly #http2: Http2StatusReader | null;
  /** Without TLS nothing is negotiated: until nginx 1.25, `listen 80 http2` answers HTTP/2 alone. */
  #wantsHttp2 = false;
  #status: number | null = null;
  #head = Buffer.alloc(0);
  #certificate: RehearsedCertificate | null = null;
  #location: string | null = null;

  constructor(
    question: PlannedQuestion,
    place: { readonly address: string; readonly port: number },
    machine: AskingMachine,
    http2: Http2StatusReader | null = null,
  ) {
    this.#question = question;
    this.#place = place;
    this.#machine = machine;
    this.#http2 = http2;
  }

  /** Whether the server has answered in HTTP/2, which it was not asked in. */
  get wantsHttp2(): boolean {
    return this.#wantsHttp2;
  }

  /** `isForeign`: the address is not this machine's any more, so the answer may be another node's. */
  async run(): Promise<Answer & { readonly isForeign: boolean }> {
    if (!this.#isHere()) return { ...NOTHING, isForeign: true };
    const socket = this.#question.tls ? this.#secured() : this.#plain();
    const timer = setTimeout(
      () => this.#done.resolve(`no answer within ${LIMIT_MS / 1000} s`),
      LIMIT_MS,
    );
    socket.on("error", (error) => this.#done.resolve(problemText(error)));
    socket.on("close", () => this.#done.resolve("it closes the connection without an answer"));
    socket.on("data", (octets: Uint8Array) => this.#take(octets));
    const error = await this.#done.promise;
    clearTimeout(timer);
    this.#end(socket);
    const answered = error === null;
    return {
      certificate: this.#certificate,
      status: answered ? this.#status : null,
      location: answered ? this.#location : null,
      error,
      isForeign: !this.#isHere(),
    };
  }

  #plain(): Socket {
    const { address: host, port } = this.#place;
    const socket = connectTcp({ host, port });
    socket.on("connect", () => this.#ask(socket));
    return socket;
  }

  #secured(): Socket {
    const { address: host, port } = this.#place;
    const { name } = this.#question;
    const servername = name === "" || isIP(name) !== 0 ? {} : { servername: name };
    const socket: TLSSocket = connectTls({ host, port, rejectUnauthorized: false, ...servername });
    socket.on("secureConnect", () => {
      this.#certificate = certificateOf(socket.getPeerCertificate());
      this.#ask(socket);
    });
    return socket;
  }

  #ask(socket: Socket): void {
    const { name, port, tls, path } = this.#question;
    if (path === null || !this.#isHere()) return this.#done.resolve(null);
    const host = name === "" ? NO_NAME : name;
    const place = port === (tls ? 443 : 80) ? host : `${host}:${port}`;
    if (this.#http2) {
      return void socket.write(http2Get({ authority: place, path, userAgent: USER_AGENT }));
    }
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${place}\r\nUser-Agent: ${USER_AGENT}\r\nAccept: */*\r\n` +
        "Connection: close\r\n\r\n",
    );
  }

  #isHere(): boolean {
    const { address } = this.#place;
    return isLoopback(address) || this.#machine.has(address);
  }

  #take(octets: Uint8Array): void {
    try {
      if (this.#http2) this.#takeHttp2(this.#http2, octets);
      else this.#takeHttp1(octets);
    } catch (error) {
      this.#done.resolve(problemText(error as Error));
    }
  }

  #takeHttp2(reader: Http2StatusReader, octets: Uint8Array): void {
    if (this.#status !== null) return;
    this.#status = reader.push(octets);
    if (this.#status !== null) this.#done.resolve(null);
  }

  #takeHttp1(octets: Uint8Array): void {
    if (this.#reader.headComplete) return;
    this.#head = Buffer.concat([this.#head, octets]);
    if (!this.#question.tls) {
      const isHttp2 = beginsWithSettings(this.#head);
      this.#wantsHttp2 = isHttp2 === true;
      if (isHttp2) return this.#done.resolve(null);
      if (isHttp2 === null) return;
    }
    for (let rest = octets; rest.length > 0 && !this.#reader.headComplete;) {
      rest = this.#reader.push(rest).rest;
    }
    if (this.#head.length > HEAD_OCTETS) return this.#done.resolve("its head does not end");
    if (!this.#reader.headComplete) return;
    this.#status = this.#reader.status;
    this.#location = locationOf(this.#head.toString("latin1"));
    this.#done.resolve(null);
  }

  /** The runtime alone does not release a socket within its handshake. */
  #end(socket: Socket): void {
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    if (localAddress && localPort && remoteAddress && remotePort) {
      this.#machine.shutDown({
        localAddr: { transport: "tcp", hostname: localAddress, port: localPort },
        remoteAddr: { transport: "tcp", hostname: remoteAddress, port: remotePort },
      });
    }
    socket.on("error", () => {});
    socket.destroy();
  }
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

function certificateOf(certificate: PeerCertificate): RehearsedCertificate | null {
  const { valid_to: expires, subject, issuer, subjectaltname = "", fingerprint256 } = certificate;
  const expiresMs = Date.parse(expires ?? "");
  if (Number.isNaN(expiresMs)) return null;
  const names = Array.from(
    subjectaltname.matchAll(/(?:DNS|IP Address):([^,\s]+)/g),
    ([, name]) => name!,
  );
  return {
    names: names.length > 0 ? names : [subject?.CN ?? []].flat(),
    issuer: [issuer?.CN ?? issuer?.O ?? ""].flat().join(", "),
    expires: new Date(expiresMs).toISOString(),
    fingerprint: fingerprint256 ?? "",
  };
}

/** Without its query, which may hold what differs each time. */
function locationOf(head: string): string | null {
  const value = /^location:[ \t]*([^\r\n]*)/im.exec(head.split("\r\n\r\n").at(0) ?? "")?.[1];
  return value === undefined ? null : value.replace(/[?#].*$/, "").slice(0, 1000);
}

function problemText(error: Error & { readonly code?: string }): string {
  if (error.code === "ECONNREFUSED") return "connection refused";
  return (error.message || String(error.code ?? "no connection")).slice(0, 200);
}
