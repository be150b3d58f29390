/** Whose ledger the benchmarks fill, and an id that stands in it. */
export const BENCH_DESTINATION = { target: 'didomi', address: 'http://127.0.0.1/v1', organization: 'bench' };
export const KNOWN_ID = 'an-id-that-is-known';
