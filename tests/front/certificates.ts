/** Certificates for servers of tests. */

import assert from "node:assert/strict";

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

/** Certificates for 127.0.0.1 that are signed by nobody, made anew so that they never expire. */
export async function certificate(folder: string, name: string): Promise<Certificate> {
  const [cert, key] = [`${folder}/${name}.pem`, `${folder}/${name}.key`];
  const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [
      ...args.split(" "),
      "-subj",
      `/CN=${name}`,
      "-addext",
      "subjectAltName=IP:127.0.0.1",
      "-addext",
      "basicConstraints=critical,CA:FALSE",
      "-keyout",
      key,
      "-out",
      cert,
    ],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) };
}
