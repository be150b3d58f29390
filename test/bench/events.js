import { randomBytes, randomUUID } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw, createGzip, gzipSync } from 'node:zlib';
import { zip } from '../../fixtures/kinds/zip.js';

const FOLDER = join(tmpdir(), 'consent-import-bench');

/**
 * A file of Didomi events of about 234 bytes, made once and kept in the system's folder for temporary files.
 * @param {number} count
 * @param {{subjects?: number, padding?: number, kind?: 'gzip' | 'members' | 'array' | 'zip' | 'deflate64'}} [options] how
 *   many different people (all different by default), bytes of padding in each event, and the kind of file: gzip by
 *   default, with a member for every 256 KiB, a plain JSON array, a zip archive
 * @returns {Promise<string>} its path
 */
export async function eventsFile(count, { subjects = count, padding = 0, kind = 'gzip' } = {}) {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `events-${count}-${subjects}-${padding}${NAMES[kind]}`);
  if (existsSync(path)) return path;
  await pipeline(WRITERS[kind](pieces(count, subjects, padding)), createWriteStream(`${path}.part`));
  renameSync(`${path}.part`, path);
  return path;
}

const NAMES = {
  gzip: '.jsonl.gz',
  members: '-members.jsonl.gz',
  array: '.json',
  zip: '.zip',
  deflate64: '-deflate64.zip',
};

/** The events as lines, in pieces of 256 KiB. */
function* pieces(count, subjects, padding) {
  let lines = '';
  for (let i = 0; i < count; i += 1) {
    lines += `${JSON.stringify(event(i, subjects, padding))}\n`;
    if (lines.length < 256 * 1024) continue;
    yield lines;
    lines = '';
  }
  yield lines;
}

const WRITERS = {
  gzip: (texts) => Readable.from(texts).pipe(createGzip()),
  *members(texts) {
    for (const text of texts) yield gzipSync(text);
  },
  *array(texts) {
    let before = '[';
    for (const text of texts) {
      if (text === '') continue;
      yield before + text.slice(0, -1).replaceAll('\n', ',\n');
      before = ',\n';
    }
    yield ']\n';
  },
  zip: (texts) => archive(texts, 8),
  // Deflate without matches of 258 bytes, of which these events have none, is Deflate64 as well.
  deflate64: (texts) => archive(texts, 9),
};

async function* archive(texts, method) {
  let crc = 0;
  let size = 0;
  const told = function* () {
    for (const text of texts) {
      crc = crc32(text, crc);
      size += Buffer.byteLength(text);
      yield text;
    }
  };
  const parts = [];
  for await (const part of Readable.from(told()).pipe(createDeflateRaw())) parts.push(part);
  yield zip([{ name: 'events.jsonl', method, data: Buffer.concat(parts), crc, size }]);
}

/**
 * A folder with the same events in many files.
 * @param {number} count of all of them
 * @param {number} files
 * @returns {Promise<string>} its path
 */
export async function eventsFolder(count, files) {
  const folder = join(FOLDER, `events-${count}-in-${files}`);
  if (existsSync(folder)) return folder;
  mkdirSync(`${folder}.part`, { recursive: true });
  const each = count / files;
  for (let file = 0; file < files; file += 1) {
    const lines = Array.from({ length: each }, (_, i) => `${JSON.stringify(event(file * each + i, count, 0))}\n`);
    writeFileSync(join(`${folder}.part`, `part-${file}.jsonl.gz`), gzipSync(lines.join('')));
  }
  renameSync(`${folder}.part`, folder);
  return folder;
}

function event(i, subjects, padding) {
  return {
    id: randomUUID(),
    created_at: new Date(1_590_000_000_000 + i * 1_000).toISOString().replace('.000', ''),
    user: { organization_user_id: `user${i % subjects}@domain.example`, metadata: { custom_key: 'value' } },
    consents: { purposes: [{ id: 'purpose_id', enabled: i % 3 !== 0 }] },
    ...(padding > 0 ? { metadata: { padding: randomBytes(padding / 2).toString('hex') } } : {}),
  };
}
