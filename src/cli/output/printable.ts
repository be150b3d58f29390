/**
 * Text that can't steer a terminal: file names and settings are printed, and may hold escape sequences. Line feeds stay.
 */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (char) =>
    char === '\n' ? char : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
