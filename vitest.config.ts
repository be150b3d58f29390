import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/property-seed.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Many tests wait for processes of their own: a third worker uses the cores meanwhile.
    maxWorkers: 3,
  },
});
