import { RequestParser } from "../../../src/front/server/http1/request_parser.ts";
import { httpLimits } from "../../../src/front/server/limits.ts";
import { mutateOctets } from "../mutate_octets.ts";
import { below, fuzzTarget, must } from "../target.ts";

const ENDPOINT = { scheme: "http", authority: "127.0.0.1:9112" } as const;
const LIMITS = { ...httpLimits(1024), headOctets: 6000, headFields: 8, bodyOctets: 500 };

const CORPUS = [
  "GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1:9112\r\nAccept: */*\r\n\r\n",
  "GET / HTTP/1.0\r\n\r\nGET /a?b=%20 HTTP/1.1\r\nhost: a\r\n\r\n",
  "POST /v1/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "PUT /x HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nab\r\n0\r\nT: u\r\n\r\n",
  "POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 600\r\n\r\n" +
  "x".repeat(600),
  "GET http://a/x HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
].map((text) => new TextEncoder().encode(text));

interface Input {
  readonly octets: Uint8Array<ArrayBuffer>;
  /** Where it is cut into pieces. */
  readonly cuts: readonly number[];
}

/** What is understood of these pieces, in short. */
function understood(octets: Uint8Array<ArrayBuffer>, cuts: readonly number[]): string[] {
  const parser = new RequestParser(LIMITS, ENDPOINT);
  const words: string[] = [];
  let body = "";
  try {
    let at = 0;
    for (const cut of [...cuts, octets.length]) {
      while (at < cut && parser.rejection === null) {
        const taken = parser.feed(octets.subarray(at, cut));
        must(taken > 0 || parser.ended || parser.rejection !== null, "octets are taken");
        must(taken <= cut - at, "no more is taken than there is");
        at += taken;
        for (let part = parser.takeContent(); part; part = parser.takeContent()) {
          body += part.toHex();
        }
        if (!parser.ended) continue;
        const { method, url, version } = parser.head!;
        must(URL.canParse(url), "the URL of a request is one");
        must(new URL(url).protocol === "http:", "the URL is of the endpoint's kind");
        words.push(`${method} ${url} ${version} ${body}`);
        body = "";
        parser.next();
      }
    }
    const { rejection } = parser;
    return rejection === null ? words : [...words, `refused ${rejection.status}`];
  } finally {
    parser.close();
  }
}

export const REQUESTS = fuzzTarget<Input>({
  name: "requests",
  title:
    "octets of clients: requests within the limits or a rejection, the same in whatever pieces",
  reaches: ["0 requests", "1 requests", "2 requests", "refused 400", "refused 413", "refused 505"],
  make(random) {
    const octets = mutateOctets(CORPUS, random);
    const cuts = Array.from({ length: below(random, 4) }, () => below(random, octets.length + 1));
    return { octets, cuts: cuts.sort((a, b) => a - b) };
  },
  check({ octets, cuts }) {
    const whole = understood(octets, []);
    const pieces = understood(octets, cuts);
    // How much of a body has come when it turns out to be too long depends on the pieces, what is refused does not.
    must(pieces.join("\n") === whole.join("\n"), `in pieces: ${pieces.join("; ")}`);
    const last = whole.at(-1) ?? "";
    return last.startsWith("refused") ? last : `${whole.length} requests`;
  },
  show: ({ octets, cuts }) => `${octets.toHex()} cut at ${cuts.join(", ")}`,
});
