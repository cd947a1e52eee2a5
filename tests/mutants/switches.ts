/**
 * Puts breaks into a source text, each behind a switch that is chosen while it runs: the text is loaded once for all of
 * them.
 *
 * @module
 */

import ts from "typescript";
import { type Break, breaksOf, holdsNoCode } from "./breaks.ts";
import { broken, type Site } from "./sites.ts";

/** What the switched text calls the question whether a break is the one that is tried. */
export const SWITCH = "$isBroken";

/** A site with the number of its switch. */
export interface Switched {
  readonly site: Site;
  readonly number: number;
}

/** From the loosest to the tightest, those that can stand within each other without parentheses. */
const PRECEDENCE: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["===", "!==", "==", "!="],
  ["<", "<=", ">", ">=", "in", "instanceof"],
  ["<<", ">>", ">>>"],
  ["+", "-"],
  ["*", "/", "%"],
  ["**"],
];

/**
 * The source text with these of its breaks; every other site is as it was.
 *
 * @param switchboard the module that has {@link SWITCH}
 */
export function switched(text: string, sites: readonly Switched[], switchboard: string): string {
  const numbers = new Map(sites.map(({ site, number }) => [breakKey(site), number]));
  const source = ts.createSourceFile("switched.ts", text, ts.ScriptTarget.Latest, true);
  const homes = new Map<ts.Node, { found: Break; number: number }[]>();
  const place = (node: ts.Node): void => {
    if (holdsNoCode(node)) return;
    for (const found of breaksOf(node)) {
      const number = numbers.get(breakKey(found));
      if (number === undefined) continue;
      const home = homeOf(node, found);
      homes.set(home, [...homes.get(home) ?? [], { found, number }]);
    }
    ts.forEachChild(node, place);
  };
  const written = (node: ts.Node): string => {
    const start = node.getStart(source);
    const whole = text.slice(start, node.end);
    return (homes.get(node) ?? []).reduce((inner, { found, number }) => {
      const question = `${SWITCH}(${number})`;
      if (ts.isStatement(node)) return `{ if (!${question}) { ${inner} } }`;
      const [from, to] = [found.start - start, found.end - start];
      const other = broken(whole, { ...found, start: from, end: to });
      return `(${question} ? (${other}) : (${inner}))`;
    }, withChildren(node, start, node.end));
  };
  const withChildren = (node: ts.Node, from: number, to: number): string => {
    let at = from;
    let result = "";
    for (const child of childrenOf(node, source)) {
      result += text.slice(at, child.getStart(source)) + written(child);
      at = child.end;
    }
    return result + text.slice(at, to);
  };
  place(source);
  const head = `import { isBroken as ${SWITCH} } from ${JSON.stringify(switchboard)}; `;
  return head + withChildren(source, 0, text.length);
}

function breakKey({ kind, start, end, replacement }: Break): string {
  return `${kind} ${start} ${end} ${replacement}`;
}

function childrenOf(node: ts.Node, source: ts.SourceFile): ts.Node[] {
  if (holdsNoCode(node)) return [];
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    if (child.kind !== ts.SyntaxKind.EndOfFileToken) children.push(child);
  });
  return children.sort((a, b) => a.getStart(source) - b.getStart(source));
}

/** The node that means the same by itself as in its place, whether it is broken or not: the switch goes around it. */
function homeOf(node: ts.Node, { kind, replacement }: Break): ts.Node {
  if (ts.isIfStatement(node)) return kind === "branch" ? node.expression : node;
  if (ts.isConditionalExpression(node)) return node.condition;
  if (!ts.isBinaryExpression(node)) return node;
  const tightness = tightnessOf(replacement);
  let home: ts.BinaryExpression = node;
  for (
    let around: ts.Node = node.parent;
    ts.isBinaryExpression(around) && tightness <= tightnessOf(around.operatorToken.getText());
    around = around.parent
  ) home = around;
  return home;
}

/** Assignments are looser than all of them. */
function tightnessOf(operator: string): number {
  return PRECEDENCE.findIndex((operators) => operators.includes(operator));
}
