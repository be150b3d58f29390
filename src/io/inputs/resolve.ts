import { stat } from 'node:fs/promises';
import { normalize } from 'node:path';
import type { Readable } from 'node:stream';
import type { Input } from '../../core/input.js';
import { unreadable } from './damage.js';
import { DamagedInput } from './damaged-input.js';
import { FileInput } from './file-input.js';
import { WHOLE_FOLDER } from './folder.js';
import { parseGlob } from './glob.js';
import type { LeftOut } from './left-out.js';
import { RemoteInput, type SpoolSettings } from './remote/remote-input.js';
import { findObjects } from './s3/find-objects.js';
import { isS3 } from './s3/s3-address.js';
import { type S3Settings, S3Store } from './s3/s3-store.js';
import { StreamInput } from './stream-input.js';
import { isAllowed, shownAddress } from './url/address.js';
import { type DownloadSettings, download } from './url/download.js';
import { notHttps } from './url/url-damage.js';
import { NamedPaths, type Selection, walk } from './walk.js';

export interface ResolveOptions {
  /** What `-` stands for. */
  readonly stdin: Readable;
  /** Paths of files and folders that options name: never inputs, unless an argument names them itself. */
  readonly named?: readonly string[];
  /** How https and S3 addresses are read; without it none is. */
  readonly remote?: RemoteSettings;
}

export interface RemoteSettings extends DownloadSettings, S3Settings, SpoolSettings {}

export interface ResolvedInputs {
  /** In the order in which they are to be read. A file that is named twice is there twice. */
  readonly inputs: readonly Input[];
  readonly leftOut: readonly LeftOut[];
  /** For each argument in which no input was found: what was looked for, and where. */
  readonly unmatched: readonly string[];
}

/**
 * Finds the inputs that a command line names: paths, folders, glob patterns, `-` and addresses. Opens none of them; of
 * files and S3 objects it looks up what there is. What is missing or can't be looked at is an input too: its inspection
 * says so, and the run goes on with the next. @throws {S3Missing} when the SDK that S3 needs is not installed
 */
export async function resolveInputs(args: readonly string[], options: ResolveOptions): Promise<ResolvedInputs> {
  const { remote } = options;
  const store = remote === undefined ? undefined : new S3Store(remote);
  const named = await NamedPaths.of(options.named ?? []);
  const inputs: Input[] = [];
  const leftOut: LeftOut[] = [];
  const unmatched: string[] = [];

  const addBelow = async (folder: string, selection: Selection, whenNone: string) => {
    const before = inputs.length;
    for await (const found of walk(folder, selection, named)) {
      if (found.kind === 'file') inputs.push(new FileInput({ path: found.path, size: found.size }));
      else if (found.kind === 'left_out') leftOut.push({ path: found.path, reason: found.reason });
      else inputs.push(new DamagedInput(found.path, unreadable(found.path, found.code)));
    }
    if (inputs.length === before) unmatched.push(whenNone);
  };

  const addObjects = async (argument: string, settings: SpoolSettings, from: S3Store) => {
    const found = await findObjects(argument, from, settings);
    inputs.push(...found.inputs);
    leftOut.push(...found.leftOut);
    if (found.inputs.length === 0) unmatched.push(`No input in ${argument}: ${NO_KEY}.`);
  };

  for (const argument of args) {
    if (argument === '-') inputs.push(standardInput(options.stdin, inputs));
    else if (isS3(argument) && remote !== undefined) await addObjects(argument, remote, store!);
    else if (isUrl(argument)) inputs.push(urlInput(argument, remote));
    else {
      const existing = await kindOf(argument);
      const glob = existing === undefined ? parseGlob(argument) : undefined;
      if (existing?.isFolder) await addBelow(argument, WHOLE_FOLDER, `No input in ${argument}: ${NAMES_LOOKED_FOR}.`);
      else if (glob === undefined) inputs.push(new FileInput({ path: argument, size: existing?.size }));
      else if ((await kindOf(glob.folder))?.isFolder) {
        await addBelow(glob.folder, glob.selection, `No file matches ${argument}.`);
      } else unmatched.push(`No file matches ${argument}: there is no folder ${normalize(glob.folder)}.`);
    }
  }
  return { inputs, leftOut, unmatched };
}

const NAMES_LOOKED_FOR = 'no file in it ends in .jsonl, .ndjson, .json (or one of these with .gz), or .zip';
const NO_KEY =
  'no key behind it ends in .jsonl, .ndjson, .json (or one of these with .gz), or .zip, or matches the pattern';

function standardInput(stdin: Readable, before: readonly Input[]): Input {
  if (!before.some((input) => input instanceof StreamInput)) return new StreamInput(stdin);
  const message = 'Standard input (-) is named twice, but can be read only once. Name it once.';
  return new DamagedInput('-', { code: 'unreadable', message });
}

function isUrl(argument: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(argument);
}

function urlInput(argument: string, settings: RemoteSettings | undefined): Input {
  const shown = shownAddress(argument);
  const url = URL.canParse(argument) ? new URL(argument) : undefined;
  if (settings === undefined || url === undefined || !isAllowed(url)) return new DamagedInput(shown, notHttps(shown));
  const ask = (signal: AbortSignal) => download(argument, shown, settings, signal);
  return new RemoteInput({ path: shown, size: undefined }, ask, settings);
}

/** Undefined when nothing can be found out: opening it will say why. */
async function kindOf(path: string): Promise<{ isFolder: boolean; size: number | undefined } | undefined> {
  try {
    const stats = await stat(path);
    return { isFolder: stats.isDirectory(), size: stats.isFile() ? stats.size : undefined };
  } catch {
    return undefined;
  }
}
