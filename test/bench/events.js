import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip, gzipSync } from 'node:zlib';

const FOLDER = join(tmpdir(), 'consent-import-bench');

/**
 * A gzip file of Didomi events of about 234 bytes, made once and kept in the system's folder for temporary files.
 * @param {number} count
 * @param {{subjects?: number, padding?: number}} [options] how many different people (all different by default), and
 *   bytes of padding in each event
 * @returns {Promise<string>} its path
 */
export async function eventsFile(count, { subjects = count, padding = 0 } = {}) {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `events-${count}-${subjects}-${padding}.jsonl.gz`);
  if (existsSync(path)) return path;
  const gzip = createGzip();
  const file = gzip.pipe(createWriteStream(`${path}.part`));
  let lines = '';
  for (let i = 0; i < count; i += 1) {
    lines += `${JSON.stringify(event(i, subjects, padding))}\n`;
    if (lines.length < 256 * 1024) continue;
    if (!gzip.write(lines)) await once(gzip, 'drain');
    lines = '';
  }
  gzip.end(lines);
  await once(file, 'finish');
  renameSync(`${path}.part`, path);
  return path;
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
    ...(padding > 0 ? { metadata: { padding: 'x'.repeat(padding) } } : {}),
  };
}
