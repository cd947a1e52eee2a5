/** A switch does what the change of the text does, and nothing where no switch is chosen. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { BREAK_KINDS } from "./breaks.ts";
import { PURE_ROOMS } from "../pure_rooms.ts";
import { Tree } from "./rooms.ts";
import { broken, sitesOf } from "./sites.ts";
import { SWITCH, switched } from "./switches.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FILE = "src/vip/a.ts";

/** Texts with breaks of all kinds, in places where the code around them matters. */
const TEXTS = [
  "x = a === b && c !== d;",
  "const x = a < b || c >= d;",
  "const x = a && b && c;",
  "const x = a && b || c && d;",
  "const x = (a || b) && !(c && d);",
  "const x = a || b || (c && d);",
  "const x = a && b === c ? d : e && f;",
  "const x = a & b ^ c | d;",
  "const x = a ^ b ^ c & d;",
  "const x = a & 7 | b << 2 & c;",
  "const x = a + b * c - d % e;",
  "const x = a + -1 * (b - 2) ** 2;",
  "x += y & 3; x -= 1; x++; --y;",
  "const x = [0, 0xff, 2n, true, { a: false, 7: 8 }];",
  "const { a = 5, b: [c = true] } = d;",
  "if (a) b(); else if (c && d) e(); else f();",
  "if (a) if (b) c(); else d();",
  "for (const a of b) if (a && c) continue;",
  "for (let i = 0; i < a; i++) { if (b[i] > 2) break; c(i); }",
  "function f(a = 1) { if (a) { throw b; } return a > 1 ? g(a - 1) : 0; }",
  "async function f() { if (await a && b) await c(await d === 1); }",
  "const f = (a) => a?.[0] !== 1 && `${a + 1} of ${b}`;",
  "switch (a) { case 1: b(); break; default: c.d[2] = e; }",
  "class A { #b = 1; c() { this.#b -= 1; delete d[3]; } }",
  "const x = a > 1 as boolean satisfies boolean;",
] as const;

for (const text of TEXTS) {
  Deno.test(`switches of: ${text}`, () => {
    const sites = sitesOf(FILE, text).map((site, number) => ({ site, number }));
    const result = switched(text, sites, "./switchboard.ts");
    assert.equal(chosen(result, null), normal(text));
    for (const { site, number } of sites) {
      assert.equal(chosen(result, number), normal(broken(text, site)), site.kind);
      const alone = switched(text, [{ site, number }], "./switchboard.ts");
      assert.equal(chosen(alone, number), normal(broken(text, site)), `${site.kind} alone`);
      assert.equal(chosen(alone, number + 1), normal(text), `${site.kind} alone`);
    }
  });
}

Deno.test("every kind of break is switched in a text", () => {
  const kinds = TEXTS.flatMap((text) => sitesOf(FILE, text).map(({ kind }) => kind));
  assert.deepEqual([...new Set(kinds)].sort(), Object.keys(BREAK_KINDS).sort());
});

Deno.test("every file of the rooms can be read with all its switches", () => {
  const tree = new Tree(ROOT);
  for (const file of PURE_ROOMS.flatMap((room) => tree.sources(room))) {
    const text = tree.read(file);
    const sites = sitesOf(file, text).map((site, number) => ({ site, number }));
    const result = switched(text, sites, "./switchboard.ts");
    const { diagnostics } = ts.transpileModule(result, {
      reportDiagnostics: true,
      compilerOptions: { target: ts.ScriptTarget.Latest },
    });
    const problems = diagnostics!.map(({ messageText }) => messageText);
    assert.deepEqual(problems, [], file);
    for (const { number } of sites) assert.ok(result.includes(`${SWITCH}(${number})`), file);
  }
});

/** What is left of switched code when this switch is chosen, as {@link normal} code. */
function chosen(text: string, number: number | null): string {
  const answerOf = (node: ts.Expression): boolean | null => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== SWITCH) return null;
    return node.arguments[0]!.getText() === String(number);
  };
  return normal(text.slice(text.indexOf("; ") + 2), (node) => {
    if (ts.isConditionalExpression(node)) {
      const answer = answerOf(node.condition);
      return answer === null ? node : answer ? node.whenTrue : node.whenFalse;
    }
    if (ts.isIfStatement(node) && ts.isPrefixUnaryExpression(node.expression)) {
      const answer = answerOf(node.expression.operand);
      if (answer !== null) return answer ? ts.factory.createBlock([]) : node.thenStatement;
    }
    return node;
  });
}

/** Code without what makes no difference: parentheses that say what is so anyway, blocks among statements. */
function normal(text: string, choose = (node: ts.Node): ts.Node => node): string {
  const source = ts.createSourceFile(FILE, text, ts.ScriptTarget.Latest, true);
  const { transformed: [result] } = ts.transform(source, [
    (context) => (root) => {
      const visit = (node: ts.Node): ts.Node => {
        const one = choose(node);
        if (one !== node) return visit(one);
        const inner = ts.visitEachChild(node, visit, context);
        if (ts.isParenthesizedExpression(inner)) return inner.expression;
        if (ts.isBlock(inner) || ts.isSourceFile(inner) || ts.isCaseOrDefaultClause(inner)) {
          return withStatements(inner, inner.statements.flatMap(unwrapped), context.factory);
        }
        if (ts.isStatement(inner) && isBody(node)) return context.factory.createBlock([inner]);
        return inner;
      };
      return ts.visitNode(root, visit, ts.isSourceFile);
    },
  ]);
  return ts.createPrinter().printFile(result!);
}

/** Whether this statement may stand here without a block around it, and has none. */
function isBody({ parent }: ts.Node): boolean {
  return parent !== undefined &&
    (ts.isIfStatement(parent) || ts.isIterationStatement(parent, false));
}

/** A block among statements is only what is in it: no text here declares anything in one. */
function unwrapped(statement: ts.Statement): readonly ts.Statement[] {
  return ts.isBlock(statement) ? statement.statements.flatMap(unwrapped) : [statement];
}

function withStatements(
  node: ts.Block | ts.SourceFile | ts.CaseOrDefaultClause,
  statements: readonly ts.Statement[],
  factory: ts.NodeFactory,
): ts.Node {
  if (ts.isSourceFile(node)) return factory.updateSourceFile(node, statements);
  if (ts.isBlock(node)) return factory.updateBlock(node, statements);
  return ts.isCaseClause(node)
    ? factory.updateCaseClause(node, node.expression, statements)
    : factory.updateDefaultClause(node, statements);
}
