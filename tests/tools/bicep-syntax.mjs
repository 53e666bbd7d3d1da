// Reads [{ "path", "text" }] and writes [{ "path", "errors", "tree" }]: the syntax of Bicep files, for the tests of infra/.
// A node is { k: kind, f: field of its parent, a, b: first and last offset in the text, l: line, c: children }; only named nodes.
import { createRequire } from 'node:module';
import { readFileSync, writeSync } from 'node:fs';
import { Language, Parser } from 'web-tree-sitter';

const require = createRequire(import.meta.url);
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(require.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm')));

const node = (at, field) => {
  const found = { k: at.type, a: at.startIndex, b: at.endIndex, l: at.startPosition.row + 1, c: [] };
  if (field) found.f = field;
  at.children.forEach((child, i) => { if (child.isNamed) found.c.push(node(child, at.fieldNameForChild(i))); });
  return found;
};

const errors = (at, found = []) => {
  if (at.isError || at.isMissing) found.push({ line: at.startPosition.row + 1, column: at.startPosition.column + 1, text: at.text.slice(0, 60) });
  else if (at.hasError) at.children.forEach(child => errors(child, found));
  return found;
};

const parse = ({ path, text }) => {
  // The grammar knows no `param name = value`, which is all that a parameter file says: the same places, as variables.
  const known = path.endsWith('.bicepparam') ? text.replace(/^param (?=\w+ *=)/gm, 'var   ') : text;
  const { rootNode } = parser.parse(known);
  return { path, errors: errors(rootNode), tree: node(rootNode) };
};

const answer = Buffer.from(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(parse)));
for (let sent = 0; sent < answer.length;) {
  try {
    sent += writeSync(1, answer, sent);
  } catch (error) {
    // A full pipe: the reader is behind.
    if (error.code !== 'EAGAIN') throw error;
  }
}
