import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What the pages call the user's home, and the port of a sandbox. */
const SHOWN_HOME = '/home/me';
const SHOWN_PORT = '8642';
const END = '@@@';

/**
 * Types the commands of a page into a shell, as its reader would: in a folder with the fixtures, with an empty home, and
 * with `consent-import` installed.
 */
export class Session {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'consent-import-readme-')));
  readonly #home = join(this.#folder, 'home');
  readonly cwd = join(this.#home, 'imports');
  readonly #port: string;
  readonly #background: ChildProcess[] = [];

  private constructor(port: string) {
    this.#port = port;
    mkdirSync(this.cwd, { recursive: true });
    mkdirSync(join(this.#folder, 'bin'));
    symlinkSync(join(ROOT, 'fixtures'), join(this.cwd, 'fixtures'));
    symlinkSync(join(ROOT, 'bin', 'consent-import.js'), join(this.#folder, 'bin', 'consent-import'));
  }

  static async start(): Promise<Session> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    server.close();
    await once(server, 'close');
    if (address === null || typeof address === 'string') throw new Error('no port');
    return new Session(String(address.port));
  }

  async end(): Promise<void> {
    for (const process of this.#background) {
      const closed = process.exitCode === null ? once(process, 'exit') : undefined;
      process.kill('SIGTERM');
      await closed;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Puts a fixture into the current folder under another name. */
  copyFixture(name: string, as: string): void {
    copyFileSync(join(ROOT, 'fixtures', name), join(this.cwd, as));
  }

  /** The address of the sandbox that a background block started. */
  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Types commands, one after the other. Returns what each printed, on both streams, and its exit code. */
  async type(
    commands: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<readonly { readonly printed: string; readonly exitCode: number }[]> {
    // The marker leaves `$?` as the command left it.
    const mark = `__status=$?; printf '${END}%s\\n' "$__status"; (exit "$__status")`;
    const script = commands.map((command) => `${this.#real(command)}\n${mark}`).join('\n');
    const shell = spawn('/bin/sh', ['-c', `exec 2>&1\n${script}`], {
      cwd: this.cwd,
      env: { ...this.#environment(), ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    for await (const piece of shell.stdout) stdout += String(piece);
    const parts = stdout.split(new RegExp(`${END}(\\d+)\\n`));
    return commands.map((_, i) => ({
      printed: this.#shown(parts[2 * i] ?? ''),
      exitCode: Number(parts[2 * i + 1]),
    }));
  }

  /** Starts a command that goes on. Returns what it printed until it printed `last`. */
  async start(command: string, last: string): Promise<string> {
    const process = spawn('/bin/sh', ['-c', `exec ${this.#real(command)}`], {
      cwd: this.cwd,
      env: this.#environment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#background.push(process);
    let printed = '';
    for await (const piece of process.stdout) {
      printed += String(piece);
      if (printed.includes(last)) break;
    }
    return this.#shown(printed);
  }

  #environment(): Record<string, string> {
    const kept = Object.entries(process.env).filter(([name]) => !/^(CONSENT_IMPORT_|DIDOMI_|XDG_|NO_COLOR)/.test(name));
    const path = `${join(this.#folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`;
    return { ...(Object.fromEntries(kept) as Record<string, string>), HOME: this.#home, PATH: path };
  }

  #real(text: string): string {
    return text.replaceAll(SHOWN_PORT, this.#port);
  }

  #shown(text: string): string {
    return text.replaceAll(this.#home, SHOWN_HOME).replaceAll(`127.0.0.1:${this.#port}`, `127.0.0.1:${SHOWN_PORT}`);
  }
}

/** What differs from run to run, taken out: times, rates, run ids, sizes on disk, how many requests it took, and the progress that a slow run tells. */
export function withoutChance(text: string): string {
  return text
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replaceAll(/\bUTC day \d{4}-\d\d-\d\d\b/g, 'UTC day <day>')
    .replaceAll(/^( +size +)[\d.,]+ \w+$/gm, '$1<n>')
    .replaceAll(/\b\d{8}T\d{6}Z-[0-9a-f]{6}\b/g, '<run>')
    .replaceAll(/[\d.,]+ (s|min|events\/s)\b/g, '<n> $1')
    .replaceAll(/^(importing|checking inputs): .*\n/gm, '')
    .replaceAll(/[\d,]+ requests?\b(, [\d,]+ (retried|rate limited))*/g, '<n> requests');
}
