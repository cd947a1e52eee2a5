/** Takes the place of `deno test`: collects the tests that a file registers, and runs them one by one. */

type Run = (context: Deno.TestContext) => void | Promise<void>;

interface Registered {
  readonly name: string;
  readonly run: Run;
}

type Described = Partial<Pick<Deno.TestDefinition, "name" | "fn" | "ignore">>;

let collected: Registered[] = [];

/** From now on `Deno.test` only collects. What no test of the pure rooms uses, such as hooks, it does not have. */
export function collectTests(): void {
  Object.defineProperty(Deno, "test", { value: register, configurable: true });
}

/** Runs what registers tests, and returns them. */
export async function testsOf(load: () => Promise<unknown>): Promise<readonly Registered[]> {
  collected = [];
  await load();
  return collected;
}

/** The error with which the test failed, wherever it was thrown; `null` if it passed. */
export async function failureOf(test: Registered): Promise<unknown> {
  let stray: unknown = null;
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    stray ??= event.reason ?? new Error("rejected");
  };
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    stray ??= event.error ?? new Error(event.message);
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  try {
    await test.run(contextOf(test.name));
    // Rejections that nobody handles are known after the promises that were settled.
    await new Promise((resolve) => setTimeout(resolve, 0));
    return stray;
  } catch (error) {
    return error ?? new Error("thrown");
  } finally {
    globalThis.removeEventListener("unhandledrejection", onRejection);
    globalThis.removeEventListener("error", onError);
  }
}

function register(...parts: readonly (string | Run | Described)[]): void {
  const test = described(parts);
  if (test !== null) collected.push(test);
}

/** A step that fails fails its test at once: nothing that comes after it could save the test. */
function contextOf(name: string): Deno.TestContext {
  return {
    name,
    origin: "",
    async step(...parts: readonly (string | Run | Described)[]): Promise<boolean> {
      const step = described(parts);
      await step?.run(contextOf(step.name));
      return step !== null;
    },
    assertSnapshot(): never {
      throw new TypeError("no test of the pure rooms has snapshots");
    },
  };
}

/** The test that these parameters of `Deno.test` or of a step mean, whichever form they have; `null`: it is ignored. */
function described(parts: readonly (string | Run | Described)[]): Registered | null {
  let [name, run, ignore]: [string | undefined, Run | undefined, boolean] = [
    ...[undefined, undefined, false] as const,
  ];
  for (const part of parts) {
    if (typeof part === "string") name = part;
    else if (typeof part === "function") run = part;
    else [name, run, ignore] = [part.name ?? name, part.fn ?? run, part.ignore ?? ignore];
  }
  if (run === undefined) throw new TypeError(`A test without a function: ${name}`);
  return ignore ? null : { name: name ?? run.name, run };
}
