import { spawnSync } from 'node:child_process'

/** Ids of the children of a process whose command line has `word` in it. POSIX only. */
export function childrenOf(parent: number, word: string): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  return stdout.split('\n').flatMap((line) => {
    const [, pid, ppid, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return Number(ppid) === parent && command.includes(word) ? [Number(pid)] : []
  })
}
