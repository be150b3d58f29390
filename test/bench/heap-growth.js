import { readFileSync } from 'node:fs';

/** @typedef {{count: number, bytes: number}} Share what the objects of one constructor take themselves */

/**
 * What is on a heap, by constructor; what has none by what it is, such as `(string)`.
 * @param {string} file a heap snapshot of V8
 * @returns {Map<string, Share>}
 */
export function heapByConstructor(file) {
  const { snapshot, nodes, strings } = JSON.parse(readFileSync(file, 'utf8'));
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field));
  const kinds = types[type];
  const shares = new Map();
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = kinds[nodes[at + type]];
    const of = kind === 'object' || kind === 'native' ? strings[nodes[at + name]] : `(${kind})`;
    const share = shares.get(of) ?? { count: 0, bytes: 0 };
    share.count += 1;
    share.bytes += nodes[at + size];
    shares.set(of, share);
  }
  return shares;
}

/**
 * The constructors that grew most, by bytes, largest first.
 * @param {Map<string, Share>} before
 * @param {Map<string, Share>} after
 * @param {number} most so many
 * @returns {{name: string, before: Share, after: Share, grew: number}[]}
 */
export function mostGrown(before, after, most) {
  return [...after]
    .map(([name, share]) => ({ name, before: before.get(name) ?? { count: 0, bytes: 0 }, after: share }))
    .map((row) => ({ ...row, grew: row.after.bytes - row.before.bytes }))
    .sort((a, b) => b.grew - a.grew)
    .slice(0, most);
}
