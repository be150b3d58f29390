import {
  type Chunk,
  type Input,
  type InputDamage,
  InputError,
  type InputInfo,
  type Inspection,
} from '../../core/input.js';

/** What was named, or found, but can't be read at all: known before anything is opened. */
export class DamagedInput implements Input {
  readonly info: InputInfo;
  readonly #damage: InputDamage;
  #inspected = false;

  constructor(path: string, damage: InputDamage) {
    this.info = { path, size: undefined };
    this.#damage = damage;
  }

  sha256(): undefined {}

  async inspect(): Promise<Inspection> {
    this.#inspected = true;
    return { sha256: undefined, intactBytes: 0, damage: this.#damage };
  }

  /** Gives nothing. @throws {InputError} if it was not inspected */
  // biome-ignore lint/correctness/useYield: there is nothing to yield
  async *read(): AsyncGenerator<Chunk, void, undefined> {
    if (!this.#inspected) throw new InputError(this.#damage);
  }
}
