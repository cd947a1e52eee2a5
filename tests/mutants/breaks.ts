/** What can be broken at one node of a syntax tree, and what stands there then. */

import ts from "typescript";

/** The kinds of breaks, and what each does. */
export const BREAK_KINDS = {
  comparison: "a comparison says the opposite",
  boundary: "a comparison includes its bound, or no longer does",
  logic: "one of two conditions is enough, or no longer is",
  arithmetic: "an operator becomes its counterpart",
  constant: "a number is one more, or a truth its opposite",
  branch: "the other branch is taken",
  guard: "an early return, throw, break or continue is gone",
  statement: "a call or an assignment is gone",
} as const;

export type BreakKind = keyof typeof BREAK_KINDS;

/** One change of a source text: the characters from `start` to `end` become `replacement`. */
export interface Break {
  readonly kind: BreakKind;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const OPPOSITES: Readonly<Record<string, string>> = {
  "===": "!==",
  "!==": "===",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};

const BOUNDARIES: Readonly<Record<string, string>> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };

const CONDITIONS: Readonly<Record<string, string>> = { "&&": "||", "||": "&&" };

const COUNTERPARTS: Readonly<Record<string, string>> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "<<": ">>",
  ">>": "<<",
  ">>>": "<<",
  "&": "|",
  "|": "&",
  "^": "&",
  "+=": "-=",
  "-=": "+=",
  "++": "--",
  "--": "++",
};

/** The breaks of this node itself, not of what is in it. */
export function breaksOf(node: ts.Node): readonly Break[] {
  if (ts.isBinaryExpression(node)) return ofOperator(node);
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return ofCount(node);
  if (ts.isIfStatement(node)) return ofIf(node);
  if (ts.isConditionalExpression(node)) return negated(node.condition);
  if (ts.isExpressionStatement(node)) return ofStatement(node);
  return ofConstant(node);
}

/** No site is in here: types, and names from other files. */
export function holdsNoCode(node: ts.Node): boolean {
  return ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
}

function ofOperator(node: ts.BinaryExpression): Break[] {
  const { operatorToken: token } = node;
  const operator = token.getText();
  const replaced = (kind: BreakKind, by: string | undefined): Break[] =>
    by === undefined ? [] : [{ kind, start: token.getStart(), end: token.end, replacement: by }];
  return [
    ...replaced("comparison", OPPOSITES[operator]),
    ...replaced("boundary", BOUNDARIES[operator]),
    ...replaced("logic", CONDITIONS[operator]),
    ...(joinsText(node) ? [] : replaced("arithmetic", COUNTERPARTS[operator])),
  ];
}

/** Whether this `+` visibly puts text together: messages are no sites. */
function joinsText(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return joinsText(node.expression);
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return true;
  return ts.isBinaryExpression(node) && /^\+=?$/.test(node.operatorToken.getText()) &&
    (joinsText(node.left) || joinsText(node.right));
}

/** Counting up becomes counting down, but in the head of a loop: that would only never end. */
function ofCount(node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression): Break[] {
  if (ts.isForStatement(node.parent) && node.parent.incrementor === node) return [];
  const operator = node.operator === ts.SyntaxKind.PlusPlusToken
    ? "++"
    : node.operator === ts.SyntaxKind.MinusMinusToken
    ? "--"
    : undefined;
  if (operator === undefined) return [];
  const start = ts.isPrefixUnaryExpression(node) ? node.getStart() : node.operand.end;
  const replacement = COUNTERPARTS[operator]!;
  return [{ kind: "arithmetic", start, end: start + operator.length, replacement }];
}

function ofIf(node: ts.IfStatement): Break[] {
  const guard: Break[] = node.elseStatement === undefined && leaves(node.thenStatement)
    ? [{ ...removed(node), kind: "guard" }]
    : [];
  return [...guard, ...(guard.length > 0 ? [] : negated(node.expression))];
}

function leaves(statement: ts.Statement): boolean {
  if (ts.isBlock(statement)) {
    const last = statement.statements.at(-1);
    return last !== undefined && leaves(last);
  }
  return ts.isReturnStatement(statement) || ts.isThrowStatement(statement) ||
    ts.isBreakStatement(statement) || ts.isContinueStatement(statement);
}

/** The other branch; a condition that is a comparison is broken as such. */
function negated(condition: ts.Expression): Break[] {
  const isComparison = ts.isBinaryExpression(condition) &&
    condition.operatorToken.getText() in OPPOSITES;
  if (isComparison) return [];
  const [start, end] = [condition.getStart(), condition.end];
  return [{ kind: "branch", start, end, replacement: `!(${condition.getText()})` }];
}

/** A declaration stays: what needs it would not load. The same holds for what a constructor must call. */
function ofStatement(node: ts.ExpressionStatement): Break[] {
  const { expression } = node;
  if (ts.isStringLiteralLike(expression)) return [];
  const callsSuper = ts.isCallExpression(expression) &&
    expression.expression.kind === ts.SyntaxKind.SuperKeyword;
  return callsSuper ? [] : [{ ...removed(node), kind: "statement" }];
}

function removed(node: ts.Statement): Omit<Break, "kind"> {
  const among = ts.isBlock(node.parent) || ts.isSourceFile(node.parent) ||
    ts.isCaseOrDefaultClause(node.parent);
  return { start: node.getStart(), end: node.end, replacement: among ? "" : "{}" };
}

function ofConstant(node: ts.Node): Break[] {
  const [start, end] = [node.getStart(), node.end];
  const becomes = (replacement: string): Break[] => [{ kind: "constant", start, end, replacement }];
  if (node.kind === ts.SyntaxKind.TrueKeyword) return becomes("false");
  if (node.kind === ts.SyntaxKind.FalseKeyword) return becomes("true");
  if (ts.isNumericLiteral(node) && !isName(node)) return becomes(oneMore(node));
  if (ts.isBigIntLiteral(node)) {
    return becomes(`${BigInt(node.getText().replace(/[n_]/g, "")) + 1n}n`);
  }
  return [];
}

function isName(node: ts.Node): boolean {
  return "name" in node.parent && node.parent.name === node;
}

/** One more, written as it was. */
function oneMore(literal: ts.NumericLiteral): string {
  const more = Number(literal.text) + 1;
  return literal.getText().startsWith("0x") ? `0x${more.toString(16)}` : String(more);
}
