/** A command that can be typed into a shell: every argument quoted where it must be. */
export function commandLine(program: string, args: readonly string[]): string {
  return [program, ...args.map(shellWord)].join(' ');
}

/** One argument for a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
