/** Man pages and completions: everything is in them, and their readers accept them. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { helpParts } from "../../src/cli/text/option_help.ts";
import { configJsonSchema } from "../../src/config/schema/json_schema.ts";
import { DOCUMENT_NAMES } from "../../src/codes/document_names.ts";
import { EXIT } from "../../src/exit.ts";
import { exampleInstance, exampleStatus } from "../front/fake_backend.ts";
import { capture, exampleConfig, inFolder } from "./captured_context.ts";

async function printed(...argv: string[]): Promise<string> {
  const { code, out, err } = await capture(argv);
  assert.deepEqual([code, err], [EXIT.ok, ""]);
  return out;
}

/** Runs a program on a file with this text; what it says. */
async function reader(program: string, args: readonly string[], text: string): Promise<string> {
  let said = "";
  await inFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, text);
    const { stdout, stderr } = await new Deno.Command(program, { args: [...args, file] }).output();
    said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  });
  return said;
}

async function commandNames(): Promise<string[]> {
  const list = (await printed("help")).split("\nCommands:\n")[1]!.split("\n\n")[0]!;
  return list.split("\n").map((line) => line.trim().split(" ")[0]!);
}

Deno.test("every command's options are in its help in the form that man page and completion read", async () => {
  for (const name of await commandNames()) {
    const help = await printed("help", name);
    const { options } = helpParts(help);
    const written = [...help.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, flag]) => flag);
    assert.deepEqual(options.map(({ flag }) => flag), written, name);
    assert.ok(options.every(({ meaning }) => meaning !== ""), name);
  }
});

Deno.test("the man page of the program has every command and option, and mandoc accepts it", async () => {
  const page = await printed("manpage");
  for (const name of await commandNames()) {
    assert.ok(page.includes(`\n.SS vipd ${name.replaceAll("-", "\\-")}\n`), name);
    for (const { flag } of helpParts(await printed("help", name)).options) {
      assert.ok(page.includes(flag.replaceAll("-", "\\-")), `${name} ${flag}`);
    }
  }
  assert.deepEqual(complaints(await reader("mandoc", ["-Tlint", "-Wwarning"], page)), []);
});

Deno.test("the man page of the configuration has every key, and mandoc accepts it", async () => {
  const page = await printed("manpage", "vipd.yaml");
  for (const key of Object.keys(configJsonSchema().properties!)) {
    assert.ok(page.includes(`\\fB${key}\\fR`), key);
  }
  assert.deepEqual(complaints(await reader("mandoc", ["-Tlint", "-Wwarning"], page)), []);
});

/** A page that is made when it is asked for has no date. */
function complaints(lint: string): string[] {
  return lint.split("\n").filter((line) => line !== "" && !line.includes("missing date"));
}

Deno.test("each shell accepts its completion", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    assert.equal(await reader(shell, ["-n"], await printed("completion", shell)), "", shell);
  }
});

Deno.test("bash and fish complete commands, options and values", async () => {
  const cases: [string[], string][] = [
    [["ver"], "version"],
    [["run", "--log-f"], "--log-format"],
    [["init", "--role", "b"], "backup"],
    [["help", "prom"], "promote"],
    [["completion", "z"], "zsh"],
  ];
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "bash"), await printed("completion", "bash"));
    await Deno.writeTextFile(join(folder, "fish"), await printed("completion", "fish"));
    for (const [words, want] of cases) {
      const bash =
        'source "$0"; COMP_WORDS=(vipd "$@"); COMP_CWORD=$#; _vipd; echo "${COMPREPLY[@]}"';
      const fish = 'source $argv[1]; complete -C "vipd $argv[2..]"';
      const scripts: [string, string[]][] = [
        ["bash", ["-c", bash, join(folder, "bash"), ...words]],
        ["fish", ["--no-config", "-c", fish, join(folder, "fish"), ...words]],
      ];
      for (const [shell, args] of scripts) {
        const { stdout } = await new Deno.Command(shell, { args }).output();
        assert.equal(
          new TextDecoder().decode(stdout).trim().split("\t")[0],
          want,
          `${shell} ${words}`,
        );
      }
    }
  });
});

Deno.test("the completions know the names of the running vipd's instances", async () => {
  await inFolder(async (folder) => {
    const config = join(folder, "vipd.yaml");
    await Deno.writeTextFile(config, exampleConfig(folder));
    const instances = ["web_1", "web_2"].map((name) => exampleInstance({ name }));
    const status = exampleStatus({ instances });
    await Deno.writeTextFile(
      join(folder, "status.json"),
      JSON.stringify({ written_at: new Date().toISOString(), status }),
    );
    assert.equal(await printed("completion", "instances", "--config", config), "web_1\nweb_2\n");
    // What the completions ask.
    const vipd = join(folder, "vipd");
    const asked = `#!/bin/sh\n[ "$*" = "completion instances" ] && printf 'web_1\\nweb_2\\n'\n`;
    await Deno.writeTextFile(vipd, asked, { mode: 0o755 });
    const files = Object.fromEntries(
      await Promise.all(["bash", "fish"].map(async (shell) => {
        const file = join(folder, shell);
        await Deno.writeTextFile(file, await printed("completion", shell));
        return [shell, file];
      })),
    );
    const bash =
      'source "$0"; COMP_WORDS=(vipd "$@"); COMP_CWORD=$#; _vipd; echo "${COMPREPLY[@]}"';
    const fish = 'source $argv[1]; complete -C "vipd $argv[2..]" | string join " "';
    for (const command of ["status", "watch", "promote", "demote", "release", "priority"]) {
      const scripts: [string, string[]][] = [
        ["bash", ["-c", bash, files.bash!, command, "we"]],
        ["fish", ["--no-config", "-c", fish, files.fish!, command, "we"]],
      ];
      for (const [shell, args] of scripts) {
        const env = { PATH: `${folder}:${Deno.env.get("PATH")}` };
        const { stdout } = await new Deno.Command(shell, { args, env }).output();
        const said = new TextDecoder().decode(stdout).trim();
        assert.equal(said, "web_1 web_2", `${shell} ${command}`);
      }
    }
  });
});

Deno.test("another shell or page is answered with those that there are", async () => {
  assert.match((await capture(["completion", "ksh"])).err, /bash, zsh, fish/);
  assert.match((await capture(["manpage", "vrrp"])).err, /vipd and vipd\.yaml/);
});

Deno.test("the manual has every document", async () => {
  const folder = new URL("../../docs/", import.meta.url);
  const files = await Array.fromAsync(Deno.readDir(folder));
  const names = files.flatMap(({ name }) => /^[a-z].*(?=\.md$)/.exec(name)?.[0] ?? []);
  assert.deepEqual([...DOCUMENT_NAMES], names.sort());
});
