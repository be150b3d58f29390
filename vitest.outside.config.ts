import { defineConfig } from 'vitest/config';

/** Tests that need more than Node.js, or take their time: each has a command of its own. `test/outside/not-run.js` lists them. */
export default defineConfig({
  test: {
    include: ['test/outside/**/*.check.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 1,
  },
});
