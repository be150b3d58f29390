import { stat } from 'node:fs/promises';
import type { Input } from '../../core/input.js';
import { FileInput } from './file-input.js';
import { RemoteInput } from './remote/remote-input.js';

/**
 * Parts the inputs into those that are old enough and the paths of the others: regular files and S3 objects
 * that were written to less than `leastAgeMs` ago. What can't be looked at is old enough: reading it will say why.
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
    const modifiedMs = await modifiedMsOf(input);
    if (modifiedMs !== undefined && nowMs - modifiedMs < leastAgeMs) young.push(input.info.path);
    else old.push(input);
  }
  return { old, young };
}

async function modifiedMsOf(input: Input): Promise<number | undefined> {
  if (input instanceof RemoteInput) return input.info.modifiedMs;
  if (!(input instanceof FileInput)) return undefined;
  const found = await stat(input.info.path).catch(() => undefined);
  return found?.isFile() ? found.mtimeMs : undefined;
}
