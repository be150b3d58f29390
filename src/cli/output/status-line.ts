import type { Output } from '../context.js';

const CLEAR = '\r\u001b[2K';
const UP = '\u001b[A';

/**
 * Columns that stay free: writing the last one makes some terminals begin a new line, and `^C`, which a terminal shows when
 * it is typed, would begin one too.
 */
export const FREE_COLUMNS = 3;

/** The last line of a terminal, redrawn in place, with whole lines printed above it. */
export interface StatusLine {
  /** Shows one line of text, cut to the terminal's width; '' takes it away. */
  show(text: string): void;
  /** Prints whole lines above it. */
  print(lines: string): void;
}

export function statusLine(output: Output): StatusLine {
  let shown = '';
  /** Takes away what is shown. A terminal that was made narrower meanwhile has broken it into several lines. */
  const clear = (): string => {
    const rows = Math.max(1, Math.ceil(shown.length / Math.max(1, output.columns())));
    return CLEAR + `${UP}${CLEAR}`.repeat(rows - 1);
  };
  const cut = (text: string): string => text.slice(0, Math.max(0, output.columns() - FREE_COLUMNS));
  return {
    show(text) {
      const next = cut(text);
      if (next !== shown) {
        output.write(`${clear()}${next}`);
        shown = next;
      }
    },
    print(lines) {
      if (shown === '') {
        output.write(lines);
        return;
      }
      const cleared = clear();
      shown = cut(shown);
      output.write(`${cleared}${lines}${shown}`);
    },
  };
}
