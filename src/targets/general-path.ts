/**
 * Makes the path that may be printed out of a finding's exact one: a token stays if it is the name of a property in one
 * of the schemas; every other one, a key of a free-form map or an array's index, becomes `*`. So
 * `/user/metadata/jane@example.com` becomes `/user/metadata/*`, and a thousand findings in different items of an array
 * have one path.
 */
export function createGeneralPath(schemas: readonly unknown[]): (path: string) => string {
  const names = new Set<string>();
  for (const schema of schemas) collectNames(schema, names);
  return (path) =>
    path
      .split('/')
      .map((token, i) => (i === 0 || names.has(token.replaceAll('~1', '/').replaceAll('~0', '~')) ? token : '*'))
      .join('/');
}

/** Keywords whose value is data, not a schema. */
const DATA = new Set(['const', 'enum', 'default', 'examples']);

function collectNames(schema: unknown, names: Set<string>): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [keyword, value] of Object.entries(schema)) {
    if (DATA.has(keyword)) continue;
    if (keyword === 'properties' && typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        names.add(name);
        collectNames(inner, names);
      }
    } else {
      collectNames(value, names);
    }
  }
}
