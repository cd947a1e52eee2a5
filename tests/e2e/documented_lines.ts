/**
 * The host where lines of README, docs and help are typed as they stand: a folder with the files that they name, and the
 * names in them that stand for the reader's own.
 *
 * @module
 */

import type { LabHost } from "../../lab/host.ts";

export const FOLDER = "/run/typed";
/** A name or an address of the reader's -> the one of this pair. */
const READERS: readonly (readonly [text: string, here: string])[] = [
  ["'web*'", "'VI*'"],
  ["notify-test NAME", "notify-test ops"],
];
/** Programs of others that are no more than their words here. */
const OTHERS = `sudo() { "$@"; }
uuidgen() { cat /proc/sys/kernel/random/uuid; }`;
export const KEEPALIVED = `vrrp_instance VI_1 {
  interface eth1
  virtual_router_id 55
  priority 100
  virtual_ipaddress { 192.168.31.5/24 }
}
`;

/** Those who may type a command. */
const USERS = {
  root: "",
  vipd: "setpriv --reuid=vipd --regid=vipd --clear-groups -- ",
  nobody: "setpriv --reuid=nobody --regid=nogroup --clear-groups -- ",
} as const;
export type User = keyof typeof USERS;

/** Puts the files that the lines name into the folder, which everybody may write; in them this host is lb01. */
export async function makeTypingFolder(host: LabHost, peer: string): Promise<void> {
  const pair = "/var/lib/vipd/pair";
  const files = [
    `install -d -m 1777 ${FOLDER} /etc/fish/completions /usr/local/share/zsh/site-functions`,
    `cd ${FOLDER}`,
    "install -m 644 /etc/vipd/vipd.yaml lb01.yaml",
    "sed 's/lb01/lb02/; s/priority: 150/priority: 100/' lb01.yaml >lb02.yaml",
    `install -m 644 ${pair}/authority.pem api.pem`,
    `install -m 644 ${pair}/peer-${peer}.pem lb02.pem`,
    // The reader's copies of the nodes' tokens.
    `install -m 644 ${pair}/read.token lb01.token`,
    `install -m 644 ${pair}/peer-${peer}.token lb02.token`,
    "mkdir -p /etc/keepalived",
    "cat >keepalived.conf",
    "cp keepalived.conf /etc/keepalived/keepalived.conf",
    "printf '#!/bin/sh\\ncat /run/typed/lb01.yaml\\n' >/usr/local/bin/generate-config",
    "chmod 755 /usr/local/bin/generate-config",
    "echo 192.168.31.12 lb02 >>/etc/hosts",
  ];
  await host.run(["sh", "-c", files.join(" && ")], { stdin: KEEPALIVED });
}

/** Types a line in the folder, in a shell where a failure anywhere in a pipe is one of the line. */
export async function typeLine(host: LabHost, line: string, user: User = "root") {
  const words = READERS.reduce((text, [from, to]) => text.replaceAll(from, to), line);
  // A prefix of the user's would be another word of a pipe; a shell of the user's is not.
  // The portable executable unpacks itself into a cache that is its user's alone.
  const places = `HOME=${FOLDER} XDG_CACHE_HOME=${FOLDER}/cache-${user} PATH=/usr/local/bin:$PATH`;
  const script = `export ${places}; cd ${FOLDER}; ${OTHERS}\n${words}`;
  const before = USERS[user].split(" ").filter((word) => word !== "");
  return await host.run([...before, "bash", "-o", "pipefail", "-c", script], { check: false });
}
