import type { Output } from '../context.js';

const CLEAR = '\r\u001b[2K';

/** The last line of a terminal, redrawn in place, with whole lines printed above it. */
export interface StatusLine {
  /** Shows one line of text, cut to the terminal's width; '' takes it away. */
  show(text: string): void;
  /** Prints whole lines above it. */
  print(lines: string): void;
}

export function statusLine(output: Output): StatusLine {
  let shown = '';
  return {
    show(text) {
      // The last column stays free: writing it makes some terminals begin a new line.
      const next = text.slice(0, Math.max(0, output.columns() - 1));
      if (next !== shown) {
        output.write(`${CLEAR}${next}`);
        shown = next;
      }
    },
    print(lines) {
      output.write(shown === '' ? lines : `${CLEAR}${lines}${shown}`);
    },
  };
}
