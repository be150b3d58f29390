import fc from 'fast-check';

/*
 * `npm test` tries the same cases each time, so that a red run is the change's fault and not the lot's. A search for
 * more, with PROPERTY_RUNS or FUZZ_RUNS set, draws its own seed, which fast-check prints when a property fails;
 * PROPERTY_SEED plays one again.
 */
const { PROPERTY_SEED, PROPERTY_RUNS, FUZZ_RUNS } = process.env;
const isSearch = PROPERTY_RUNS !== undefined || FUZZ_RUNS !== undefined;
if (PROPERTY_SEED !== undefined) fc.configureGlobal({ seed: Number(PROPERTY_SEED) });
else if (!isSearch) fc.configureGlobal({ seed: 20_261_126 });
