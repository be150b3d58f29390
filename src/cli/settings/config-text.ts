/** One member of a config file's object. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: unknown;
  /** The line on which the key stands, from 1. */
  readonly line: number;
}

/** The text is not a JSON object. `what` says what is wrong on `line`. */
export class ConfigTextError extends Error {
  override readonly name = 'ConfigTextError';
  readonly line: number;
  constructor(line: number, what: string) {
    super(what);
    this.line = line;
  }
}

/**
 * Reads the text of a config file: one JSON object. Keeps the line of every key, and keys that stand there twice, both of
 * which JSON.parse loses.
 * @throws {ConfigTextError}
 */
export function parseConfigText(text: string): readonly ConfigEntry[] {
  return new ConfigReader(text.replace(/^\uFEFF/, '')).object();
}

const SPACE = /[ \t\r\n]*/y;
// Which characters a string may hold is for JSON.parse to judge.
const STRING = /"(?:[^"\\\r\n]|\\.)*"/y;
const SCALAR = /[-+.\w]+/y;

class ConfigReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  object(): readonly ConfigEntry[] {
    const entries: ConfigEntry[] = [];
    this.#expect('{', "expected '{' at the beginning");
    if (!this.#next('}')) {
      do {
        this.#skipSpace();
        const line = this.#line();
        const key = this.#json(this.#take(STRING), 'expected a key in double quotes');
        this.#expect(':', "expected ':' after the key");
        entries.push({ key: String(key), value: this.#value(), line });
      } while (this.#next(','));
      this.#expect('}', "expected ',' or '}'");
    }
    this.#skipSpace();
    if (this.#at < this.#text.length) {
      throw this.#error('text after the closing brace');
    }
    return entries;
  }

  #value(): unknown {
    this.#skipSpace();
    const start = this.#at;
    if (this.#take(STRING) === undefined && this.#take(SCALAR) === undefined) {
      this.#skipBrackets();
    }
    const text = this.#text.slice(start, this.#at);
    return this.#json(text === '' ? undefined : text, 'expected a value');
  }

  /** Passes over an array or object to its closing bracket; JSON.parse then judges it. */
  #skipBrackets(): void {
    let depth = 0;
    do {
      this.#skipSpace();
      const char = this.#text[this.#at];
      if (char === undefined || (depth === 0 && char !== '[' && char !== '{')) {
        return;
      }
      if (this.#take(STRING) === undefined) {
        depth += char === '[' || char === '{' ? 1 : char === ']' || char === '}' ? -1 : 0;
        this.#at++;
      }
    } while (depth > 0);
  }

  #json(text: string | undefined, otherwise: string): unknown {
    if (text === undefined) {
      throw this.#error(otherwise);
    }
    try {
      return JSON.parse(text);
    } catch {
      throw this.#error(otherwise);
    }
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #skipSpace(): void {
    this.#take(SPACE);
  }

  #next(char: string): boolean {
    this.#skipSpace();
    const found = this.#text[this.#at] === char;
    this.#at += found ? 1 : 0;
    return found;
  }

  #expect(char: string, otherwise: string): void {
    if (!this.#next(char)) {
      throw this.#error(otherwise);
    }
  }

  #line(): number {
    return this.#text.slice(0, this.#at).split('\n').length;
  }

  #error(what: string): ConfigTextError {
    return new ConfigTextError(this.#line(), what);
  }
}
