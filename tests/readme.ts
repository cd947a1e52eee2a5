/** The commands of the README, for tests that type them. */

const README = new URL("../README.md", import.meta.url);

/** The commands in the section on installing, in order. */
export async function installCommands(): Promise<string[]> {
  const text = await Deno.readTextFile(README);
  const section = text.split("\n## Install")[1]!.split("\n## ")[0]!;
  return Array.from(section.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm), ([, block]) => block!)
    .flatMap((block) => block.split("\n")).map((line) => line.trim()).filter((line) => line !== "");
}
