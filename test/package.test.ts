import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const { dependencies, optionalDependencies, bundleDependencies } = JSON.parse(
  readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'),
) as {
  readonly dependencies: object;
  readonly optionalDependencies: object;
  readonly bundleDependencies: readonly string[];
};

it('what npm pack makes holds every package that the program may need, so that it installs without a network', () => {
  const needed = [...Object.keys(dependencies), ...Object.keys(optionalDependencies)];
  expect([...bundleDependencies].sort()).toEqual(needed.sort());
});
