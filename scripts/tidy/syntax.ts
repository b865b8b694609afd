/** Writings that the rules forbid and that the linter has no rule for (HOUSE section 11, points 2, 5, 6 and 10). */
import type { Expression, Node, VisitorObject } from "oxc-parser";
import { type Fault, lineOf, type Repository } from "./repository.ts";
import { GENERATED, type Source, sources } from "./source.ts";

/** Where `protocol/` may wait: signatures of foreign kinds are checked by WebCrypto, which only works so. */
const MAY_AWAIT: readonly string[] = [
  "protocol/crypto/foreign.ts",
  "protocol/crypto/ecdsa.ts",
  "protocol/crypto/rsa.ts",
  "protocol/attestation/verify.ts",
  "protocol/evidence/",
  "protocol/policy/attach.ts",
  "protocol/verdict/collect.ts",
  "protocol/verdict/bundle.ts",
  "protocol/verdict/documents.ts",
];

/** All forbidden writings, in the rooms; tests and scripts may write as they like. */
export function checkSyntax(repository: Repository): Fault[] {
  const faults: Fault[] = [];
  for (const source of sources(repository)) {
    const room = source.path.split("/")[0] ?? "";
    if (GENERATED.has(source.path) || !["protocol", "node", "client"].includes(room)) continue;
    const report = (node: Node, message: string): void => {
      faults.push({ file: source.path, line: lineOf(source.text, node.start), message });
    };
    source.visit(everywhere(report));
    if (room === "protocol") source.visit(inProtocol(source, report));
  }
  return faults;
}

type Report = (node: Node, message: string) => void;

function everywhere(report: Report): VisitorObject {
  return {
    TSAsExpression: (node) => {
      const inner = node.expression;
      if (inner.type === "TSAsExpression" && inner.typeAnnotation.type === "TSUnknownKeyword") {
        report(node, "`as unknown as` lets any type pass for any other: parse, or narrow by a check");
      }
    },
    VariableDeclaration: (node) => {
      if (node.kind === "using" || node.kind === "await using")
        report(node, "Node 22 has no `using`: close in a finally");
    },
    CallExpression: (node) => {
      if (!isMember(node.callee, "Buffer", "from")) return;
      const encoding = node.arguments[1];
      if (encoding?.type === "Literal" && /^(hex|base64|base64url)$/.test(String(encoding.value))) {
        report(node, "Buffer.from skips what it can't read: use protocol's fromHex or fromBase64");
      }
    },
  };
}

function inProtocol(source: Source, report: Report): VisitorObject {
  const isBytes = source.path.startsWith("protocol/bytes/");
  const mayAwait = MAY_AWAIT.some((place) => source.path.startsWith(place));
  const wait = (node: Node): void => {
    if (!mayAwait) report(node, "the core answers at once: no await here");
  };
  return {
    AwaitExpression: wait,
    FunctionDeclaration: (node) => (node.async ? wait(node) : undefined),
    ArrowFunctionExpression: (node) => (node.async ? wait(node) : undefined),
    MemberExpression: (node) => {
      const name = node.property.type === "Identifier" && !node.computed ? node.property.name : "";
      if (name === "buffer" && !isBytes)
        report(node, "`.buffer` of a view holds octets that are not the view's");
    },
    CallExpression: (node) => {
      const name = node.callee.type === "Identifier" ? node.callee.name : "";
      if (name === "parseInt" || name === "parseFloat")
        report(node, `${name} skips what it can't read: use fromDecimal`);
      if (name === "Date") report(node, "the core has no clock: take `now` as an argument");
    },
    NewExpression: (node) => {
      const name = node.callee.type === "Identifier" ? node.callee.name : "";
      const isConstant = node.arguments[0]?.type === "Literal";
      if (name === "RegExp" && !isConstant)
        report(node, "no regular expression out of a variable (RULES R29)");
      if (name === "Date" && node.arguments.length === 0)
        report(node, "the core has no clock: take `now` as an argument");
    },
    VariableDeclarator: (node) => {
      const name = node.id.type === "Identifier" ? node.id.name : "";
      const isNumber = node.init?.type === "Literal" && typeof node.init.value === "number";
      if (/^(MAX|MIN)_/.test(name) && isNumber && source.path !== "protocol/limits.ts") {
        report(node, `${name}: bounds stand in protocol/limits.ts, with their reasons`);
      }
    },
  };
}

function isMember(node: Expression, object: string, property: string): boolean {
  if (node.type !== "MemberExpression" || node.computed) return false;
  const isObject = node.object.type === "Identifier" && node.object.name === object;
  return isObject && node.property.type === "Identifier" && node.property.name === property;
}
