import { runCli } from "./src/cli/cli.ts";
import { processContext } from "./src/cli/context.ts";

Deno.exit(await runCli(Deno.args, processContext()));
