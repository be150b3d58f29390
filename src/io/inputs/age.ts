import { stat } from 'node:fs/promises';
import type { Input } from '../../core/input.js';
import { FileInput } from './file-input.js';

/**
 * Parts the inputs into those that are old enough and the paths of the others: regular files that were written to less
 * than `leastAgeMs` ago. What can't be looked at is old enough: reading it will say why.
 */
export async function oldEnough(
  inputs: readonly Input[],
  leastAgeMs: number,
  nowMs: number,
): Promise<{ readonly old: readonly Input[]; readonly young: readonly string[] }> {
  if (leastAgeMs === 0) return { old: inputs, young: [] };
  const old: Input[] = [];
  const young: string[] = [];
  for (const input of inputs) {
    const found = input instanceof FileInput ? await stat(input.info.path).catch(() => undefined) : undefined;
    if (found?.isFile() && nowMs - found.mtimeMs < leastAgeMs) young.push(input.info.path);
    else old.push(input);
  }
  return { old, young };
}
