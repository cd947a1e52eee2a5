/**
 * Asks nginx once as a client of the virtual address would: handshake, request, the head of the answer. The certificate
 * is learnt, not judged, so it may have expired or be for another name.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type PeerCertificate, type TLSSocket } from "node:tls";
import { HttpResponseReader } from "../../http/response.ts";
import type { PlannedQuestion } from "../../rehearsal/plan.ts";
import { lateText, nothingListensText, silenceText } from "../../rehearsal/silence.ts";
import type { ShutDown } from "../../runtime/connection.ts";
import type { RehearsedCertificate, RehearsedName } from "../../status/rehearsal.ts";
import { formatIp } from "../../wire/address.ts";

/** Limit for connection, handshake and head together. */
const LIMIT_MS = 1500;
const HEAD_OCTETS = 64 * 1024;
/** A server of HTTP/2 begins with a frame of its settings; its type is behind the length, RFC 9113 section 4.1. */
const SETTINGS = { type: 4, at: 3 } as const;
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
      ? { ...asked, ...NOTHING, error: nothingListensText(absent.address), not_rehearsed: null }
      : { ...asked, ...NOTHING, not_rehearsed: why };
  }
  let exchange = new Exchange(question, place, machine);
  let { isForeign, ...answer } = await exchange.run();
  if (exchange.wantsHttp2) {
    await machine.turn();
    exchange = new Exchange(question, place, machine, "HTTP/2");
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
  readonly #protocol: "HTTP/1.1" | "HTTP/2";
  #session: ClientHttp2Session | null = null;
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
    protocol: "HTTP/1.1" | "HTTP/2" = "HTTP/1.1",
  ) {
    this.#question = question;
    this.#place = place;
    this.#machine = machine;
    this.#protocol = protocol;
  }

  /** Whether the server has answered in HTTP/2, which it was not asked in. */
  get wantsHttp2(): boolean {
    return this.#wantsHttp2;
  }

  /** `isForeign`: the address is not this machine's any more, so the answer may be another node's. */
  async run(): Promise<Answer & { readonly isForeign: boolean }> {
    if (!this.#isHere()) return { ...NOTHING, isForeign: true };
    const socket = this.#question.tls ? this.#secured() : this.#plain();
    const timer = setTimeout(() => this.#fail(lateText(LIMIT_MS)), LIMIT_MS);
    socket.on("error", (error) => this.#fail(problemText(error)));
    socket.on("close", () => this.#fail("it closes the connection without an answer"));
    if (this.#protocol === "HTTP/1.1") {
      socket.on("data", (octets: Uint8Array) => this.#take(octets));
    }
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

  /** A server that has sent its status has answered, whatever it does then. */
  #fail(why: string): void {
    this.#done.resolve(this.#status === null ? why : null);
  }

  #plain(): Socket {
    const { address: host, port } = this.#place;
    const socket = connectTcp({ host, port });
    // The client of HTTP/2 waits for the connection itself.
    if (this.#protocol === "HTTP/2") this.#ask(socket);
    else socket.on("connect", () => this.#ask(socket));
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
    if (this.#protocol === "HTTP/2") return this.#askHttp2(socket, place, path);
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${place}\r\nUser-Agent: ${USER_AGENT}\r\nAccept: */*\r\n` +
        "Connection: close\r\n\r\n",
    );
  }

  #isHere(): boolean {
    const { address } = this.#place;
    return isLoopback(address) || this.#machine.has(address);
  }

  #askHttp2(socket: Socket, authority: string, path: string): void {
    const fail = (error: Error) => this.#fail(problemText(error));
    surviveBodies();
    try {
      this.#session = connectHttp2(`http://${authority}`, { createConnection: () => socket });
      this.#session.on("error", fail);
      const request = this.#session.request({
        ":path": path,
        "user-agent": USER_AGENT,
        accept: "*/*",
      });
      request.on("error", fail);
      request.on("response", (fields) => {
        this.#status = fields[":status"] ?? null;
        this.#location = fields.location === undefined ? null : targetOf(fields.location);
        // Only its end releases it in the runtime's line 2.6.
        request.resume();
      });
      request.on("end", () => this.#done.resolve(null));
    } catch (error) {
      fail(error as Error);
    }
  }

  #take(octets: Uint8Array): void {
    if (this.#reader.headComplete) return;
    this.#head = Buffer.concat([this.#head, octets]);
    if (!this.#question.tls && this.#head[0] === 0) {
      if (this.#head.length <= SETTINGS.at) return;
      this.#wantsHttp2 = this.#head[SETTINGS.at] === SETTINGS.type;
      if (this.#wantsHttp2) return this.#done.resolve(null);
    }
    try {
      for (let rest = octets; rest.length > 0 && !this.#reader.headComplete;) {
        rest = this.#reader.push(rest).rest;
      }
    } catch (error) {
      return this.#done.resolve(problemText(error as Error));
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
    this.#session?.destroy();
    socket.destroy();
  }
}

let survivesBodies = false;

/**
 * The runtime's line 2.6 reads the body of an answer in HTTP/2 by a promise that nobody has: a connection that closes
 * within the body would end the process.
 */
function surviveBodies(): void {
  if (survivesBodies) return;
  survivesBodies = true;
  globalThis.addEventListener("unhandledrejection", (event) => {
    const { reason } = event;
    if (reason instanceof Error && /node:http2/.test(reason.stack ?? "")) event.preventDefault();
  });
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

function certificateOf(certificate: PeerCertificate): RehearsedCertificate | null {
  const { valid_to: expires, subject, issuer, subjectaltname = "", fingerprint256 } = certificate;
  const expiresMs = Date.parse(expires ?? "");
  if (Number.isNaN(expiresMs)) return null;
  const names = Array.from(
    subjectaltname.matchAll(/(?:DNS:|(IP Address:))([^,\s]+)/g),
    ([, isAddress, name]) => isAddress === undefined ? name! : addressOf(name!),
  );
  return {
    names: names.length > 0 ? names : [subject?.CN ?? []].flat(),
    issuer: [issuer?.CN ?? issuer?.O ?? ""].flat().join(", "),
    expires: new Date(expiresMs).toISOString(),
    fingerprint: fingerprint256 ?? "",
  };
}

/** The runtime's line 2.6 writes the octets of an address of a certificate as hexadecimal digits. */
function addressOf(text: string): string {
  return /^[0-9A-F]{8}(?:[0-9A-F]{24})?$/.test(text) ? formatIp(Uint8Array.fromHex(text)) : text;
}

function locationOf(head: string): string | null {
  const value = /^location:[ \t]*([^\r\n]*)/im.exec(head.split("\r\n\r\n").at(0) ?? "")?.[1];
  return value === undefined ? null : targetOf(value);
}

/** Without its query, which may hold what differs each time. */
function targetOf(location: string): string {
  return location.replace(/[?#].*$/, "").slice(0, 1000);
}

function problemText(error: Error & { readonly code?: string }): string {
  return silenceText(error.code) ??
    (error.message || String(error.code ?? "no connection")).slice(0, 200);
}
