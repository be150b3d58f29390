import { platform } from 'node:os';

/** A command that can be typed into a shell: every argument quoted where it must be. */
export function commandLine(program: string, args: readonly string[], system = platform()): string {
  const word = system === 'win32' ? windowsWord : shellWord;
  return [program, ...args.map(word)].join(' ');
}

/** One argument for a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** One argument for cmd.exe and PowerShell, which know no single quotes, or another meaning of them. */
function windowsWord(text: string): string {
  return /^[\w@+:,.\\/-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}
