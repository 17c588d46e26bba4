import { defineConfig } from 'vitest/config'

const project = (name: string, testTimeout: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.{ts,tsx}`],
    testTimeout,
    hookTimeout: testTimeout,
    // A second, the default, is not enough on a busy machine.
    expect: { poll: { timeout: testTimeout / 2 } },
  },
})

export default defineConfig({
  test: {
    // Two cores: more workers than that only make every timing noisy.
    maxWorkers: 2,
    projects: [
      project('unit', 10_000),
      project('engine', 60_000),
      project('vision', 120_000),
      project('e2e', 240_000),
    ],
  },
})
