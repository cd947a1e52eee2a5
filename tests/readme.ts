/** The commands of the README, for tests that type them. */

const README = new URL("../README.md", import.meta.url);

/** A command of the section on installing, and the node where it is typed; `null`: any machine. */
export interface InstallStep {
  readonly host: string | null;
  /** `scp`: the executable is copied to the node. */
  readonly command: string;
  /** Where `scp` copies it to. */
  readonly target?: string;
}

/** The commands in the section on installing, with those that are shown at a prompt (`root@lb01:~# vipd pair`), in order. */
export async function installSteps(): Promise<InstallStep[]> {
  return (await sectionLines("## Install")).flatMap((line): InstallStep[] => {
    const copied = /^scp \S+ root@(\w+):(\S+)$/.exec(line);
    const [, host, command] = /^(?:ssh )?root@(\w+)(?::~#)? (.+)$/.exec(line) ?? [];
    if (copied) return [{ host: copied[1]!, command: "scp", target: copied[2]! }];
    if (command !== undefined) return [{ host: host!, command }];
    return line.startsWith("npx ") ? [{ host: null, command: line }] : [];
  });
}

/** The commands of the first block for a shell behind this text of a document, without their comments. */
export async function shellLines(document: string, behind: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(`../${document}`, import.meta.url));
  const block = /^```sh\n([\s\S]*?)^```/m.exec(text.split(behind)[1]!)![1]!;
  return block.trim().split("\n").map((line) => line.replace(/ +# .*/, ""));
}

/** The transcript in the section on faults, with its newline. */
export async function transcript(): Promise<string> {
  const text = await Deno.readTextFile(README);
  const section = text.split("\n## Five faults of a standby")[1]?.split("\n## ")[0] ?? "";
  return /^```text\n([\s\S]*?)^```/m.exec(section)?.[1] ?? "";
}

async function sectionLines(heading: string): Promise<string[]> {
  const text = await Deno.readTextFile(README);
  const section = text.split(`\n${heading}`)[1]!.split("\n## ")[0]!;
  return Array.from(
    section.matchAll(/^ *```(?:sh|text)\n([\s\S]*?)^ *```/gm),
    ([, block]) => block!,
  )
    .flatMap((block) => block.split("\n")).map((line) => line.trim());
}
