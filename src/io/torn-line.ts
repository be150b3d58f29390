import type { FileHandle } from 'node:fs/promises';

const STEP = 64 * 1024;
const LINE_FEED = 0x0a;

/**
 * Makes a file of JSON lines fit to be appended to. Where a killed process left its last line without an end, the line is
 * cut off; if it is whole all the same (the end alone is missing, as editors leave files), it gets its end.
 */
export async function mendLastLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  if (size === 0 || (await readAt(file, size - 1, 1))[0] === LINE_FEED) {
    return;
  }
  const start = await lastLineStart(file, size);
  const line = await readAt(file, start, size - start);
  if (isWhole(line)) {
    await file.appendFile('\n');
  } else {
    await file.truncate(start);
  }
}

/** The position after the last line feed. */
async function lastLineStart(file: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0; end -= STEP) {
    const from = Math.max(0, end - STEP);
    const found = (await readAt(file, from, end - from)).lastIndexOf(LINE_FEED);
    if (found !== -1) {
      return from + found + 1;
    }
  }
  return 0;
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) {
      break;
    }
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function isWhole(line: Buffer): boolean {
  try {
    JSON.parse(line.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
