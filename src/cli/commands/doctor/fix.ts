/**
 * `vipd doctor --fix`: makes those fixes that `src/doctor/fix.ts` allows, and reports the outcome of each.
 *
 * @module
 */

import { selfCommand } from "../../../daemon/self_command.ts";
import type { Finding } from "../../../doctor/finding.ts";
import { type Fix, withSysctls, type Words } from "../../../doctor/fix.ts";
import { printable } from "../../../wire/printable.ts";
import { saysYes } from "../../yes_no.ts";
import type { CliContext } from "../../context.ts";
import { programOutput } from "../../machine/programs.ts";
import { changeFile } from "./changed_file.ts";

/** Something to do, in words, and what does it; it returns a remark, and throws with the reason if it fails. */
interface Step {
  readonly text: string;
  readonly run: () => Promise<string | null>;
}

/**
 * Shows what can be fixed, asks unless `agreed`, and does it.
 *
 * @returns whether something was tried.
 */
export async function fixAll(
  findings: readonly Finding[],
  { agreed }: { readonly agreed: boolean },
  context: CliContext,
): Promise<boolean> {
  const { output } = context;
  const steps = stepsOf(findings.flatMap(({ fix }) => fix ?? []), context);
  if (steps.length === 0) {
    output.out(
      findings.length === 0
        ? "nothing needs a fix\n"
        : "vipd can fix nothing of this itself: type the commands above\n",
    );
    return false;
  }
  output.out(`To be done:\n${steps.map(({ text }) => `  ${printable(text)}\n`).join("")}`);
  if (!agreed && !await saysYes("Do this?", context)) {
    output.out("nothing was changed; --yes does it without a question\n");
    return false;
  }
  for (const { text, run } of steps) {
    try {
      const remark = await run();
      output.out(`done: ${printable(text)}${remark === null ? "" : `; ${printable(remark)}`}\n`);
    } catch (error) {
      output.out(`failed: ${printable(text)}: ${printable(reasonOf(error))}\n`);
    }
  }
  return true;
}

function stepsOf(fixes: readonly Fix[], context: CliContext): Step[] {
  const files = new Map<string, Record<string, string>>();
  const programs = new Map<string, Words>();
  for (const fix of fixes) {
    if (fix.kind === "sysctl") files.set(fix.file, { ...files.get(fix.file), ...fix.settings });
    else for (const words of fix.commands) programs.set(words.join(" "), words);
  }
  const steps: Step[] = Array.from(programs, ([text, words]) => ({
    text: `run ${text}`,
    run: () => runProgram(words, context),
  }));
  const settings = Array.from(files, ([file, set]): Step => {
    const words = Object.entries(set).map(([key, value]) => `${key} = ${value}`);
    return { text: `set ${words.join(", ")} in ${file}`, run: () => setSysctls(file, set) };
  });
  return [...settings, ...steps];
}

/** Changes the file, keeps a copy of what was there, and gives it to the kernel. */
async function setSysctls(
  path: string,
  settings: Readonly<Record<string, string>>,
): Promise<string | null> {
  const copy = await changeFile(path, (text) => withSysctls(text, settings));
  const kept = copy === null ? null : `the file as it was is ${copy}`;
  const output = await programOutput("sysctl", ["-p", path]);
  if (output === null) throw new Error("sysctl is not installed; restart this machine to apply it");
  if (!output.ok) {
    const said = output.stderr.trim().replaceAll("\n", "; ");
    // Another line of the file may be the cause.
    throw new Error(
      `the file is changed, and sysctl says ${said}${kept === null ? "" : `; ${kept}`}`,
    );
  }
  return kept;
}

async function runProgram([name, ...args]: Words, { build }: CliContext): Promise<null> {
  const [program, ...words] = name === "vipd" ? [...selfCommand(build), ...args] : [name, ...args];
  const output = await programOutput(program!, words);
  if (output === null) throw new Error(`${name} is not installed`);
  if (!output.ok) throw new Error(output.stderr.trim() || output.stdout.trim());
  return null;
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.PermissionDenied) return "not permitted; run it as root";
  return error instanceof Error ? error.message : String(error);
}
