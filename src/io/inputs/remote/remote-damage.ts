import type { InputDamage } from '../../../core/input.js';
import { AGAIN, count, NOT_TWICE } from '../damage.js';

export function unreachable(shown: string, code: string | undefined): InputDamage {
  const message = `${shown} can't be read: the server can't be reached (${code ?? 'no code'}). Check the address and the network, then run again.`;
  return { code: 'unreadable', message };
}

export function brokenOff(shown: string, received: number, size: number | undefined): InputDamage {
  const of = size === undefined ? '' : ` of ${count(size)}`;
  return {
    code: 'cut_off',
    message: `${shown} broke off after ${count(received)}${of} bytes. ${AGAIN}; ${NOT_TWICE}.`,
  };
}
