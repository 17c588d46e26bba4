import { availableParallelism } from 'node:os'

/** Threads of libuv beyond one for each core: they wait for disks while the others decode. */
const WAITING_THREADS = 4

/** What the vision process is started with, whoever starts it. */
export const visionEnvironment = (): NodeJS.ProcessEnv => ({
  // Linux's malloc keeps a heap for each thread, and what decoders free in one, others do not get:
  // 455 MB after 500 batches, with two heaps 312 MB (measured; those who set it know better).
  MALLOC_ARENA_MAX: '2',
  ...process.env,
  UV_THREADPOOL_SIZE: String(availableParallelism() + WAITING_THREADS),
})
