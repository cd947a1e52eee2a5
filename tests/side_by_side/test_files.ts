/** The files with tests below a path, or the one that it names, in the order of their names. */
export function testFilesIn(path: string): string[] {
  if (Deno.statSync(path).isFile) return [path];
  return Array.from(Deno.readDirSync(path))
    .filter(({ name, isDirectory }) => isDirectory || name.endsWith("_test.ts"))
    .map(({ name }) => `${path}/${name}`)
    .sort()
    .flatMap(testFilesIn);
}
