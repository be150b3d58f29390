import type { CommandName } from '../option-spec.js';

/** Short names for what the rows of the table repeat. */
export const FLAG = { type: 'flag' } as const;
export const PATH = { type: 'path' } as const;
export const TEXT = { type: 'text' } as const;
export const STRING = { type: 'string' } as const;
export const IMPORT = ['import'] as const satisfies readonly CommandName[];
export const BOTH = ['import', 'validate'] as const satisfies readonly CommandName[];
/** What reads the inputs of an import once more. */
export const RECALL = ['verify', 'undo'] as const satisfies readonly CommandName[];
export const VERIFY = ['verify'] as const satisfies readonly CommandName[];
export const UNDO = ['undo'] as const satisfies readonly CommandName[];
export const LEDGER = ['ledger', 'resolve', 'check'] as const satisfies readonly CommandName[];
/** What reads inputs once more, to look their records up. */
export const REREAD = ['resolve', 'check'] as const satisfies readonly CommandName[];
export const RESOLVE = ['resolve'] as const satisfies readonly CommandName[];
export const SANDBOX = ['sandbox'] as const satisfies readonly CommandName[];
