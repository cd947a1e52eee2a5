/**
 * Which tests import what: read from `deno info`, so that it is what really runs.
 *
 * @module
 */

/** As much of the answer of `deno info --json` as is used. */
export interface ModuleInfo {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly { readonly code?: Target; readonly type?: Target }[];
  }[];
}

interface Target {
  readonly specifier?: string;
}

/** For each module, those that import it, types included. */
export type Importers = ReadonlyMap<string, ReadonlySet<string>>;

/** The imports of a project, turned round. */
export function importersOf({ modules }: ModuleInfo): Importers {
  const importers = new Map<string, Set<string>>();
  for (const { specifier, dependencies = [] } of modules) {
    for (const { code, type } of dependencies) {
      const target = (code ?? type)?.specifier;
      if (target === undefined) continue;
      const known = importers.get(target) ?? new Set();
      importers.set(target, known.add(specifier));
    }
  }
  return importers;
}

/** Of `tests`, those that are among `changed` or import one of them, over however many files; sorted. */
export function testsOf(
  changed: Iterable<string>,
  tests: ReadonlySet<string>,
  importers: Importers,
): string[] {
  const reached = new Set(changed);
  // A set that grows while it is gone through.
  for (const module of reached) {
    for (const importer of importers.get(module) ?? []) reached.add(importer);
  }
  return [...reached].filter((module) => tests.has(module)).sort();
}
