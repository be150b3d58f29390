import { type Input, InputError } from '../../../core/input.js';
import { DamagedInput } from '../damaged-input.js';
import { WHOLE_FOLDER } from '../folder.js';
import { parseGlob } from '../glob.js';
import type { LeftOut, LeftOutReason } from '../left-out.js';
import { comparePaths } from '../natural-order.js';
import { RemoteInput, type SpoolSettings } from '../remote/remote-input.js';
import type { Selection } from '../walk.js';
import { parseS3, type S3Address, shownS3 } from './s3-address.js';
import { noBucket } from './s3-damage.js';
import type { S3Object, S3Store } from './s3-store.js';

export interface FoundObjects {
  readonly inputs: readonly Input[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * The objects that `s3://bucket/key`, `s3://bucket/prefix/` or a glob pattern behind the bucket names. A prefix is read as
 * a folder is: in natural order, with the same names left out. What can't be listed is an input that says so.
 */
export async function findObjects(argument: string, store: S3Store, spools: SpoolSettings): Promise<FoundObjects> {
  const address = parseS3(argument);
  if (address === undefined) return { inputs: [new DamagedInput(argument, noBucket(argument))], leftOut: [] };
  const object = (found: S3Object): Input => {
    const one = { bucket: address.bucket, key: found.key };
    const info = { path: shownS3(one), size: found.size, modifiedMs: found.modifiedMs };
    return new RemoteInput(info, (signal) => store.get(one, signal), spools);
  };
  const { bucket, key } = address;
  const glob = parseGlob(key);
  if (key !== '' && !key.endsWith('/')) {
    const found = await store.look(address);
    if (found !== undefined) return { inputs: [object(found)], leftOut: [] };
    if (glob === undefined) {
      return { inputs: [object({ key, size: undefined, modifiedMs: undefined })], leftOut: [] };
    }
  }
  const folder = glob === undefined ? key : glob.folder === '.' ? '' : `${glob.folder}/`;
  const listed = store.list({ bucket, key: glob === undefined ? key : withoutWildcards(key) });
  try {
    return await choose(listed, { bucket, key: folder }, glob?.selection ?? WHOLE_FOLDER, object);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { inputs: [new DamagedInput(argument, error.damage)], leftOut: [] };
  }
}

async function choose(
  objects: AsyncIterable<S3Object>,
  prefix: S3Address,
  selection: Selection,
  object: (found: S3Object) => Input,
): Promise<FoundObjects> {
  const wanted: { readonly names: readonly string[]; readonly found: S3Object }[] = [];
  const leftOut = new Map<string, LeftOutReason>();
  for await (const found of objects) {
    const names = found.key.slice(prefix.key.length).split('/');
    // A console makes empty objects that stand for folders.
    if (names.at(-1) === '') continue;
    const chosen = select(names, selection);
    if (chosen === true) wanted.push({ names, found });
    else if (chosen !== false) leftOut.set(shownS3({ ...prefix, key: prefix.key + chosen.path }), chosen.reason);
  }
  wanted.sort((a, b) => comparePaths(a.names, b.names));
  return {
    inputs: wanted.map(({ found }) => object(found)),
    leftOut: [...leftOut].map(([path, reason]) => ({ path, reason })),
  };
}

/** What all keys that match a pattern begin with. */
function withoutWildcards(pattern: string): string {
  return /^[^*?[\](){}!+@|\\]*/.exec(pattern)![0];
}

/** Goes down the path as a walk through folders does. */
function select(names: readonly string[], selection: Selection): boolean | LeftOut {
  for (let depth = 1; depth <= names.length; depth += 1) {
    const path = names.slice(0, depth).join('/');
    const name = names[depth - 1]!;
    const answer = depth < names.length ? selection.folder(path, name, false) : selection.file(path, name);
    if (answer === false) return false;
    if (answer !== true) return { path, reason: answer };
  }
  return true;
}
